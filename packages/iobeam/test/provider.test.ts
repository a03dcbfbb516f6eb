import type { Point } from '@anyseries/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connect } from '../src/index.ts';
import { readPages } from '../src/provider/pages.ts';
import { projectId, type Service, startService, token } from './service.ts';

const t0 = Date.UTC(2026, 10, 21);

let service: Service;
beforeEach(async () => {
  service = await startService();
});
afterEach(() => service.close());

const imports = () => service.requests.filter(({ url }) => url.endsWith('/v1/imports'));

describe('a batch of several devices', () => {
  test('is one request per device, and every point keeps its index', async () => {
    await using db = connect(service.settings);
    await db.write([{ series: 'a{device_id="d-1"}', time: t0, value: 1 }]);
    const result = await db.write([
      { series: 'a{device_id="d-0"}', time: t0, value: 0 },
      { series: 'a{device_id="d-1"}', time: t0, value: 'text' },
      { series: 'b{device_id="d-1"}', time: t0, value: 2 },
      { series: 'all{device_id="d-1"}', time: t0, value: 3 },
      { series: 'TIME_offset', time: t0, value: 4 },
      { series: 'a{device_id="d-2"}', time: t0, value: 5 },
      { series: 'plain', time: t0, value: Number.NaN },
    ]);
    expect(result).toMatchObject({
      stored: 4,
      rejected: [
        { index: 1, code: 'invalid', message: expect.stringContaining('a is LONG') },
        { index: 4, code: 'invalid', message: expect.stringContaining('TIME_offset') },
        { index: 6, code: 'invalid', message: expect.stringContaining('value') },
      ],
    });
  });

  test('a device that is refused costs the others nothing', async () => {
    service = await startService({ settings: { unknownDevices: 'refuse' } });
    await using db = connect({ ...service.settings, registerDevices: false, retry: { maxAttempts: 1 } });
    await connect(service.settings).write([{ series: 'a{device_id="known"}', time: t0, value: 1 }]);
    const failure = db.write([
      { series: 'a{device_id="known"}', time: t0 + 1, value: 1 },
      { series: 'a{device_id="unknown"}', time: t0, value: 2 },
    ]);
    await expect(failure).rejects.toMatchObject({ code: 'not-found', outcome: { stored: 1, unsent: [1], unknown: [] } });
  });
});

test('a device that the server does not know is registered, and its points are sent again', async () => {
  service = await startService({ settings: { unknownDevices: 'refuse' } });
  await using db = connect({ ...service.settings, deviceId: 'sensor-1' });
  expect(await db.write([{ series: 'a', time: t0, value: 1 }])).toMatchObject({ stored: 1 });
  expect(await db.write([{ series: 'a', time: t0 + 1, value: 2 }])).toMatchObject({ stored: 1 });
  expect(imports()).toHaveLength(3);
  expect(await service.store.latest('a{device_id="sensor-1"}')).toMatchObject({ value: 2 });
});

test('keys without a device are those of the device of the settings, and the others stay apart', async () => {
  await using db = connect({ ...service.settings, deviceId: 'sensor-1' });
  await db.write([
    { series: 'a', time: t0, value: 1 },
    { series: 'a{device_id="anyseries"}', time: t0, value: 2 },
    { series: 'a{device_id="sensor-2"}', time: t0, value: 3 },
  ]);
  expect((await service.store.series().toArray()).map(({ key }) => key)).toEqual([
    'a',
    'a{device_id="sensor-1"}',
    'a{device_id="sensor-2"}',
  ]);
  expect((await db.series().toArray()).map(({ key }) => key)).toEqual(['a', 'a{device_id="anyseries"}', 'a{device_id="sensor-2"}']);
  expect((await db.latest({ labels: { device_id: 'sensor-2' } })).map(({ value }) => value)).toEqual([3]);
  expect(await db.latest('A')).toMatchObject({ series: 'A', value: 1 });
});

