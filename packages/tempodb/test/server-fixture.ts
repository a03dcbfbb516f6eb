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

export const iso = (ms: number) => new Date(ms).toISOString();

export type Pair = readonly [time: number, value: number];
export interface Row {
  readonly t: string;
  readonly v: number;
}

/** Makes a series of points in the store itself, as another protocol would. */
export async function fill({ store }: Service, key: string, points: readonly Pair[]): Promise<void> {
  await store.putSeries({ key });
  await store.write(points.map(([at, value]) => ({ series: key, time: at, value })));
}

/** What a read below `/v1` answers. */
export async function get({ ask }: Service, path: string, parameters: Parameters<typeof search>[0]): Promise<Answer> {
  const answer = await ask('GET', `/v1/${path}/?${search(parameters)}`);
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
  return answer;
}

/** Points of a series as times and the texts of their values. */
export async function textsOf(
  service: Service,
  key: string,
  range = { start: '2012-01-01', end: '2012-01-02' },
): Promise<[string, string][]> {
  const { text } = await get(service, `series/key/${encodeURIComponent(key)}/segment`, range);
  return Array.from(text.matchAll(/\{"t":"([^"]+)","v":([^}]+)\}/g), ([, at, value]) => [at!, value!]);
}

/** The text of a time of 2012-01-01. */
export const at = (seconds: number) => iso(Date.parse('2012-01-01T00:00:00Z') + seconds * 1000);

/** The three ways to send points of a series `k`: target and body. */
export const ways: Readonly<
  Record<string, (resource: 'data' | 'increment', points: readonly { t?: unknown; v?: unknown }[]) => [string, object]>
> = {
  'of one series': (resource, points) => [`/v1/series/key/k/${resource}/`, points],
  bulk: (resource, points) => [`/v1/${resource}/`, { t: points[0]!.t, data: points.map(({ v }) => ({ key: 'k', v })) }],
  multi: (resource, points) => [`/v1/multi/${resource === 'data' ? '' : 'increment/'}`, points.map((point) => ({ key: 'k', ...point }))],
};
