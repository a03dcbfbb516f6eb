import { describe, expect, test } from 'vitest';
import { fill, get, iso, type Pair, type Row, type search, startService } from './server-fixture.ts';

const start = Date.parse('2012-01-01T00:00:00Z');
const hour = 3_600_000;
const day = 24 * hour;

describe('a read of the first generation', () => {
  const points: Pair[] = [
    [start, 1],
    [start + 30 * 60_000, 4],
    [start + 26 * hour, 7],
  ];

  test('chooses its rollup by the length of the range alone', async () => {
    const service = await startService();
    await fill(service, 'k', points);
    const read = async (length: number, more: Parameters<typeof search>[0] = {}) =>
      (await get(service, 'series/key/k/data', { start: iso(start), end: iso(start + length), ...more })).json;
    for (const more of [{}, { function: 'max' }, { interval: '', function: '', tz: '' }]) {
      expect((await read(2 * day, more)).rollup).toBeNull();
      expect((await read(2 * day, more)).data).toHaveLength(3);
      expect((await read(2 * day + 1, more)).rollup).toEqual({ interval: 'PT1H', function: more.function || 'avg', tz: 'UTC' });
      expect((await read(30 * day, more)).rollup.interval).toBe('PT1H');
      expect((await read(30 * day + 1, more)).rollup.interval).toBe('P1D');
    }
    expect((await read(3 * day)).data).toEqual([
      { t: iso(start), v: 2.5 },
      { t: iso(start + 26 * hour), v: 7 },
    ]);
    expect(await read(400 * day, { interval: 'raw', function: 'max' })).toMatchObject({ rollup: null, data: { length: 3 } });
    expect((await read(day, { interval: '1day', function: 'mean' })).rollup).toEqual({ interval: 'P1D', function: 'mean', tz: 'UTC' });
  });

  test('sums up the points that are stored, not those that are shown', async () => {
    const service = await startService();
    await fill(service, 'k', points);
    const { json } = await get(service, 'series/key/k/data', { start: iso(start), end: iso(start + 40 * day), tz: '+01:00' });
    expect(json.summary).toEqual({ sum: 12, mean: 4, max: 7, min: 1, stddev: 3, ss: 18, count: 3 });
    expect(json.start).toBe('2012-01-01T01:00:00.000+01:00');
    const none = await get(service, 'series/key/k/data', { start: iso(start + 1), end: iso(start + 1) });
    expect(none.json).toMatchObject({ data: [], summary: { sum: 0, mean: 0, max: 0, min: 0, stddev: 0, ss: 0, count: 0 } });
    expect((await get(service, 'series/key/k/data/summary', { start: iso(start), end: iso(start + 40 * day) })).json).toEqual(json.summary);
  });

  test('of several series answers one data set for each, also the empty ones', async () => {
    const service = await startService();
    await fill(service, 'b', points);
    await fill(service, 'a', [[start - 1, 5]]);
    const { json } = await get(service, 'data', { start: iso(start), end: iso(start + day) });
    expect(json.map(({ series, data }: { series: { key: string }; data: Row[] }) => [series.key, data.length])).toEqual([
      ['a', 0],
      ['b', 2],
    ]);
    expect((await get(service, 'data', { start: iso(start), end: iso(start + day), key: 'none' })).json).toEqual([]);
  });

  test('of a great many points is whole', async () => {
    const service = await startService();
    await fill(
      service,
      'k',
      Array.from({ length: 60_000 }, (_, i): Pair => [start + i, i]),
    );
    const { json } = await get(service, 'series/key/k/data', { start: iso(start), end: iso(start + day), interval: 'raw' });
    expect(json.data).toHaveLength(60_000);
    expect(json.data.every(({ v }: Row, i: number) => v === i)).toBe(true);
    expect(json.summary).toMatchObject({ count: 60_000, sum: 1_799_970_000 });
  });
});
