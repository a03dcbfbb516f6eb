import type { PointInput, Series, SeriesFilter, Store, Value } from '@anyseries/core';
import { isAnySeriesError } from '@anyseries/core';
import { parseJson } from '@anyseries/core/http';
import { isAuthorized } from './auth.ts';
import { encodeAnswer } from './wire.ts';

export interface ExampleServerOptions {
  readonly store: Store;
  readonly token: string;
  readonly clock: { now(): number };
  /** Whether it is the counter, which adds and tells nothing. */
  readonly counts: boolean;
}

/** Points of this series are refused one by one. */
export const lockedSeries = 'locked';

const pageRows = 1000;
const maxBodyBytes = 40_000;

/** The server of the example service: a fetch handler over a store. */
export function createExampleServer({ store, token, clock, counts }: ExampleServerOptions): (request: Request) => Promise<Response> {
  /** Answers by idempotency key: the same request again is answered the same, and does nothing. */
  const answered = new Map<string, { status: number; body: string }>();

  async function write(request: Request, operation: 'write' | 'increment', key?: string): Promise<Response> {
    const idempotencyKey = request.headers.get('idempotency-key');
    const known = idempotencyKey === null ? undefined : answered.get(idempotencyKey);
    if (known !== undefined) return reply(known.status, known.body);
    const text = await request.text();
    if (new TextEncoder().encode(text).length > maxBodyBytes) return reply(413, 'too large');
    const { points: rows } = parseJson(text) as { points: unknown[][] };
    const points = rows.map((row): PointInput => {
      const [series, time, value] = key === undefined ? row : [key, ...row];
      return { series: series as string, time: time as number, value: value as Value };
    });
    const indices = Array.from(points.keys()).filter((index) => points[index]!.series !== lockedSeries);
    const result = await store[operation](indices.map((index) => points[index]!) as PointInput<number>[]);
    const errors = [
      ...points.flatMap(({ series }, index) =>
        series === lockedSeries ? [{ index, code: 'forbidden', message: 'the series is locked' }] : [],
      ),
      ...result.rejected.map(({ index, code, message }) => ({ index: indices[index]!, code, message })),
    ];
    const answer = { status: errors.length > 0 ? 207 : 200, body: encodeAnswer({ stored: result.stored, errors }) };
    if (idempotencyKey !== null) answered.set(idempotencyKey, answer);
    return counts ? reply(202, 'accepted') : reply(answer.status, answer.body);
  }

  async function readPoints(key: string, search: URLSearchParams): Promise<Response> {
    const number = (name: string) => (search.has(name) ? Number(search.get(name)) : undefined);
    const order = search.get('order') === 'descending' ? 'descending' : 'ascending';
    const most = Math.min(pageRows, number('limit') ?? pageRows);
    const found = await store.read({ series: key, start: number('start'), end: number('end'), order, limit: most + 1 }).toArray();
    const page = found.slice(0, most);
    const hasMore = found.length > most;
    const next = !hasMore ? undefined : order === 'ascending' ? found[most]!.time : page.at(-1)!.time;
    return reply(200, encodeAnswer({ points: page.map(({ time, value }) => [time, value]), next }));
  }

  async function listSeries(search: URLSearchParams): Promise<Response> {
    const after = search.get('after') ?? '';
    const all = await store.series(JSON.parse(search.get('filter') ?? '{}') as SeriesFilter).toArray();
    const from = after === '' ? 0 : all.findIndex(({ key }) => key === after) + 1;
    const page: readonly Series[] = all.slice(from, from + 100);
    return reply(200, JSON.stringify({ series: page, next: from + 100 < all.length ? page.at(-1)?.key : undefined }));
  }

  async function route(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const operation = `${request.method} ${pathname.split('/').slice(0, 3).join('/')}`;
    const [, , , keyPart, points] = pathname.split('/');
    const key = keyPart === undefined ? undefined : decodeURIComponent(keyPart).slice('key:'.length);
    if (counts)
      return operation === 'POST /v1/series' && key !== undefined ? write(request, 'increment', key) : reply(404, 'no such resource');
    if (operation === 'GET /v1/ping') return reply(200, JSON.stringify({ time: clock.now() }));
    if (operation === 'POST /v1/points') return write(request, 'write');
    if (operation === 'POST /v1/increments') return write(request, 'increment');
    if (operation === 'POST /v1/latest') {
      const { keys } = (await request.json()) as { keys: string[] };
      const latest = await store.latest(keys);
      return reply(200, encodeAnswer({ points: latest.map(({ series, time, value }) => [series, time, value]) }));
    }
    if (operation === 'GET /v1/series') return key === undefined ? listSeries(searchParams) : readPoints(key, searchParams);
    if (operation === 'PUT /v1/series' && key !== undefined) {
      const metadata = (await request.json()) as Partial<Series>;
      return reply(200, JSON.stringify(await store.putSeries({ ...metadata, key })));
    }
    if (operation === 'DELETE /v1/series' && key !== undefined) {
      if (points === undefined) await store.delete({ series: key });
      else await store.delete({ series: key, start: Number(searchParams.get('start')), end: Number(searchParams.get('end')) });
      return reply(204);
    }
    return reply(404, 'no such resource');
  }

  return async (request) => {
    if (!isAuthorized(request, token)) return reply(401, 'who are you?');
    try {
      return await route(request);
    } catch (error) {
      if (isAnySeriesError(error) && error.code === 'invalid') return reply(400, error.message);
      if (error instanceof SyntaxError) return reply(400, 'the body is no JSON');
      throw error;
    }
  };
}

function reply(status: number, body?: string): Response {
  return new Response(body ?? null, { status, headers: { 'content-type': body?.startsWith('{') ? 'application/json' : 'text/plain' } });
}
