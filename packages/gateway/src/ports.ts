import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { AnySeriesError } from '@anyseries/core';
import { invalid, show } from '@anyseries/core/provider';
import type { Limits, Timeouts, TlsConfiguration } from './configuration.ts';
import type { Listener } from './listener.ts';
import type { Metrics } from './metrics.ts';

/** A port to open. */
export interface Port {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly listener: Listener;
}

/** An open port. */
export interface Listening {
  readonly url: string;
  readonly port: number;
  /** Accepts nothing more; resolves when the last connection has ended. */
  stop(): Promise<void>;
  /** Ends all connections. */
  abandon(): void;
}

export interface PortSettings {
  readonly limits: Required<Limits>;
  readonly timeouts: Required<Timeouts>;
  readonly tls: TlsConfiguration | undefined;
  readonly metrics: Metrics;
}

/** Opens a port. @throws AnySeriesError `conflict` where another program has it, `invalid` where there is no such address or certificate */
export async function openPort({ host, port, tls, listener }: Port, settings: PortSettings): Promise<Listening> {
  const server = tls ? createTlsServer({ ...serverOptions(settings), ...certificate(settings.tls) }) : createServer(serverOptions(settings));
  server.on('request', listener).on('checkContinue', listener);
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
    stop: () => new Promise((resolve) => server.close(() => resolve())),
    abandon: () => server.closeAllConnections(),
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
  server.setTimeout(timeouts.idleMs);
  server.on('connection', (socket) => {
    metrics.connection(1);
    socket.once('close', () => metrics.connection(-1));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const status = statuses[error.code ?? ''] ?? 400;
    metrics.refused(status);
    const answering = (socket as { _httpMessage?: { headersSent: boolean } })._httpMessage;
    if (!socket.writable || error.code === 'ECONNRESET' || answering?.headersSent) return void socket.destroy();
    socket.end(`HTTP/1.1 ${status} ${reasons[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
}

const statuses: Readonly<Record<string, number>> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 };
const reasons: Readonly<Record<number, string>> = { 400: 'Bad Request', 408: 'Request Timeout', 431: 'Request Header Fields Too Large' };

function certificate(tls: TlsConfiguration | undefined): { cert: string; key: string } {
  if (tls === undefined) throw invalid('tls', 'a listener speaks TLS, and there is no certificate');
  return { cert: pem(tls.cert, 'tls.cert'), key: pem(tls.key, 'tls.key') };
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
  if (error.code === 'EADDRINUSE') return new AnySeriesError('conflict', `port ${port} of ${host} is taken: choose another`, { cause: error });
  if (error.code === 'EACCES')
    return new AnySeriesError('forbidden', `port ${port} is not for this user: take one above 1023, or see the manual`, { cause: error });
  return new AnySeriesError('invalid', `cannot listen at ${host} (${error.code})`, { cause: error });
}
