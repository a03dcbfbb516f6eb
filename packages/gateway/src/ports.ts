import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type ServerOptions, type ServerResponse, STATUS_CODES } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AnySeriesError } from '@anyseries/core';
import { invalid, show } from '@anyseries/core/provider';
import type { Filled, Limits, Timeouts, TlsConfiguration } from './configuration.ts';
import type { Listener } from './listener.ts';
import type { Metrics } from './metrics.ts';

/** A port to open. */
export interface Port {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly listener: Listener;
  /** The protocol that it is bound to, if it is. */
  readonly protocol?: string;
}

/** An open port. */
export interface Listening {
  readonly url: string;
  readonly port: number;
  /** Accepts no more connections; resolves when the last one has ended. */
  refuse(): Promise<void>;
  /** Ends all connections. */
  end(): void;
}

export interface PortSettings {
  readonly limits: Filled<Limits>;
  readonly timeouts: Filled<Timeouts>;
  readonly tls: TlsConfiguration | undefined;
  readonly metrics: Metrics;
}

/** Opens a port. @throws AnySeriesError `conflict` where another program has it, `invalid` where there is no such address or certificate */
export async function openPort({ host, port, tls, listener }: Port, settings: PortSettings): Promise<Listening> {
  const options = { ...serverOptions(settings), shouldUpgradeCallback: listener.takesUpgrade };
  const server = tls ? createHttps(options, settings) : createServer(options);
  const upgraded = new Set<Duplex>();
  server.on('request', listener.request).on('checkContinue', listener.request).on('checkExpectation', listener.request);
  if (listener.hasUpgrades) {
    server.on('upgrade', (incoming, socket, head) => {
      upgraded.add(socket);
      socket.once('close', () => upgraded.delete(socket));
      listener.upgrade(incoming, socket, head);
    });
  }
  guard(server, settings);
  server.listen(port, host);
  await once(server, 'listening').catch((error) => {
    throw listenError(error, host, port);
  });
  const { address, family, port: opened } = server.address() as AddressInfo;
  const name = family === 'IPv6' ? `[${address === '::' ? '::1' : address}]` : address === '0.0.0.0' ? '127.0.0.1' : address;
  return {
    url: `${tls ? 'https' : 'http'}://${name}:${opened}`,
    port: opened,
    // the HTTP server's own `close` cuts off answers that are still on their way
    refuse: () => new Promise((resolve) => NetServer.prototype.close.call(server, () => resolve())),
    end() {
      server.close();
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
    },
  };
}

function serverOptions({ limits, timeouts }: PortSettings): ServerOptions {
  const { headersMs, requestMs, keepAliveMs } = timeouts;
  return {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: Math.min(headersMs, requestMs),
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: Math.max(10, Math.min(headersMs, requestMs, 4000) / 4),
    // Node's own refusal is framed as chunked
    requireHostHeader: false,
  };
}

function guard(server: Server, { limits, timeouts, metrics }: PortSettings): void {
  server.maxConnections = limits.connections;
  // nothing moves while an answer is being made
  server.setTimeout(timeouts.handlingMs + timeouts.idleMs);
  server.on('connection', (socket) => {
    metrics.connection(1);
    socket.once('close', () => metrics.connection(-1));
  });
  server.on('drop', () => metrics.refused('connections'));
  server.on('tlsClientError', () => metrics.refused('tls'));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const status = statusOf(error.code ?? '');
    if (status === undefined || !socket.writable) return void socket.destroy();
    metrics.refused(String(status));
    const answering = (socket as { _httpMessage?: ServerResponse })._httpMessage;
    if (answering?.req.complete) {
      // what is wrong comes after a whole request, whose answer still counts
      answering.shouldKeepAlive = false;
      answering.once('close', () => socket.destroySoon());
    } else if (answering?.headersSent) socket.destroy();
    else socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
}

/** The status for what Node's parser and timers refuse; nothing for a connection that broke. */
function statusOf(code: string): number | undefined {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return 413;
  return code.startsWith('HPE_') ? 400 : undefined;
}

function createHttps(options: ServerOptions, { tls, timeouts }: PortSettings): Server {
  if (tls === undefined) throw invalid('tls', 'is missing: a listener speaks TLS, and there is no certificate');
  const pair = { cert: pem(tls.cert, 'tls.cert'), key: pem(tls.key, 'tls.key') };
  try {
    return createTlsServer({ ...options, ...pair, handshakeTimeout: timeouts.headersMs });
  } catch (error) {
    throw invalid('tls', `cert and key are no certificate in PEM with its key (${(error as NodeJS.ErrnoException).code})`);
  }
}

function pem(textOrFile: string, field: string): string {
  if (textOrFile.includes('-----BEGIN')) return textOrFile;
  try {
    return readFileSync(textOrFile, 'utf8');
  } catch (error) {
    throw invalid(field, `${show(textOrFile)} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): AnySeriesError {
  if (error.code === 'EADDRINUSE')
    return new AnySeriesError('conflict', `port ${port} of ${host} is taken: choose another`, { cause: error });
  if (error.code === 'EACCES')
    return new AnySeriesError('forbidden', `port ${port} is not for this user: take one above 1023, or see the manual`, { cause: error });
  return new AnySeriesError('invalid', `cannot listen at ${host} (${error.code})`, { cause: error });
}
