import { AnySeriesError } from '../errors.ts';
import { maxResponseBytes } from '../http/response.ts';
import type { NativeResponse } from './native.ts';
import type { TransportRequest } from './transport.ts';

/** Sends by a `fetch`; redirects are answers, not followed: they would lead batches and credentials elsewhere. */
export function sendByFetch(fetch: typeof globalThis.fetch): (request: TransportRequest, signal: AbortSignal) => Promise<NativeResponse> {
  return async ({ method, url, headers, body }, signal) => {
    const response = await fetch(url, { method, headers, signal, redirect: 'manual', ...(body === undefined ? {} : { body }) });
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (bytes.length > maxResponseBytes) throw new AnySeriesError('protocol', `the answer is larger than ${maxResponseBytes} bytes`);
    return { status: response.status, body: bytes, header: (name) => response.headers.get(name) ?? undefined };
  };
}
