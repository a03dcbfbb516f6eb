import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { type Message, parseMessage } from './message.ts';

/** A server that answers with given bytes, and keeps what came. */
export interface RawServer {
  readonly url: string;
  /** Every request, in order. */
  readonly requests: readonly Message[];
  close(): Promise<void>;
}

/** @param answer the bytes for a request, the first with the index 0; without any, the connection is cut */
export async function startRawServer(answer: (request: Message, index: number) => Buffer | undefined): Promise<RawServer> {
  const requests: Message[] = [];
  const sockets = new Set<Socket>();

  const server = createServer((socket) => {
    let arrived = Buffer.alloc(0);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      arrived = Buffer.concat([arrived, chunk]);
      for (let found = parseMessage(arrived, { kind: 'request', ended: false }); found; ) {
        arrived = Buffer.from(found.rest);
        const bytes = answer(found.message, requests.push(found.message) - 1);
        if (bytes === undefined) socket.destroy();
        else socket.write(bytes);
        found = parseMessage(arrived, { kind: 'request', ended: false });
      }
    });
  });

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
