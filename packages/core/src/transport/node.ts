import type { Agent } from 'undici';
import { maxResponseBytes } from '../http/response.ts';
import type { NativeTransport } from './native.ts';

/** The transport under Node: a pool of connections per backend. What it stands on is loaded with the first request: stores never need it. */
export function openNative(connections: number): NativeTransport {
  let loaded: Promise<{ request: typeof import('undici').request; agent: Agent }> | undefined;

  async function load() {
    const { Agent, request } = await import('undici');
    const limits = { headersTimeout: 0, bodyTimeout: 0, maxResponseSize: maxResponseBytes };
    // an idle connection goes before the server closes it, a second before where the server says when
    const idle = { keepAliveTimeout: 4000, keepAliveMaxTimeout: 4000, keepAliveTimeoutThreshold: 1000 };
    return { request, agent: new Agent({ connections, ...idle, ...limits }) };
  }

  return {
    async send({ method, url, headers, body }, signal) {
      loaded ??= load();
      const { request, agent } = await loaded;
      const answer = await request(url, {
        dispatcher: agent,
        method: method as 'POST',
        headers: { ...headers },
        body: body ?? null,
        signal,
      });
      const bytes = new Uint8Array(await answer.body.arrayBuffer());
      return {
        status: answer.statusCode,
        body: bytes,
        header(name) {
          const value = answer.headers[name.toLowerCase()];
          return Array.isArray(value) ? value.join(', ') : value;
        },
      };
    },
    async close() {
      await (await loaded)?.agent.close();
    },
  };
}
