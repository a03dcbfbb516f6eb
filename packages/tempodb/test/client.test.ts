import { type AnySeriesError, isAnySeriesError } from '@anyseries/core';
import { describe, expect, test } from 'vitest';
import { createClient, type TempoDBClient } from '../src/index.ts';

const id = '6b2f0c7d9a1e4f53b8c2d4e6f8a0b1c3';
const boiler = { id, key: 'boiler-7', name: '', tags: [], attributes: {} };
const day = { start: '2012-03-27', end: '2012-03-28' };

interface Seen {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly body: string;
  readonly headers: Headers;
}

type Answer = (request: Seen, number: number) => Response | Promise<Response>;

/** A client of a service that gives these answers, and what it has sent. */
function clientOf(answer: Answer, url = 'http://tempodb.test') {
  const seen: Seen[] = [];
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    const { pathname, search } = new URL(request.url);
    const body = await request.text();
    seen.push({ method: request.method, target: pathname + search, body, headers: request.headers });
    init?.signal?.throwIfAborted();
    request.signal.throwIfAborted();
    return answer(seen.at(-1)!, seen.length);
  };
  const settings = { url, key: 'k', secret: 's3cret', retry: { minDelayMs: 1, maxDelayMs: 1 } };
  return { client: createClient({ ...settings, fetch: fetch as typeof globalThis.fetch }), seen };
}

function json(content: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(content), { headers: { 'content-type': 'application/json', ...headers } });
}

function status(code: number, text: string | null = null, type = 'text/plain'): Response {
  return new Response(text, { status: code, headers: { 'content-type': type } });
}

async function failureOf(call: Promise<unknown> | (() => unknown)): Promise<AnySeriesError> {
  try {
    await (typeof call === 'function' ? call() : call);
  } catch (error) {
    if (isAnySeriesError(error)) return error;
    throw error;
  }
  throw new Error('nothing failed');
}