test('1000 points go in a request, and more are divided', async () => {
  await using db = connect(service.settings);
  await db.write(Array.from({ length: 2500 }, (_, i) => ({ series: `s${i % 3}`, time: t0 + i, value: i })));
  expect(imports()).toHaveLength(3);
});

test('check() tells by how much the clock of the service is ahead', async () => {
  const clock = { now: () => t0, setTimer: () => () => {} };
  service = await startService({ clock: { ...clock, now: () => t0 + 1500 } });
  await using db = connect({ ...service.settings, clock });
  expect((await db.check()).clockSkewMs).toBe(1500);
});

describe('the service reads what it gives out', () => {
  test('of a series of 60,000 points, page by page, in both orders', async () => {
    const values = Array.from({ length: 60_000 }, (_, i) => i);
    const points = values.map((value) => ({ series: 'long', time: t0 + Math.floor(value ** 1.3) + (value % 7) / 1000, value }));
    await service.store.write(points);
    await using db = connect(service.settings);
    const read = async (order: 'ascending' | 'descending', limit?: number) =>
      (await db.read({ series: 'long', order, limit }).toArray()).map(({ value }) => value);
    const stored = (await service.store.read({ series: 'long' }).toArray()).map(({ value }) => value);
    expect(await read('ascending')).toEqual(stored);
    expect(await read('descending')).toEqual(stored.toReversed());
    expect(await read('ascending', 15_000)).toEqual(stored.slice(0, 15_000));
    expect(await read('descending', 15_000)).toEqual(stored.toReversed().slice(0, 15_000));
    const bySecond = { every: '1s', fn: 'count' } as const;
    const buckets = await service.store.read({ series: 'long', rollup: bySecond }).toArray();
    expect(await db.read({ series: 'long', rollup: bySecond }).toArray()).toEqual(buckets);
    const rolled = db.read({ series: 'long', rollup: { every: 10, fn: 'sum' }, order: 'descending' });
    expect(rolled.rollupBy).toBe('backend');
    expect(await rolled.toArray()).toEqual(
      await service.store.read({ series: 'long', rollup: { every: 10, fn: 'sum' }, order: 'descending' }).toArray(),
    );
  });
});

describe('pages', () => {
  /** A service with these points, in whole microseconds. */
  function serviceOf(times: readonly number[]) {
    let requests = 0;
    const fetch = async ({ from = '-1e99', to = '1e99', limit = '1e99', operator, group_by }: Readonly<Record<string, string>>) => {
      requests++;
      const inRange = times.filter((time) => time >= Number(from) && time < Number(to) + 1);
      if (operator === undefined) {
        const page = inRange.slice(Math.max(0, inRange.length - Number(limit)));
        return { times: page, values: page };
      }
      if (inRange.length === 0) return { times: [], values: [] };
      if (group_by === undefined) return { times: [from === '-1e99' ? inRange[0]! : Number(from)], values: [inRange.length] };
      const width = Number.parseInt(group_by, 10);
      const counts = Map.groupBy(inRange, (time) => Math.floor(time / width) * width);
      return { times: [...counts.keys()], values: Array.from(counts.values(), (some) => some.length) };
    };
    return { fetch, count: () => requests };
  }

  const layout = fc.record({
    count: fc.integer({ min: 0, max: 40_000 }),
    spread: fc.constantFrom(0.001, 0.5, 3, 1000),
    clusters: fc.array(fc.record({ at: fc.integer({ min: -1e12, max: 1e12 }), size: fc.integer({ min: 0, max: 15_000 }) }), {
      maxLength: 3,
    }),
  });
  type Layout = typeof layout extends fc.Arbitrary<infer T> ? T : never;

  function timesOf({ count, spread, clusters }: Layout): number[] {
    const dense = Array.from({ length: count }, (_, i) => Math.floor(i * spread * 1000) / 1000);
    const others = clusters.flatMap(({ at, size }) => Array.from({ length: size }, (_, i) => at + i / 1000));
    return [...new Set([...dense, ...others])].sort((x, y) => x - y);
  }

  test('hold every point of a range once, in order, with few requests, however the points lie', { timeout: 120_000 }, async () => {
    const bound = fc.oneof(
      fc.constant(undefined),
      fc.integer({ min: -1000, max: 40_000_000 }).map((us) => us / 1000),
    );
    const limit = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 0, max: 30_000 }));
    await fc.assert(
      fc.asyncProperty(layout, bound, bound, limit, fc.boolean(), async (points, a, b, most, descending) => {
        const times = timesOf(points);
        const [start = Number.NEGATIVE_INFINITY, end = Number.POSITIVE_INFINITY] =
          a !== undefined && b !== undefined && a > b ? [b, a] : [a, b];
        const { fetch, count } = serviceOf(times);
        const found: number[] = [];
        for await (const page of readPages('k', { start, end, descending, limit: most }, fetch)) found.push(...page.times);
        const inRange = times.filter((time) => time >= start && time < end);
        const expected = (descending ? inRange.toReversed() : inRange).slice(0, most);
        expect([found.length, found.findIndex((time, i) => time !== expected[i])]).toEqual([expected.length, -1]);
        expect(count()).toBeLessThan(20 + inRange.length / 1000);
      }),
      { numRuns: 60 },
    );
  });
});

