import type { Store } from '@anyseries/core';
import { createCredentials } from '@anyseries/core/server';
import { connect } from '@anyseries/memory';
import { createServer, type IobeamServerOptions, protocol } from '../src/server.ts';

export const projectId = 7;
/** When the clock of these servers stands. */
export const now = Date.UTC(2015, 7, 27, 18, 40, 0, 250);
export const clock = { now: () => now, setTimer: () => () => {} };

export interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what comes is what these tests are about
  readonly json: any;
  /** `errors[0]`, as `code message (details)`. */
  readonly fault: string | undefined;
  readonly headers: Headers;
}

export interface Service {
  readonly store: Store;
  /** `token`: by default one for everything; `null`: none. A body that is no text is sent as JSON. */
  ask(method: string, target: string, body?: unknown, token?: string | null): Promise<Answer>;
  tokenFor(permissions: string): Promise<string>;
}

export async function startService(options: Partial<IobeamServerOptions> = {}): Promise<Service> {
  const store = options.store ?? connect({ clock });
  const credentials = createCredentials(store, clock);
  const tokenFor = async (permissions: string) =>
    (await protocol.credentials.add({ projectId: String(projectId), permissions }, 'default', credentials)).token!;
  const everything = await tokenFor('read,write,admin');
  const server = createServer({ store, clock, ...options });
  return {
    store,
    tokenFor,
    async ask(method, target, body, token = everything) {
      const sent = body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
      const headers: Record<string, string> = token === null ? {} : { authorization: token.includes(' ') ? token : `Bearer ${token}` };
      const request = new Request('http://api.iobeam.com/', { method, headers, ...(sent === undefined ? {} : { body: sent as string }) });
      const response = await server.fetch(request, { target, prefix: '', httpVersion: '1.1', secure: false, remoteAddress: undefined });
      const text = await response.text();
      const type = response.headers.get('content-type');
      const json: Answer['json'] = type === 'application/json' ? JSON.parse(text) : undefined;
      const { code, message, details } = json?.errors?.[0] ?? {};
      const fault = code === undefined ? undefined : `${code} ${message}${details === undefined ? '' : ` (${details})`}`;
      return { status: response.status, type, text, json, fault, headers: response.headers };
    },
  };
}

/** An import of the form of series. */
export function series(device: string, points: Readonly<Record<string, readonly (readonly [time: number, value: unknown])[]>>): object {
  const sources = Object.entries(points).map(([name, data]) => ({ name, data: data.map(([time, value]) => ({ time, value })) }));
  return { project_id: projectId, device_id: device, sources };
}

/** An import of the form of a table; the first field is the time. */
export function table(device: string, fields: readonly string[], ...rows: readonly (readonly unknown[])[]): object {
  return { project_id: projectId, device_id: device, sources: { fields, data: rows } };
}