describe('what is sent', () => {
  const empty = () => status(200);

  test('paths end in a slash, keys are escaped whole, and JSON is named as such on bodies alone', async () => {
    const { client, seen } = clientOf(() => json({ ...boiler, data: null, series: boiler }));
    await client.getSeries('rack 1/fan?#+ü');
    await client.getSeries({ id });
    await client.updateSeries({ key: '%2e' }, { tags: ['heat'] });
    expect(seen.map(({ target }) => target)).toEqual([
      '/v1/series/key/rack%201%2Ffan%3F%23%2B%C3%BC/',
      `/v1/series/id/${id}/`,
      '/v1/series/key/%252e/',
    ]);
    expect(seen.map(({ headers }) => headers.get('content-type'))).toEqual([null, null, 'application/json']);
    expect(new Set(seen.map(({ headers }) => headers.get('authorization')))).toEqual(new Set(['Basic azpzM2NyZXQ=']));
  });

  test('a prefix in the address goes before /v1, also on ping, which carries no credentials', async () => {
    const { client, seen } = clientOf(() => json([]), 'http://gateway/tempodb/');
    await client.listSeries().toArray();
    await client.ping();
    expect(seen.map(({ target }) => target)).toEqual(['/tempodb/v1/series/', '/tempodb/ping']);
    expect(seen[1]!.headers.has('authorization')).toBe(false);
  });

  test('lists repeat their parameter, attributes have their name in brackets, and what is left out is not sent', async () => {
    const { client, seen } = clientOf(() => json([]));
    const attributes = { 'floor no.': '2 & up', __proto__: 'x' };
    await client.listSeries({ ids: [], keys: ['a', 'b+c'], tags: ['hot'], attributes }, { limit: 7 }).toArray();
    await client.singleValues({}, { ts: 0, direction: 'before' }).toArray();
    expect(seen.map(({ target }) => target)).toEqual([
      '/v1/series/?key=a&key=b%2Bc&tag=hot&attr%5Bfloor+no.%5D=2+%26+up&limit=7',
      '/v1/single/?ts=1970-01-01T00%3A00%3A00.000Z&direction=before',
    ]);
  });

  test('times: texts as they are, everything else in UTC with milliseconds', async () => {
    const { client, seen } = clientOf(empty);
    await client.deletePoints('x', { start: new Date(1.5e12), end: -0.5 });
    await client.deletePoints('x', { start: '2012-01-01T00:21+0000', end: '2012-03-27T01:02:03.000004' });
    await client.write('x', [{ t: 1_333_000_000_123.9, v: 1 }, { t: '2012-01-01', v: 2 }, { v: 3 }]);
    expect(seen.map(({ target }) => target.split('?')[1])).toEqual([
      'start=2017-07-14T02%3A40%3A00.000Z&end=1969-12-31T23%3A59%3A59.999Z',
      'start=2012-01-01T00%3A21%2B0000&end=2012-03-27T01%3A02%3A03.000004',
      undefined,
    ]);
    expect(seen[2]!.body).toBe('[{"t":"2012-03-29T05:46:40.123Z","v":1},{"t":"2012-01-01","v":2},{"v":3}]');
  });

  test('bodies keep every digit, minus zero, and any text', async () => {
    const { client, seen } = clientOf(empty);
    const values = [2n ** 63n - 1n, -(2n ** 63n), 2 ** 60, -0, 4.164, 1e300];
    await client.writeMulti(values.map((v) => ({ key: 'São Paulo "\u{1f44d}"', t: 0, v })));
    const texts = ['9223372036854775807', '-9223372036854775808', '1152921504606846976', '-0', '4.164', '1e+300'];
    const expected = texts.map((text) => `{"t":"1970-01-01T00:00:00.000Z","key":"São Paulo \\"\u{1f44d}\\"","v":${text}}`);
    expect(seen[0]!.body).toBe(`[${expected.join(',')}]`);
  });

  test('elements go as they are given, and a bulk write without a time has none', async () => {
    const { client, seen } = clientOf(empty);
    await client.writeBulk(undefined, [
      { id, v: 1 },
      { key: 'a', id, v: 2 },
    ]);
    await client.incrementBulk('2012-03-27', [{ key: 'a', v: 1.5 }]);
    await client.writeMulti([{}] as never);
    await client.write({ id }, []);
    expect(seen.map(({ target, body }) => `${target} ${body}`)).toEqual([
      `/v1/data/ {"data":[{"id":"${id}","v":1},{"id":"${id}","key":"a","v":2}]}`,
      '/v1/increment/ {"t":"2012-03-27","data":[{"key":"a","v":1.5}]}',
      '/v1/multi/ [{}]',
      `/v1/series/id/${id}/data/ []`,
    ]);
  });

  test.each(['.', '..'])('the key %s, which URLs resolve, is looked up and addressed by its id', async (key) => {
    const { client, seen } = clientOf(({ method, target }) => {
      if (target.startsWith('/v1/series/?')) return json([{ ...boiler, key }]);
      return method === 'GET' ? json({ ...boiler, key }) : status(method === 'POST' && target === '/v1/series/' ? 409 : 200);
    });
    expect((await client.getSeries(key)).key).toBe(key);
    await client.write(key, [{ t: 0, v: 1 }]);
    expect(seen.map(({ method, target }) => `${method} ${target}`)).toEqual([
      `GET /v1/series/?key=${key}`,
      `GET /v1/series/id/${id}/`,
      'POST /v1/series/',
      `GET /v1/series/?key=${key}`,
      `POST /v1/series/id/${id}/data/`,
    ]);
    const { client: lonely } = clientOf(() => json([]));
    expect((await failureOf(lonely.getSeries(key))).code).toBe('not-found');
  });

  test.each<[string, string, (client: TempoDBClient) => unknown]>([
    ['an empty key', 'series', (client) => client.getSeries('')],
    ['a key and an id', 'series', (client) => client.getSeries({ key: 'a', id } as never)],
    ['no series', 'series', (client) => client.write(undefined as never, [])],
    ['a key that is no UTF-8', 'path', (client) => client.getSeries('\ud800')],
    ['a time that is none', 'query.start', (client) => client.readSegment('a', { start: 'yesterday', end: 0 })],
    ['a missing bound', 'query.end', (client) => client.readData('a', { start: 0 } as never)],
    ['a year that cannot be written', 'range.end', (client) => client.deletePoints('a', { start: 0, end: 8.64e15 })],
    ['no query', 'query', (client) => client.readSegment('a', undefined as never)],
    ['an unknown name', 'query.fold', (client) => client.readSegment('a', { ...day, fold: 'max' } as never)],
    ['an empty text in a query', 'tz', (client) => client.summary('a', { ...day, tz: '' })],
    ['a limit of nothing', 'limit', (client) => client.listSeries({}, { limit: 0 })],
    ['an aggregation without a fold', 'query.aggregation', (client) => client.aggregate({}, day as never)],
    ['rollups without folds', 'query.folds', (client) => client.readRollups('a', { ...day, period: 'PT1H' } as never)],
    ['a search without a period', 'query.period', (client) => client.find('a', { ...day, function: 'max' } as never)],
    ['points that are no array', 'points', (client) => client.write('a', { v: 1 } as never)],
    ['a point that is none', 'points[1]', (client) => client.writeMulti([{ key: 'a', v: 1 }, null as never])],
    ['NaN', 'points[0].v', (client) => client.write('a', [{ v: Number.NaN }])],
    ['a text as a value', 'values[0].v', (client) => client.writeBulk(0, [{ key: 'a', v: '5' as never }])],
    ['an integer beyond 64 bits', 'points[0].v', (client) => client.incrementMulti([{ key: 'a', v: 2n ** 64n + 1n }])],
    ['a bad time of a point', 'points[0].t', (client) => client.write('a', [{ t: 'noon', v: 1 }])],
    ['an empty text in a selection', 'selection.keys[0]', (client) => client.listSeries({ keys: [''] })],
    ['a selection that is a key', 'selection', (client) => client.readMulti('a' as never, day)],
    ['an attribute that is no text', 'selection.attributes.a', (client) => client.listSeries({ attributes: { a: 1 as never } })],
    ['a field that no series has', 'fields.tag', (client) => client.updateSeries('a', { tag: 'x' } as never)],
    ['an empty selection to delete', 'selection', (client) => client.deleteSeriesWhere({})],
    ['no selection to delete', 'selection', (client) => client.deleteSeriesWhere(undefined as never)],
    ['a list to delete by that is empty', 'selection.keys', (client) => client.deleteSeriesWhere({ keys: [], tags: ['x'] })],
    ['an unknown option', 'options.timeout', (client) => client.getSeries('a', { timeout: 5 } as never)],
  ])('%s is refused by the name %s, and nothing is sent', async (_, name, call) => {
    const { client, seen } = clientOf(() => json([]));
    const error = await failureOf(async () => {
      const answer = (await call(client)) as { toArray?(): unknown } | undefined;
      await answer?.toArray?.();
    });
    expect(error.code).toBe('invalid');
    expect(error.message.startsWith(`${name}: `)).toBe(true);
    expect(seen).toEqual([]);
  });
});