describe('settings', () => {
  test.each([
    ['iobeam://7:to%2Bken@localhost:8484/?secure=false', 'http://localhost:8484/v1/devices/timestamp?timefmt=usec', 'Bearer to+ken'],
    ['iobeam://7:token@localhost/', 'https://localhost/v1/devices/timestamp?timefmt=usec', 'Bearer token'],
    ['https://7:token@localhost/iobeam/v1/', 'https://localhost/iobeam/v1/devices/timestamp?timefmt=usec', 'Bearer token'],
  ])('the address %s leads to %s', async (address, url, authorization) => {
    const seen: Request[] = [];
    const fetch: typeof globalThis.fetch = async (input, init) => {
      seen.push(new Request(input, init));
      return Response.json({ server_timestamp: 1 });
    };
    await connect({ url: address, fetch }).check();
    expect([seen[0]!.url, seen[0]!.headers.get('authorization')]).toEqual([url, authorization]);
  });

  test.each([
    [{ url: 'ftp://x' }, /^url:/],
    [{ url: 'iobeam://7:s3cret@x/?sekure=false' }, /^url: the parameter "sekure"/],
    [{ url: 'iobeam://7:s3cret%zz@x/' }, /^url: /],
    [{ projectId: 0 }, /^projectId:/],
    [{ deviceId: 'a b' }, /^deviceId:/],
    [{ registerDevices: 'yes' }, /^registerDevices:/],
    [{ tokenStore: { load: () => {} } }, /^tokenStore: .*save/],
    [{ timeoutMs: 0 }, /^timeoutMs:/],
    [{ headers: { 'a b': 's3cret' } }, /^headers:/],
    [{ fetch: 5 }, /^fetch:/],
    [{ tokn: 'x' }, /^settings\.tokn:/],
  ])('%o is refused by name, and shows no secret', (settings, message) => {
    const attempt = () => connect(settings as never).check();
    const told = (() => {
      try {
        return attempt().then(
          () => '',
          (error: Error) => error.message,
        );
      } catch (error) {
        return (error as Error).message;
      }
    })();
    return Promise.resolve(told).then((text) => {
      expect(text).toMatch(message);
      expect(text).not.toContain('s3cret');
    });
  });

  test('what is missing is named with its variable, at the first call', async () => {
    const point: Point = { series: 'a', time: t0, value: 1 };
    await expect(connect({ projectId }).write([point])).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining('IOBEAM_TOKEN'),
      outcome: { unsent: [0] },
    });
    await expect(connect({ token: 'opaque' }).write([point])).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('IOBEAM_PROJECT_ID'),
    });
    await expect(connect({ projectId, readToken: token }).read({ series: 'a' }).toArray()).rejects.toMatchObject({ code: 'unavailable' });
  });
});
