import type { VirtualClock } from '@anyseries/conformance';

/** What happens to a write instead of the ordinary exchange. */
export type Fault =
  /** The server never sees it. */
  | { readonly answer: number; readonly text: string; readonly headers?: Readonly<Record<string, string>> }
  /** No connection is made. */
  | 'refuse'
  /** The server does what was asked; its answer is lost. */
  | 'lose'
  /** The server never sees it, and the connection breaks. */
  | 'break'
  /** No answer comes. */
  | 'hang';

/** The way to a server, on which writes meet faults, one each, and then go through. */
export function scriptedFetch(fetch: typeof globalThis.fetch, clock: VirtualClock, faults: Fault[]): typeof globalThis.fetch {
  return (async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    const isWrite = request.method === 'POST' && request.url.endsWith('/graphs/api/');
    const fault = isWrite ? faults.shift() : undefined;
    if (fault === 'hang')
      return new Promise<Response>((_, reject) => request.signal.addEventListener('abort', () => reject(request.signal.reason)));
    const release = clock.hold();
    try {
      if (fault === 'refuse') throw failure('ECONNREFUSED');
      if (fault === 'break') throw failure('ECONNRESET');
      if (fault !== undefined && fault !== 'lose')
        return new Response(fault.text, {
          status: fault.answer,
          headers: { 'content-type': 'text/html; charset=utf-8', ...fault.headers },
        });
      const response = await fetch(request);
      if (fault === 'lose') throw failure('ECONNRESET');
      return response;
    } finally {
      setTimeout(release, 0);
    }
  }) as typeof globalThis.fetch;
}

function failure(code: string): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(`connect ${code}`), { code }) });
}