describe('what comes back', () => {
  test('times of any zone are epoch milliseconds, and integers are exact', async () => {
    const text = `{"series":${JSON.stringify(boiler)},"data":[{"t":"2012-03-26T19:00:00.250-05:00","v":9007199254740993},{"t":"2012-03-27T01:00:00.000Z","v":-0}],"rollup":null,"tz":"America/Chicago"}`;
    const { client } = clientOf(() => new Response(text, { headers: { 'content-type': 'application/json' } }));
    const cursor = client.readSegment('boiler-7', { ...day, tz: 'America/Chicago' });
    expect(await cursor.head()).toEqual({ series: boiler, rollup: null, tz: 'America/Chicago' });
    expect(await cursor.toArray()).toEqual([
      { t: Date.UTC(2012, 2, 27, 0, 0, 0, 250), v: 9007199254740993n },
      { t: Date.UTC(2012, 2, 27, 1), v: -0 },
    ]);
  });

  test('a bulk or multi call answers the status of each element, whether or not all are well', async () => {
    const element = (code: unknown, ...messages: string[]) => ({ status: code, messages });
    const answers = [
      status(200),
      new Response(JSON.stringify({ multistatus: [element('200'), element(422, 'no'), { status: '403' }] }), { status: 207 }),
    ];
    const { client } = clientOf((_, number) => answers[number - 1]!);
    const points = ['a', 'b', 'c'].map((key) => ({ key, t: 0, v: 1 }));
    expect(await client.writeMulti(points)).toEqual(points.map(() => element(200)));
    expect(await client.incrementMulti(points)).toEqual([element(200), element(422, 'no'), element(403)]);
  });

  test('a 207 that does not tell of every element is an error', async () => {
    const { client } = clientOf(() => new Response('{"multistatus":[]}', { status: 207 }));
    expect(await failureOf(client.writeMulti([{ key: 'a', v: 1 }]))).toMatchObject({ code: 'protocol' });
    expect(await failureOf(client.write('a', [{ v: 1 }]))).toMatchObject({ code: 'protocol' });
  });

  test('the form that finds had until 2014 is understood', async () => {
    const interval = { start: '2012-01-01T00:00:00.000Z', end: '2012-01-01T01:00:00.000Z' };
    const { client } = clientOf(() =>
      json({ data: [{ interval, t: '2012-01-01T00:20:00.000Z', v: 14 }], predicate: { function: 'max', period: 'PT1H' } }),
    );
    const hour = Date.UTC(2012, 0, 1);
    expect(await client.find('a', { ...day, function: 'max', period: '1hour' }).toArray()).toEqual([
      { interval: { start: hour, end: hour + 3_600_000 }, found: { t: hour + 1_200_000, v: 14 } },
    ]);
  });

  test('attributes and keys may be called __proto__', async () => {
    const text = `{"series":[{"id":"${id}","key":"__proto__","name":"","tags":[],"attributes":{"__proto__":"x"}}],"data":[{"t":"2012-01-01T00:00:00.000Z","v":{"__proto__":1}}],"rollup":null,"tz":"UTC"}`;
    const { client } = clientOf(() => new Response(text));
    const cursor = client.readMulti({}, day);
    const { series } = await cursor.head();
    expect(Object.entries(series[0]!.attributes)).toEqual([['__proto__', 'x']]);
    const [row] = await cursor.toArray();
    expect(Object.entries(row!.v)).toEqual([['__proto__', 1]]);
  });

  test.each([
    ['a web page', status(200, '<html>Log in</html>', 'text/html')],
    ['nothing', status(200)],
    ['broken JSON', status(200, '{"series":')],
    ['another form', json({ series: boiler, data: [{ t: 0, v: 1 }] })],
    ['a text as a value', json({ series: boiler, data: [{ t: '2012-01-01', v: '1' }] })],
  ])('%s instead of points is an error of the protocol', async (_, answer) => {
    const { client } = clientOf(() => answer.clone());
    expect((await failureOf(client.readSegment('a', day).toArray())).code).toBe('protocol');
  });

  test('a web page is no success of a delete either', async () => {
    const { client } = clientOf(() => status(200, '<html>Log in</html>', 'text/html'));
    expect((await failureOf(client.deletePoints('a', day))).code).toBe('protocol');
  });
});

