import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

/** A connection on which bytes are sent as they are. */
export interface RawConnection {
  readonly socket: Socket;
  send(bytes: string | Uint8Array): void;
  /** Everything that has arrived, once it matches; fails if the other side closes first. */
  until(pattern: RegExp): Promise<string>;
  /** Everything that arrives until the other side closes. */
  toEnd(): Promise<string>;
}

export async function open(url: string, tls?: ConnectionOptions): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = tls === undefined ? connect(Number(port), hostname) : connectTls({ ...tls, host: hostname, port: Number(port) });
  let received = '';
  let ended = false;
  let news = Promise.withResolvers<void>();
  const tell = () => {
    news.resolve();
    news = Promise.withResolvers();
  };
  socket.setEncoding('latin1');
  socket.on('data', (part) => {
    received += part;
    tell();
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    ended = true;
    tell();
  });
  await once(socket, tls === undefined ? 'connect' : 'secureConnect');
  return {
    socket,
    send: (bytes) => void socket.write(bytes),
    async until(pattern) {
      while (!pattern.test(received)) {
        if (ended) throw new Error(`the connection ended; received ${JSON.stringify(received)}`);
        await news.promise;
      }
      return received;
    },
    async toEnd() {
      while (!ended) await news.promise;
      return received;
    },
  };
}

/** Sends bytes and answers everything until the server closes. */
export async function exchange(url: string, bytes: string | Uint8Array): Promise<string> {
  const connection = await open(url);
  connection.send(bytes);
  return await connection.toEnd();
}

/** A request as text: lines end in CRLF, and the body follows an empty one. */
export function message(head: string, body = ''): string {
  return `${head.trim().replace(/\n\s*/g, '\r\n')}\r\n\r\n${body}`;
}
