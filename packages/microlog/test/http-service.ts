import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Service } from './service.ts';

/** A protocol server on a port of this machine. */
export interface HttpService {
  readonly url: string;
  /** Bytes of the bodies of writes, in order. */
  readonly writes: number[];
  /** The next write is stored, and then the server dies before it answers: connections break, and nobody listens until `revive`. */
  dieAtNextWrite(): void;
  /** Resolves when it has died. */
  readonly died: Promise<void>;
  revive(): Promise<void>;
  close(): Promise<void>;
}

export async function serveHttp({ settings }: Pick<Service, 'settings'>): Promise<HttpService> {
  const writes: number[] = [];
  const death = Promise.withResolvers<void>();
  let isDoomed = false;
  let port = 0;
  let server = createServer();

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const isWrite = incoming.method === 'POST' && incoming.url === '/graphs/api/';
    if (isWrite) writes.push(body.length);
    const response = await settings.fetch(`http://127.0.0.1${incoming.url}`, {
      method: incoming.method!,
      headers: incoming.headers as Record<string, string>,
      ...(body.length > 0 ? { body } : {}),
    });
    if (isWrite && isDoomed) {
      isDoomed = false;
      await shut();
      return death.resolve();
    }
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(await response.text());
  }

  async function listen(): Promise<void> {
    server = createServer((incoming, outgoing) => void answer(incoming, outgoing).catch(() => outgoing.destroy()));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  }

  function shut(): Promise<void> {
    return new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  await listen();
  return {
    url: `http://127.0.0.1:${port}`,
    writes,
    died: death.promise,
    dieAtNextWrite() {
      isDoomed = true;
    },
    revive: listen,
    close: shut,
  };
}