describe('errors', () => {
  test('a 403 about a series is told apart by a request about none', async () => {
    const missing = clientOf(({ target }) => (target === '/v1/series/?limit=1' ? json([]) : status(403)));
    expect(await failureOf(missing.client.getSeries('gone'))).toMatchObject({
      code: 'not-found',
      message: 'status 403: there is no series with the key "gone"; the credentials are right',
    });
    expect(await failureOf(missing.client.write({ id }, [{ v: 1 }]))).toMatchObject({ code: 'not-found' });
    expect(await failureOf(missing.client.readSegment('gone', day).toArray())).toMatchObject({ code: 'not-found' });
    const refused = clientOf(() => status(403));
    const error = await failureOf(refused.client.getSeries('gone'));
    expect(error).toMatchObject({ code: 'forbidden', retryable: false });
    expect(error.message).toMatch(/^status 403: .*'key' and 'secret'.*TEMPODB_API_KEY and TEMPODB_API_SECRET/);
    expect(refused.seen).toHaveLength(2);
    await failureOf(refused.client.listSeries().toArray());
    expect(refused.seen).toHaveLength(3);
  });

  test('a 403 with a web page is from somebody else, and says nothing of the series', async () => {
    const { client } = clientOf(({ target }) =>
      target === '/v1/series/?limit=1' ? json([]) : status(403, '<h1>Blocked</h1>', 'text/html'),
    );
    expect(await failureOf(client.getSeries('a'))).toMatchObject({ code: 'forbidden', message: expect.stringContaining('Blocked') });
  });

  test.each([
    [400, 'invalid', 'Invalid start: yesterday'],
    [401, 'unauthenticated', ''],
    [404, 'not-found', ''],
    [409, 'conflict', 'Unique constraint violated, key boiler-7 and database id 1 pair already exist'],
    [422, 'invalid', 'Must provide a numeric value'],
    [302, 'protocol', ''],
  ])('status %d is %s with what the service said', async (code, expected, text) => {
    const { client, seen } = clientOf(() => status(code, text));
    const error = await failureOf(client.createSeries({ key: 'boiler-7' }));
    expect(error.code).toBe(expected);
    expect(error.message).toBe(`status ${code}${text === '' ? '' : `: ${text}`}`);
    expect(seen).toHaveLength(1);
  });

  test('no error shows the secret or the address', async () => {
    const { client } = clientOf(() => Promise.reject(new TypeError('fetch failed: http://k:s3cret@tempodb.test')));
    const error = await failureOf(client.getSeries('a'));
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toMatch(/s3cret|azpzM2NyZXQ/);
  });
});

