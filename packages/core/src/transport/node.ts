import { Agent, request as send } from 'undici';
import { AnySeriesError } from '../errors.ts';
import { maxResponseBytes } from '../http/response.ts';
import type { NativeTransport } from './native.ts';

/** The transport under Node: a pool of connections per backend. */
export function openNative(connections: number): NativeTransport {
  const agent = new Agent({ connections, keepAliveTimeout: 4000, headersTimeout: 0, bodyTimeout: 0, maxResponseSize: maxResponseBytes });
  return {
    async send({ method, url, headers, body }, signal) {
      const answer = await send(url, { dispatcher: agent, method: method as 'POST', headers: { ...headers }, body: body ?? null, signal });
      const bytes = new Uint8Array(await answer.body.arrayBuffer());
      const length = answer.headers['content-length'];
      if (method !== 'HEAD' && length !== undefined && Number(length) !== bytes.length)
        throw new AnySeriesError('protocol', 'the answer broke off');
      return {
        status: answer.statusCode,
        body: bytes,
        header(name) {
          const value = answer.headers[name.toLowerCase()];
          return Array.isArray(value) ? value.join(', ') : value;
        },
      };
    },
    close: () => agent.close(),
  };
}
