import type { SubjectServer } from './subject.ts';
import { nextTurn, type VirtualClock } from './virtual-clock.ts';

/** A request as it left the provider. */
export interface SeenRequest {
  /** By the virtual clock. */
  readonly at: number;
  readonly host: string;
  readonly carriesPoints: boolean;
  readonly bytes: number;
}

/** What a fault can do with a request. */
export interface Exchange {
  readonly request: Request;
  readonly bytes: number;
  /** The answer of the server, after the server has done what was asked. */
  forward(): Promise<Response>;
}

/** What happens to a request instead of the ordinary exchange. */
export type Fault = (exchange: Exchange) => Promise<Response> | Response;

/** Where a fault strikes. */
export type Target = 'points' | 'any';

/** The way between a provider and its server, with faults on demand. */
export interface Network {
  readonly fetch: typeof globalThis.fetch;
  readonly requests: readonly SeenRequest[];
  /** The next requests of this kind meet these faults, one each; what follows goes through. */
  strike(target: Target, ...faults: readonly Fault[]): void;
  /** All requests of this kind meet this fault from now on; `undefined` ends it. */
  strikeAll(target: Target, fault: Fault | undefined): void;
}

export function createNetwork(server: SubjectServer, clock: VirtualClock, carriesPoints: (request: Request) => boolean): Network {
  const requests: SeenRequest[] = [];
  const once: Record<Target, Fault[]> = { points: [], any: [] };
  const always: Record<Target, Fault | undefined> = { points: undefined, any: undefined };

  async function exchange(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const incoming = new Request(input, init);
    incoming.signal.throwIfAborted();
    const release = clock.hold();
    try {
      const body = incoming.body === null ? null : await incoming.arrayBuffer();
      const bare = { method: incoming.method, headers: incoming.headers };
      const request = () => new Request(incoming.url, body === null ? bare : { ...bare, body });
      const withPoints = carriesPoints(request());
      const bytes = body?.byteLength ?? 0;
      requests.push({ at: clock.now(), host: new URL(incoming.url).host, carriesPoints: withPoints, bytes });
      const forward = async () => whole(await server.fetch(request()));
      const fault = (withPoints ? (once.points.shift() ?? always.points) : undefined) ?? once.any.shift() ?? always.any;
      if (fault === hang) {
        release();
        return await never(incoming.signal);
      }
      const response = fault === undefined ? await forward() : await fault({ request: request(), bytes, forward });
      incoming.signal.throwIfAborted();
      return response;
    } finally {
      // what the provider does with the answer takes some turns, and is no waiting either
      void nextTurn().then(release);
    }
  }

  return {
    fetch: exchange as typeof globalThis.fetch,
    requests,
    strike: (target, ...faults) => void once[target].push(...faults),
    strikeAll: (target, fault) => {
      always[target] = fault;
    },
  };
}

/** The response with its body at hand, so that reading it takes no time. */
async function whole(response: Response): Promise<Response> {
  const empty = response.body === null || [204, 205, 304].includes(response.status);
  const { status, headers } = response;
  return new Response(empty ? null : await response.arrayBuffer(), { status, headers });
}

function never(signal: AbortSignal): Promise<Response> {
  return new Promise((_, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/** No answer comes, and the server never sees the request. */
export const hang: Fault = () => {
  throw new Error('a hanging request has no answer');
};

/** The server does what was asked; its answer is lost with the connection. */
export const loseAnswer: Fault = async ({ forward }) => {
  await forward();
  throw connectionError('ECONNRESET');
};

/** No connection is made. */
export const refuseConnection: Fault = () => {
  throw connectionError('ECONNREFUSED');
};

/** The server does what was asked; its answer breaks off in the middle. */
export const cutAnswer: Fault = async ({ forward }) => {
  const { status, headers, body: _, ...rest } = await readResponse(await forward());
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.error(connectionError('UND_ERR_SOCKET'));
    },
    start(controller) {
      if (rest.bytes.length > 1) controller.enqueue(rest.bytes.subarray(0, Math.floor(rest.bytes.length / 2)));
    },
  });
  return new Response(status === 204 ? null : body, { status: status === 204 ? 200 : status, headers });
};

/** The server answers with this status instead of doing anything. */
export function answer(status: number, headers: Readonly<Record<string, string>> = {}, body = 'something is wrong'): Fault {
  return () => new Response(body, { status, headers: { 'content-type': 'text/plain', ...headers } });
}

/** A page of a proxy, a captive portal or a maintenance site, with a status that says that all is well. */
export const htmlPage: Fault = answer(
  200,
  { 'content-type': 'text/html' },
  '<!doctype html><html><title>Welcome</title><body>Please log in</body></html>',
);

/** Requests with more than so many bytes are refused with 413; the others go through. */
export function refuseLarge(maxBytes: number): Fault {
  return ({ bytes, forward }) => (bytes > maxBytes ? new Response('too large', { status: 413 }) : forward());
}

async function readResponse(response: Response): Promise<{ status: number; headers: Headers; body: null; bytes: Uint8Array }> {
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  return { status: response.status, headers, body: null, bytes: new Uint8Array(await response.arrayBuffer()) };
}

function connectionError(code: string): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(`connect ${code}`), { code }) });
}
