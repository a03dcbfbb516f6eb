import type { NativeTransport } from './native.ts';
import { sendByFetch } from './send-by-fetch.ts';

/** The transport where there is no Node: the platform's `fetch` and its connections. */
export function openNative(_connections: number): NativeTransport {
  return { send: sendByFetch((input, init) => globalThis.fetch(input, init)), close: async () => {} };
}
