import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Message, parseMessage } from './message.ts';
import { headerOf } from './vector.ts';

/** A connection to a server, one request after another over one socket as long as both sides keep it open. */
export interface RawClient {
  /** @throws Error where no complete answer comes, or more than one */
  exchange(request: Buffer): Promise<Message>;
  close(): void;
}

/** @param url `https:` is spoken to without a look at the certificate, which is one for tests. @param patienceMs how long an answer may take in real time, so that a server that never answers fails one vector and hangs nothing */
export function createRawClient(url: string, patienceMs = 5000): RawClient {
  const { protocol, hostname, port } = new URL(url);
  let open: RawSocket | undefined;

  return {
    async exchange(request) {
      if (open?.ended) open = undefined;
      open ??= openSocket(protocol, hostname, Number(port), patienceMs);
      const socket = open;
      try {
        if (socket.arrived.length > 0) throw new Error(`nobody asked for ${quote(socket.arrived)}`);
        const [method = '', , version = ''] = request.toString('latin1', 0, request.indexOf('\r\n')).split(' ');
        socket.write(request);
        const found = await socket.until((bytes, ended) => parseMessage(bytes, { kind: 'response', method, ended }));
        socket.arrived = found.rest;
        if (socket.arrived.length > 0) throw new Error(`behind the answer comes ${quote(socket.arrived)}`);
        const { message } = found;
        if (version === 'HTTP/1.0' || headerOf(message.headers, 'connection')?.toLowerCase() === 'close') {
          await socket.until((_, ended) => ended || undefined);
        }
        return message;
      } catch (error) {
        socket.destroy();
        open = undefined;
        throw error;
      }
    },
    close() {
      open?.destroy();
    },
  };
}

interface RawSocket {
  arrived: Buffer;
  readonly ended: boolean;
  write(bytes: Buffer): void;
  /** Waits until what has arrived gives an answer. */
  until<T>(read: (arrived: Buffer, ended: boolean) => T | undefined): Promise<T>;
  destroy(): void;
}

function openSocket(protocol: string, host: string, port: number, patienceMs: number): RawSocket {
  const socket: Socket =
    protocol === 'https:' ? connectTls({ host, port, rejectUnauthorized: false }) : connect({ host, port, noDelay: true });
  let ended = false;
  let isLate = false;
  let wake = () => {};
  const end = () => {
    ended = true;
    wake();
  };
  socket.on('data', (bytes) => {
    raw.arrived = Buffer.concat([raw.arrived, bytes]);
    wake();
  });
  socket.on('end', end).on('close', end).on('error', end);

  const raw: RawSocket = {
    arrived: Buffer.alloc(0),
    get ended() {
      return ended;
    },
    write: (bytes) => socket.write(bytes),
    async until(read) {
      const late = setTimeout(() => {
        isLate = true;
        wake();
      }, patienceMs);
      try {
        for (;;) {
          const found = read(raw.arrived, ended);
          if (found !== undefined) return found;
          if (ended) throw new Error(`the connection ended after ${quote(raw.arrived)}`);
          if (isLate) throw new Error(`after ${quote(raw.arrived)} nothing more came for ${patienceMs} ms`);
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      } finally {
        clearTimeout(late);
      }
    },
    destroy: () => socket.destroy(),
  };
  return raw;
}

function quote(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1', 0, 500));
}
