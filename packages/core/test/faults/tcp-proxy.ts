import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createRequestReader, type RequestReader } from './request-reader.ts';

/**
 * What goes wrong with one request on its way.
 *
 * - `reset-before-body` its head arrives, nothing behind it · `reset-during-body` half of its body arrives · `reset-after-body` it arrives whole,
 *   and the client's connection breaks at once
 * - `half-close` it arrives whole, and the side that answers is closed without an answer
 * - `lost-reply` it is answered, and the connection breaks instead of bringing the answer · `cut-reply` the end of the answer is missing
 * - `stale` the connection, if it was used before, turns out to be closed: what happens when a server gives up an idle one
 * - `slow-drip` everything comes, in small pieces · `black-hole` nothing comes, either way, and nothing breaks
 */
export type Fault = (typeof faults)[number];

export const faults = [
  'reset-before-body',
  'reset-during-body',
  'reset-after-body',
  'half-close',
  'lost-reply',
  'cut-reply',
  'stale',
  'slow-drip',
  'black-hole',
] as const;

/** Stands between a client and a server that speak HTTP/1.1, and passes everything on but for the faults it is told. */
export interface TcpProxy extends AsyncDisposable {
  readonly url: string;
  /** Is asked for each request, when its head has arrived. */
  fault: () => Fault | undefined;
  /** Connections that were opened so far. */
  readonly opened: number;
  /** Breaks all connections that are open now. */
  resetAll(): void;
  /** Stops listening and breaks all connections: new ones are refused. */
  down(): Promise<void>;
  /** Listens again, on the same port. */
  up(): Promise<void>;
}

const dripPieces = 8;
const dripPauseMs = 3;

export async function createTcpProxy(target: { readonly port: number }): Promise<TcpProxy> {
  const live = new Set<Socket>();
  let opened = 0;
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    opened++;
    const server = connect({ host: '127.0.0.1', port: target.port, allowHalfOpen: true, noDelay: true });
    for (const socket of [client, server]) {
      live.add(socket);
      // connections that break are what this is for
      socket.on('error', () => {});
      socket.on('close', () => live.delete(socket));
    }
    void relay(client, server, () => proxy.fault());
  });

  async function listen(port: number): Promise<number> {
    listener.listen(port, '127.0.0.1');
    await once(listener, 'listening');
    return (listener.address() as AddressInfo).port;
  }

  const port = await listen(0);
  const proxy: TcpProxy = {
    url: `http://127.0.0.1:${port}`,
    fault: () => undefined,
    get opened() {
      return opened;
    },
    resetAll() {
      for (const socket of live) socket.resetAndDestroy();
    },
    async down() {
      const closed = once(listener, 'close');
      listener.close();
      proxy.resetAll();
      await closed;
    },
    async up() {
      await listen(port);
    },
    async [Symbol.asyncDispose]() {
      if (listener.listening) await proxy.down();
    },
  };
  return proxy;
}

/** What an answer meets on its way back. */
type AnswerFault = 'swallow' | 'lose' | 'cut' | 'drip';

const answerFaults: Readonly<Partial<Record<Fault, AnswerFault>>> = {
  'reset-after-body': 'swallow',
  'half-close': 'swallow',
  'lost-reply': 'lose',
  'cut-reply': 'cut',
  'slow-drip': 'drip',
};

/** Passes requests on, one after the other, until one of the sides is gone. */
async function relay(client: Socket, server: Socket, nextFault: () => Fault | undefined): Promise<void> {
  const requests = createRequestReader(client);
  let fault: Fault | undefined;
  const answers = passAnswers(server, client, () => fault && answerFaults[fault]).catch(() => {});
  try {
    for (let count = 0; ; count++) {
      const head = await requests.next();
      if (head === undefined) break;
      fault = nextFault();
      if (fault === 'stale' && count > 0) return void client.resetAndDestroy();
      await passRequest(head, requests, fault, client, server);
      // what the server has, it works on, whether anybody waits for the answer or not
      if (fault === 'reset-after-body') return await answers;
    }
    server.end();
    await answers;
  } catch {
    // one side has gone: so does the other
  } finally {
    client.destroy();
    server.destroy();
  }
}

async function passRequest(head: Buffer, body: RequestReader, fault: Fault | undefined, client: Socket, server: Socket): Promise<void> {
  if (fault === 'black-hole') return body.discardAll();
  await write(server, head);
  if (fault === 'reset-before-body') return reset(client, server);
  const until = fault === 'reset-during-body' ? Math.floor(body.left / 2) : 0;
  const piece = fault === 'slow-drip' ? Math.ceil(body.left / dripPieces) : Number.POSITIVE_INFINITY;
  while (body.left > until) {
    await write(server, await body.part(Math.min(piece, body.left - until)));
    if (fault === 'slow-drip') await pause(dripPauseMs);
  }
  if (fault === 'reset-during-body') return reset(client, server);
  if (fault === 'half-close') client.end();
  if (fault === 'reset-after-body') client.resetAndDestroy();
}

function reset(...sockets: readonly Socket[]): void {
  for (const socket of sockets) socket.resetAndDestroy();
}

async function passAnswers(server: Socket, client: Socket, fault: () => AnswerFault | undefined): Promise<void> {
  for await (const part of server.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    switch (fault()) {
      case 'swallow':
        return;
      case 'lose':
        return void client.resetAndDestroy();
      case 'cut':
        return void client.end(part.subarray(0, -2));
      case 'drip':
        await drip(client, part);
        break;
      default:
        await write(client, part);
    }
  }
  client.end();
}

async function drip(socket: Socket, bytes: Buffer): Promise<void> {
  const piece = Math.ceil(bytes.length / dripPieces);
  for (let from = 0; from < bytes.length; from += piece) {
    await write(socket, bytes.subarray(from, from + piece));
    await pause(dripPauseMs);
  }
}

/** Writes, and waits until the other side has taken it. */
async function write(socket: Socket, bytes: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve())));
}