describe('trying again', () => {
  const fails =
    (times: number): Answer =>
    (_, number) =>
      number <= times ? status(503) : status(200);

  test.each<[string, (client: TempoDBClient) => Promise<unknown>]>([
    ['a write with times', (client) => client.write('a', [{ t: 0, v: 1 }])],
    ['a bulk write with a time', (client) => client.writeBulk(0, [{ key: 'a', v: 1 }])],
    ['a multi write with times', (client) => client.writeMulti([{ key: 'a', t: 0, v: 1 }])],
    ['a delete of points', (client) => client.deletePoints('a', day)],
    ['a ping', (client) => client.ping()],
  ])('%s is sent again after a doubtful failure', async (_, call) => {
    const { client, seen } = clientOf(fails(2));
    await call(client);
    expect(seen).toHaveLength(3);
  });

  test.each<[string, (client: TempoDBClient) => Promise<unknown>]>([
    ['a write without times', (client) => client.write('a', [{ t: 0, v: 1 }, { v: 1 }])],
    ['a bulk write without a time', (client) => client.writeBulk(undefined, [{ key: 'a', v: 1 }])],
    ['a multi write without times', (client) => client.writeMulti([{ key: 'a', v: 1 }])],
    ['an increment', (client) => client.increment('a', [{ t: 0, v: 1 }])],
    ['a bulk increment', (client) => client.incrementBulk(0, [{ key: 'a', v: 1 }])],
    ['a multi increment', (client) => client.incrementMulti([{ key: 'a', t: 0, v: 1 }])],
    ['the creation of a series', (client) => client.createSeries()],
    ['the delete of one series', (client) => client.deleteSeries('a')],
  ])('%s is not', async (_, call) => {
    const { client, seen } = clientOf(fails(2));
    expect(await failureOf(call(client))).toMatchObject({ code: 'unavailable', message: 'status 503' });
    expect(seen).toHaveLength(1);
  });
});

