import { openNative } from '#transport';
import type { CallContext } from '../backend.ts';
import { AnySeriesError } from '../errors.ts';
import { sendByFetch } from './send-by-fetch.ts';
import { describeFailure, transportError } from './transport-error.ts';

export interface TransportRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** An answer that has arrived whole. */
export interface TransportResponse {
  readonly status: number;
  header(name: string): string | undefined;
  text(): string;
  readonly body: Uint8Array;
}

/** How batches leave: Node's own connection pool, `fetch` elsewhere, or the caller's `fetch`. Sends once; retry is not its job. */
export interface Transport {
  /** @throws TransportError where there is no answer; the signal's reason when it is aborted */
  send(request: TransportRequest, context: CallContext): Promise<TransportResponse>;
  close(): Promise<void>;
}

export interface TransportSettings {
  /** The caller's own `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** For one attempt, the answer included. Milliseconds. */
  readonly timeoutMs: number;
  /** The most connections at a time. Default 4. */
  readonly connections?: number | undefined;
}

export function createTransport({ fetch, timeoutMs, connections = 4 }: TransportSettings): Transport {
  const native = fetch === undefined ? openNative(connections) : { send: sendByFetch(fetch), close: async () => {} };
  return {
    close: native.close,
    async send(request, { clock, signal }) {
      signal.throwIfAborted();
      const controller = new AbortController();
      const stop = () => controller.abort(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      const cancel = clock.setTimer(() => controller.abort(transportError('timeout', `no answer within ${timeoutMs} ms`)), timeoutMs);
      try {
        const response = await untilAborted(native.send(request, controller.signal), controller.signal);
        return {
          status: response.status,
          header: response.header,
          body: response.body,
          text: () => new TextDecoder().decode(response.body),
        };
      } catch (error) {
        if (controller.signal.aborted) throw controller.signal.reason;
        throw error instanceof AnySeriesError ? error : describeFailure(error);
      } finally {
        cancel();
        signal.removeEventListener('abort', stop);
      }
    },
  };
}

/** The caller's `fetch` may not heed its signal; the promise is left alone then. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}
