import type { Clock, Store } from '@anyseries/core';
import { createCredentials } from '@anyseries/core/server';
import { connect } from '@anyseries/memory';
import { createServer, protocol } from '../src/server.ts';

/** The clock of every service in these tests stands here. */
export const now = Date.parse('2013-09-17T12:00:00.000Z');
export const clock: Clock = { now: () => now, setTimer: () => () => {} };

export interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what its test is about
  readonly json: any;
  readonly headers: Headers;
  /** The target of the link to the next page. */
  readonly next: string | undefined;
}

export interface Service {
  readonly store: Store;
  /** Asks with a request line as it is on the wire. A body that is no text is sent as JSON. */
  ask(method: string, target: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export interface ServiceOptions {
  readonly store?: Store;
  readonly prefix?: string;
  readonly settings?: Record<string, unknown>;
  readonly onFailure?: (error: unknown) => void;
}

export function basic(key: string, secret: string): string {
  return `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`;
}

/** The service over a store in memory. */
export async function startService(options: ServiceOptions = {}): Promise<Service> {
  const { store = connect({ clock }), prefix = '', settings = {}, onFailure } = options;
  const credentials = createCredentials(store, clock);
  const { key, secret } = await protocol.credentials.add({}, 'main', credentials);
  const server = createServer({ store, clock, settings, onFailure });
  return {
    store,
    ask: (method, target, body, headers) =>
      askServer(server, method, target, body, { authorization: basic(key!, secret!), ...headers }, prefix),
  };
}

export async function askServer(
  server: ReturnType<typeof createServer>,
  method: string,
  target: string,
  body: unknown,
  headers: Record<string, string>,
  prefix = '',
): Promise<Answer> {
  const sent = body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  const request = new Request('http://api.tempo-db.com/', { method, headers, ...(sent === undefined ? {} : { body: sent as string }) });
  const connection = { target: prefix + target, prefix, httpVersion: '1.1', secure: false, remoteAddress: undefined };
  const response = await server.fetch(request, connection);
  const text = await response.text();
  const type = response.headers.get('content-type')?.split(';')[0] ?? null;
  return {
    status: response.status,
    type,
    text,
    json: type === 'application/json' ? JSON.parse(text) : undefined,
    headers: response.headers,
    next: /^<(.*)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1],
  };
}

/** All pages from a first request on. */
export async function askAll(service: Service, target: string): Promise<Answer[]> {
  const pages: Answer[] = [];
  for (let next: string | undefined = target; next !== undefined; next = pages.at(-1)!.next) pages.push(await service.ask('GET', next));
  return pages;
}

/** A query string in the ordinary way. */
export function search(fields: Record<string, string | number | readonly string[] | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) for (const each of [value ?? []].flat()) parameters.append(name, String(each));
  return parameters.toString();
}

export const time = (text: string) => Date.parse(text);
export const iso = (ms: number) => new Date(ms).toISOString();
