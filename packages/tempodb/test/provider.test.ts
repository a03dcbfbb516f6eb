import { type AnySeriesError, copy, type PointInput } from '@anyseries/core';
import { connect as connectToMemory } from '@anyseries/memory';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connect, type TempoDBProvider } from '../src/index.ts';
import { type Service, startService } from './service.ts';

const second = 1000;
const hour = 3_600_000;
const start = Date.UTC(2024, 0, 1);

let service: Service;
let db: TempoDBProvider;

beforeEach(async () => {
  service = await startService();
  db = connect(service.settings);
});

afterEach(async () => {
  await db.close();
  await service.close();
});

/** The requests of a call, as method, path and query. */
async function requestsOf(call: () => Promise<unknown>): Promise<string[]> {
  const before = service.requests.length;
  await call();
  return service.requests.slice(before).map(({ method, url }) => `${method} ${url.slice(service.settings.url.length)}`);
}

/** A provider of a service that gives these answers, one after the other and the last for ever, and what it was asked. */
function providerOf(...answers: readonly (() => Response)[]) {
  const asked: string[] = [];
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const { method, url } = new Request(input, init);
    asked.push(`${method} ${new URL(url).pathname}${new URL(url).search}`);
    return answers[Math.min(asked.length, answers.length) - 1]!();
  };
  const settings = { url: 'http://tempodb.test', key: 'k', secret: 's3cret', retry: { minDelayMs: 1, maxDelayMs: 1 } };
  return { db: connect({ ...settings, fetch: fetch as typeof globalThis.fetch }), asked };
}

const status =
  (code: number, body: string | null = null, headers: Record<string, string> = {}) =>
  () =>
    new Response(body, { status: code, headers });
const three: readonly PointInput<number>[] = [1, 2, 3].map((value) => ({ series: 'a', time: start + value, value }));

describe('writing', () => {
  test('of a 207 each point has its own verdict; what the service says is in the message', async () => {
    const element = (code: unknown, ...messages: string[]) => ({ status: code, messages });
    const body = JSON.stringify({
      multistatus: [element('200'), element(422, 'no', 'never'), element('403', 'Forbidden'), element('503')],
    });
    const points = [...three, { series: 'b', time: start, value: 4 }];
    const { db: partial } = providerOf(status(207, body));
    expect(await partial.write([{ series: '', value: 0 }, ...points])).toEqual({
      stored: 1,
      unconfirmed: 0,
      rejected: [
        { index: 0, code: 'invalid', message: expect.stringContaining('series') },
        { index: 2, code: 'invalid', message: 'no; never' },
        { index: 3, code: 'forbidden', message: 'Forbidden' },
        { index: 4, code: 'unavailable', message: 'status 503' },
      ],
    });
    expect((await partial.increment(points)).rejected[0]).toEqual({ index: 1, code: 'conflict', message: 'no; never' });
  });

  test('a 207 after a lost answer counts, and is not asked for again', async () => {
    const lost = () => {
      throw new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) });
    };
    const body = '{"multistatus":[{"status":"200","messages":[]},{"status":"422","messages":["no"]},{"status":"200","messages":[]}]}';
    const { db: partial, asked } = providerOf(lost, status(503), status(207, body));
    expect(await partial.write(three)).toMatchObject({ stored: 2, rejected: [{ index: 1 }] });
    expect(asked).toEqual(Array(3).fill('POST /v1/multi/'));
  });

  test.each(['{"multistatus":[]}', '{"multistatus":', '', '[]', '{"multistatus":[{"status":"fine"},{},{}]}'])(
    'a 207 that says %s leaves points in doubt: written again, but never counted twice',
    async (body) => {
      const { db: mended } = providerOf(status(207, body), status(200));
      expect(await mended.write(three)).toMatchObject({ stored: 3, rejected: [] });
      const { db: broken } = providerOf(status(207, body));
      const error = await broken.increment(three).catch((caught: AnySeriesError) => caught);
      expect(error).toMatchObject({ code: 'unknown-outcome', indices: [0, 1, 2] });
    },
  );

  test('refused credentials are told by the names of the settings', async () => {
    const { db: refused, asked } = providerOf(status(403));
    await expect(refused.write(three)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(/^status 403: .*'key' and 'secret'/),
      outcome: { unsent: [0, 1, 2] },
    });
    expect(asked).toHaveLength(1);
  });

  test('5,000 points go in a request, each series escaped once', async () => {
    const points = Array.from({ length: 12_000 }, (_, i) => ({ series: `s"${i % 3}`, time: start + i, value: i }));
    expect(await requestsOf(() => db.write(points))).toEqual(Array(3).fill('POST /v1/multi/'));
    expect((await db.read({ series: 's"2' }).toArray()).length).toBe(4000);
  });
});