describe('cursors', () => {
  const rows = (first: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({ t: new Date((first + i) * 1000).toISOString(), v: first + i }));
  const page = (number: number, link?: string) =>
    json({ series: boiler, data: rows(number * 2, 2), rollup: null, tz: 'UTC' }, link === undefined ? {} : { link, truncated: 'true' });
  /** Three pages, in links of different spelling. */
  const three: Answer = (_, number) =>
    page(
      number - 1,
      ['</prev>; rel="prev", </v1/series/id/x/segment/?cursor=1>; title="a, b"; rel="next"', '<?cursor=2>; rel=next'][number - 1],
    );

  test('nothing is asked before a cursor is iterated, pages come as they are used, and the link is followed to its end', async () => {
    const { client, seen } = clientOf(three);
    const cursor = client.readSegment('boiler-7', { ...day, limit: 2 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toHaveLength(0);
    const asked: number[] = [];
    for await (const { v } of cursor) asked.push(seen.length * 100 + Number(v));
    expect(asked).toEqual([100, 101, 202, 203, 304, 305]);
    expect(seen.map(({ target }) => target)).toEqual([
      '/v1/series/key/boiler-7/segment/?start=2012-03-27&end=2012-03-28&limit=2',
      '/v1/series/id/x/segment/?cursor=1',
      '/v1/series/id/x/segment/?cursor=2',
    ]);
  });

  test('breaking out of a loop ends it', async () => {
    const { client, seen } = clientOf(three);
    for await (const row of client.readSegment('boiler-7', day)) if (row.v === 2) break;
    expect(seen).toHaveLength(2);
  });

  test('the head costs one request, with or without the rows', async () => {
    const { client, seen } = clientOf(three);
    const cursor = client.readSegment('boiler-7', day);
    await Promise.all([cursor.head(), cursor.head()]);
    expect(seen).toHaveLength(1);
    expect((await cursor.toArray()).map(({ v }) => v)).toEqual([0, 1, 2, 3, 4, 5]);
    await cursor.head();
    expect(seen).toHaveLength(3);
  });

  test('a cursor is iterated once', async () => {
    const { client } = clientOf(three);
    const cursor = client.readSegment('boiler-7', day);
    const pages: number[] = [];
    for await (const each of cursor.pages()) pages.push(each.length);
    expect(pages).toEqual([2, 2, 2]);
    expect(await failureOf(cursor.toArray())).toMatchObject({ code: 'invalid' });
  });

  test('a first page that failed is asked for again', async () => {
    const { client } = clientOf((_, number) => (number === 1 ? status(400, 'not now') : page(0)));
    const cursor = client.readSegment('boiler-7', day);
    expect(await failureOf(cursor.head())).toMatchObject({ code: 'invalid' });
    expect(await cursor.toArray()).toHaveLength(2);
  });

  test.each([
    'http://elsewhere.test/v1/x',
    '//elsewhere.test/v1/x',
    'https://tempodb.test/v1/x',
    'http://tempodb.test:81/v1/x',
    'file:///etc/passwd',
    'http://[',
  ])('the link %s to another place is not followed: no credentials go there', async (link) => {
    const { client, seen } = clientOf(() => page(0, `<${link}>; rel="next"`));
    const error = await failureOf(client.readSegment('boiler-7', day).toArray());
    expect(error.code).toBe('protocol');
    expect(seen).toHaveLength(1);
  });

  test('a link from a page to itself is no endless loop', async () => {
    const { client, seen } = clientOf(({ target }) => page(0, `<${target}>; rel="next"`));
    expect(await failureOf(client.readSegment('boiler-7', day).toArray())).toMatchObject({ code: 'protocol' });
    expect(seen).toHaveLength(1);
  });

  test('links below a prefix stay below it', async () => {
    const { client, seen } = clientOf(
      (_, number) => json([boiler], number === 1 ? { link: '</tempodb/v1/series/?cursor=x>; rel="next"' } : {}),
      'http://gateway/tempodb',
    );
    expect(await client.listSeries({}, { limit: 1 }).toArray()).toHaveLength(2);
    expect(seen.map(({ target }) => target)).toEqual(['/tempodb/v1/series/?limit=1', '/tempodb/v1/series/?cursor=x']);
  });

  test('an abort ends it between two pages, and a deadline while it hangs', async () => {
    const controller = new AbortController();
    const { client, seen } = clientOf(three);
    const aborted = await failureOf(async () => {
      for await (const _ of client.readSegment('boiler-7', day, { signal: controller.signal })) controller.abort();
    });
    expect([aborted.code, seen.length]).toEqual(['aborted', 1]);
    const { client: hanging } = clientOf(() => new Promise(() => {}));
    expect(await failureOf(hanging.readSegment('boiler-7', day, { deadlineMs: 20 }).toArray())).toMatchObject({ code: 'timeout' });
  });

  test('a series that goes while it is read is told as such', async () => {
    const { client } = clientOf(({ target }, number) =>
      target === '/v1/series/?limit=1' ? json([]) : number === 1 ? page(0, '<?cursor=1>; rel="next"') : status(403),
    );
    expect(await failureOf(client.readSegment('boiler-7', day).toArray())).toMatchObject({ code: 'not-found' });
  });
});

test('after close calls fail as closed, and close waits for those under way', async () => {
  let release = () => {};
  const { client } = clientOf(
    () =>
      new Promise((resolve) => {
        release = () => resolve(json(boiler));
      }),
  );
  const call = client.getSeries('a');
  await new Promise((resolve) => setTimeout(resolve, 20));
  const closing = client.close();
  release();
  await closing;
  expect((await call).key).toBe('boiler-7');
  for (const later of [client.getSeries('a'), client.listSeries().toArray(), client.write('a', [])])
    expect(await failureOf(later)).toMatchObject({ code: 'closed' });
});
