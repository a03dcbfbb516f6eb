import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { type Message, parseMessage } from './message.ts';

/** A server that answers with given bytes, whatever it is asked, and keeps what came. */
export interface RawServer {
  readonly url: string;
  /** Every request, in order. */
  readonly requests: readonly Message[];
  close(): Promise<void>;
}

/** @param answers the bytes for the first request, the second, ...; whoever asks more often is hung up on */
export async function startRawServer(answers: readonly Buffer[]): Promise<RawServer> {
  const requests: Message[] = [];
  const sockets = new Set<Socket>();

  const server = createServer((socket) => {
    let arrived = Buffer.alloc(0);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      arrived = Buffer.concat([arrived, bytes]);
      for (let found = parseMessage(arrived, { kind: 'request', ended: false }); found; ) {
        arrived = Buffer.from(found.rest);
        const answer = answers[requests.length];
        requests.push(found.message);
        if (answer === undefined) socket.destroy();
        else socket.write(answer);
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
