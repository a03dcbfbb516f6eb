import { openNative } from '#transport';
import type { CallContext } from '../backend.ts';
import { boundAttempt } from './attempt.ts';
import { sendByFetch } from './send-by-fetch.ts';

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
    async send(request, context) {
      const { status, header, body } = await boundAttempt(context, timeoutMs, (signal) => native.send(request, signal));
      return { status, header, body, text: () => new TextDecoder().decode(body) };
    },
  };
}