describe('reading', () => {
  const from = '2024-01-01T00%3A00%3A00.000Z';

  test('pages are as long as the limit asks, 5,000 rows at most', async () => {
    await db.write(Array.from({ length: 7000 }, (_, i) => ({ series: 'a', time: start + i * second, value: i })));
    const some = await requestsOf(() => db.read({ series: 'a', start, end: start + hour, limit: 3 }).toArray());
    expect(some).toEqual([`GET /v1/series/key/a/segment/?start=${from}&end=2024-01-01T01%3A00%3A00.000Z&limit=3`]);
    const all = await requestsOf(() => db.read({ series: 'a' }).toArray());
    expect(all[0]).toBe('GET /v1/series/key/a/segment/?start=0001-01-01T00%3A00%3A00.000Z&end=9999-12-31T23%3A59%3A59.999Z&limit=5000');
    expect(all).toHaveLength(2);
  });

  test('bounds are the next whole millisecond, because there are no points between two', async () => {
    await db.write([0, 1, 2].map((i) => ({ series: 'a', time: start + i, value: i })));
    const values = async (bounds: object) => (await db.read({ series: 'a', ...bounds }).toArray()).map(({ value }) => value);
    expect(await values({ start: start + 0.25, end: start + 1.25 })).toEqual([1]);
    expect(await values({ start: start + 0.25, end: start + 0.75 })).toEqual([]);
    expect(await values({ start: start - 0.5, end: start + 0.5, order: 'descending' })).toEqual([0]);
    expect(await values({ start: -8.64e15, end: 8.64e15 })).toEqual([0, 1, 2]);
    expect(await requestsOf(() => db.read({ series: 'a', start: 3e14 }).toArray())).toEqual([]);
    expect(await requestsOf(() => db.read({ series: 'a', end: -1e14, order: 'descending' }).toArray())).toEqual([]);
  });

  test('latest first: one point by one request, more by windows', async () => {
    await db.write(Array.from({ length: 5000 }, (_, i) => ({ series: 'a', time: start + i * second, value: i })));
    const one = await requestsOf(() => db.read({ series: 'a', order: 'descending', limit: 1 }).toArray());
    expect(one).toEqual(['GET /v1/series/key/a/single/?ts=9999-12-31T23%3A59%3A59.998Z&direction=before']);
    const two = await db.read({ series: 'a', order: 'descending', limit: 2, end: start + 100 * second }).toArray();
    expect(two.map(({ value }) => value)).toEqual([99, 98]);
    const all = await requestsOf(() => db.read({ series: 'a', order: 'descending' }).toArray());
    expect(all.length).toBeLessThan(12);
  });

  test('any range and limit, latest first, equals the same in order of time, turned around', async () => {
    const offsets = fc.uniqueArray(fc.oneof(fc.nat(100), fc.nat(1e10)), { minLength: 1, maxLength: 60 });
    const bound = fc.option(fc.oneof(fc.nat(120), fc.nat(1e10)), { nil: undefined });
    let number = 0;
    await fc.assert(
      fc.asyncProperty(
        offsets,
        bound,
        bound,
        fc.option(fc.integer({ min: 1, max: 70 }), { nil: undefined }),
        async (times, a, b, limit) => {
          const series = `p${number++}`;
          await db.write(times.map((offset) => ({ series, time: start + offset, value: offset })));
          const [low, high] = a !== undefined && b !== undefined && a > b ? [b, a] : [a, b];
          const range = {
            series,
            ...(low === undefined ? {} : { start: start + low }),
            ...(high === undefined ? {} : { end: start + high }),
          };
          const ascending = await db.read(range).toArray();
          const descending = await db.read({ ...range, limit, order: 'descending' }).toArray();
          expect(descending).toEqual(ascending.toReversed().slice(0, limit ?? times.length));
        },
      ),
      { numRuns: 25 },
    );
  });

  test('a missing series has no points; what tells it from refused credentials is asked once', async () => {
    expect(await requestsOf(() => db.read({ series: 'gone' }).toArray())).toEqual([
      expect.stringContaining('GET /v1/series/key/gone/segment/'),
      'GET /v1/series/?limit=1',
    ]);
    expect(await db.read({ series: 'gone', order: 'descending' }).toArray()).toEqual([]);
    const { db: refused } = providerOf(status(403));
    await expect(refused.read({ series: 'gone' }).toArray()).rejects.toMatchObject({ code: 'forbidden' });
    await expect(refused.latest('gone')).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('a page that leads elsewhere is not followed', async () => {
    const page = status(200, '{"data":[]}', { link: '<http://elsewhere.test/v1/x>; rel="next"' });
    const { db: lured, asked } = providerOf(page);
    await expect(lured.read({ series: 'a' }).toArray()).rejects.toMatchObject({ code: 'protocol' });
    expect(asked).toHaveLength(1);
  });

  test.each([
    ['1h', 'mean', 'PT3600S', 'mean'],
    ['90s', 'stddev', 'PT90S', 'stddev'],
    ['2w', 'median', 'P14D', 'percentile,50'],
    ['1year', 'percentile(99.9)', 'P12M', 'percentile,99.9'],
  ] as const)('buckets of %s and the function %s are the service’s affair', async (every, fn, period, fold) => {
    await db.write(three);
    const stream = db.read({ series: 'a', rollup: { every, fn, timeZone: 'Europe/Berlin' } });
    expect(stream.rollupBy).toBe('backend');
    const [request] = await requestsOf(() => stream.toArray());
    const { searchParams } = new URL(request!.slice('GET '.length), service.settings.url);
    expect(Object.fromEntries(searchParams)).toMatchObject({ 'rollup.period': period, 'rollup.fold': fold, tz: 'Europe/Berlin' });
  });

  test('buckets of milliseconds and buckets latest first are folded here', async () => {
    await db.write(three);
    for (const query of [{ every: '250ms' as const }, { every: '1h' as const, order: 'descending' as const }]) {
      const { every, ...order } = query;
      const stream = db.read({ series: 'a', ...order, rollup: { every, fn: 'sum' } });
      expect(stream.rollupBy).toBe('core');
      expect((await stream.toArray()).map(({ value }) => value)).toEqual([6]);
    }
  });

  test('the latest points of many series take URLs that every server accepts', async () => {
    const keys = Array.from({ length: 300 }, (_, i) => `${'ü'.repeat(20)}${String(i).padStart(4, '0')}`);
    await db.write(keys.map((series, value) => ({ series, time: start, value })));
    const before = service.requests.length;
    const latest = await db.latest(['gone', ...keys]);
    expect(latest.map(({ value }) => value)).toEqual(Array.from(keys.keys()));
    const urls = service.requests.slice(before).map(({ url }) => url.length);
    expect(urls.length).toBeGreaterThan(5);
    expect(Math.max(...urls)).toBeLessThan(6500);
    expect(await requestsOf(() => db.latest([]))).toEqual([]);
  });

  test('a point in the future is the latest one', async () => {
    await db.write([{ series: 'a', time: '9999-12-31T23:59:59.998Z', value: 1 }, ...three]);
    expect((await db.latest('a'))?.value).toBe(1);
  });

  test('a series that has no points has no latest one', async () => {
    await db.putSeries({ key: 'empty' });
    expect(await db.latest('empty')).toBeUndefined();
    expect(await db.latest(['a', 'empty'])).toEqual([]);
    expect(await db.read({ series: 'empty', order: 'descending' }).toArray()).toEqual([]);
  });

  test('a limit beyond a page ends in the middle of the last one', async () => {
    await db.write(Array.from({ length: 12_000 }, (_, i) => ({ series: 'a', time: start + i, value: i })));
    expect(await db.read({ series: 'a', limit: 7001 }).toArray()).toHaveLength(7001);
  });
});

describe('series', () => {
  test('what the service can filter by is asked of it, and what it cannot is sorted out here', async () => {
    await db.putSeries({ key: 'cpu{host="a"}', tags: ['x', 'y'], attributes: { site: 'north' } });
    await db.putSeries({ key: 'cpu{host="b"}', tags: ['x'] });
    const asked = await requestsOf(async () => {
      const filter = { name: 'cpu', labels: { host: 'a' }, tags: ['x', 'y'], attributes: { site: 'north' } };
      expect((await db.series(filter).toArray()).map(({ key }) => key)).toEqual(['cpu{host="a"}']);
      expect(await db.series({ tags: [''] }).toArray()).toEqual([]);
      expect(await db.series({ attributes: { site: '' } }).toArray()).toEqual([]);
    });
    const all = 'GET /v1/series/?limit=1000';
    expect(asked).toEqual(['GET /v1/series/?tag=x&tag=y&attr%5Bsite%5D=north&limit=1000', all, all]);
    const keys = Array.from({ length: 900 }, (_, i) => `a-key-of-some-length-${i}`);
    expect((await requestsOf(() => db.series({ keys }).toArray())).length).toBeGreaterThan(3);
    expect(await requestsOf(() => db.series({ keys: [] }).toArray())).toEqual([]);
  });

  test('metadata is exactly what was put, whatever the service makes of a key with dots', async () => {
    const [{ id: _, ...written } = {}] = await db.write([{ series: 'plant2.unit:7.temp', value: 1 }]).then(() => db.series().toArray());
    expect(written).toEqual({ key: 'plant2.unit:7.temp', tags: ['plant2'], attributes: { unit: '7' } });
    const asked = await requestsOf(async () => {
      const { id: made, ...put } = await db.putSeries({ key: 'plant3.unit:8.temp', name: 'Eight', attributes: { a: 'b' } });
      expect([made?.length, put]).toEqual([32, { key: 'plant3.unit:8.temp', name: 'Eight', tags: [], attributes: { a: 'b' } }]);
    });
    const one = '/v1/series/key/plant3.unit%3A8.temp/';
    expect(asked).toEqual([`PUT ${one}`, 'GET /v1/series/?limit=1', 'POST /v1/series/', `PUT ${one}`]);
    expect((await db.series({ keys: ['plant3.unit:8.temp'] }).toArray())[0]).toMatchObject({ tags: [], attributes: { a: 'b' } });
  });

  test('putting a series that somebody else makes at the same moment goes on', async () => {
    const made = JSON.stringify({ id: 'x', key: 'a', name: 'A', tags: [], attributes: {} });
    const { db: late } = providerOf(status(403), status(200, '[]'), status(409, 'Unique constraint violated'), status(200, made));
    expect(await late.putSeries({ key: 'a', name: 'A' })).toEqual({ key: 'a', id: 'x', name: 'A', tags: [], attributes: {} });
    const { db: vanishing } = providerOf(status(403), status(200, '[]'), status(200, made), status(403), status(200, '[]'));
    await expect(vanishing.putSeries({ key: 'a' })).rejects.toMatchObject({ code: 'conflict', retryable: true });
  });

  test('an attribute without a value is refused by the service, and nothing is changed', async () => {
    await db.putSeries({ key: 'a', tags: ['x'] });
    await expect(db.putSeries({ key: 'a', attributes: { site: '' } })).rejects.toMatchObject({ code: 'invalid' });
    expect((await db.series().toArray())[0]).toMatchObject({ tags: ['x'], attributes: {} });
  });

  test('a delete between two milliseconds deletes nothing, and of what is not there is fine', async () => {
    await db.write(three);
    for (const [from, to] of [
      [0.25, 0.75],
      [1.5, 1.5],
      [3.1, 3.9],
      [1e15, 2e15],
      [1e15, 1e15],
    ] as const)
      expect(await requestsOf(() => db.delete({ series: 'a', start: start + from, end: start + to }))).toEqual([]);
    expect(await requestsOf(() => db.delete({ series: '..', start, end: start + 9 }))).toEqual(['GET /v1/series/?key=..']);
    await db.delete({ series: 'gone', start, end: start + 9 });
    await db.delete({ series: 'a', start: start + 1.5, end: start + 2.5 });
    expect((await db.read({ series: 'a' }).toArray()).map(({ value }) => value)).toEqual([1, 3]);
    expect(await requestsOf(() => db.delete({ series: 'a&b' }))).toEqual(['DELETE /v1/series/?key=a%26b&allow_truncation=false']);
  });

  test('check proves the credentials and tells how far the clocks are apart', async () => {
    const clock = {
      now: () => start + 500,
      setTimer: (callback: () => void, ms: number) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
    };
    const skew = async (date: string) => {
      const fetch = async () => new Response('[]', { headers: { date } });
      return (await connect({ key: 'k', secret: 's', clock, fetch: fetch as typeof globalThis.fetch }).check()).clockSkewMs;
    };
    expect(await skew('Mon, 01 Jan 2024 00:00:00 GMT')).toBe(0);
    expect(await skew('Mon, 01 Jan 2024 00:01:00 GMT')).toBe(59_500);
    expect(await skew('Sun, 31 Dec 2023 23:59:00 GMT')).toBe(-59_501);
    expect(await skew('soon')).toBeUndefined();
    const { db: wrong } = providerOf(status(403));
    await expect(wrong.check()).rejects.toMatchObject({ code: 'forbidden' });
    const { db: page } = providerOf(status(200, '<html>', { 'content-type': 'text/html' }));
    await expect(page.check()).rejects.toMatchObject({ code: 'protocol' });
  });
});

test('everything that the service keeps survives a copy to a store and back', async () => {
  await db.putSeries({ key: 'cpu{host="a"}', name: 'CPU', tags: ['x'], attributes: { site: 'north' } });
  await db.write([0.5, -0, 2n ** 60n + 1n].map((value, i) => ({ series: 'cpu{host="a"}', time: start + i, value })));
  await using store = connectToMemory();
  await copy(db, store);
  await db.delete({ series: 'cpu{host="a"}' });
  expect((await copy(store, db)).rejected).toEqual([]);
  expect((await db.read({ series: {} }).toArray()).map(({ value }) => value)).toEqual([0.5, -0, 2n ** 60n + 1n]);
  expect((await db.series().toArray())[0]).toMatchObject({ name: 'CPU', tags: ['x'], attributes: { site: 'north' } });
});
