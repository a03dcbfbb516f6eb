import { describe, expect, test } from 'vitest';
import { fill, get, iso, type Service, search, startService } from './server-fixture.ts';

const start = Date.parse('2012-01-01T00:00:00Z');

describe('what this protocol cannot say', () => {
  const stored = [
    [start, 'text'],
    [start + 1, true],
    [start + 1.5, false],
    [start + 2, 9_007_199_254_740_993n],
    [start + 3, 1.5],
    [start + 3.999, 'text'],
    [start + 4.25, 5],
    [start + 4.75, 6],
    [start + 5, 'text'],
  ] as const;
  const range = { start: iso(start), end: iso(start + 5) };

  async function begin(): Promise<Service> {
    const service = await startService();
    await service.store.write(stored.map(([time, value]) => ({ series: 'k', time, value })));
    return service;
  }

  test('is left out and counted; booleans are numbers, and the last of a millisecond is shown', async () => {
    const service = await begin();
    const expected = `[${[
      [1, '0'],
      [2, '9007199254740993'],
      [3, '1.5'],
      [4, '6'],
    ].map(([ms, v]) => `{"t":"${iso(start + Number(ms))}","v":${v}}`)}]`;
    for (const path of ['series/key/k/segment', 'series/key/k/data']) {
      const { text, headers } = await get(service, path, range);
      expect(text).toContain(`"data":${expected}`);
      expect(headers.get('anyseries-omitted')).toBe('2');
    }
    const { headers } = await get(service, 'series/key/k/segment', { ...range, start: iso(start + 4) });
    expect(headers.has('anyseries-omitted')).toBe(false);
  });

  test('is counted for the rows of a page, not for those of the next', async () => {
    const service = await startService();
    const points = Array.from({ length: 30 }, (_, i) => ({ series: 'k', time: start + i, value: i % 3 === 2 ? i : `text ${i}` }));
    await service.store.write(points);
    const counts: number[] = [];
    let target: string | undefined = `/v1/series/key/k/segment/?${search({ start: iso(start), end: iso(start + 30), limit: 4 })}`;
    while (target !== undefined) {
      const page: Awaited<ReturnType<Service['ask']>> = await service.ask('GET', target);
      counts.push(Number(page.headers.get('anyseries-omitted') ?? 0));
      target = page.next;
    }
    expect(counts.reduce((a, b) => a + b, 0)).toBe(20);
    expect(counts).toHaveLength(3);
  });

  test('does not count in folds, and neither does what a millisecond hides', async () => {
    const service = await begin();
    const { json } = await get(service, 'series/key/k/summary', range);
    expect(json.summary).toMatchObject({ count: 4, min: 0 });
    const count = await get(service, 'series/key/k/segment', { ...range, 'rollup.period': '1hour', 'rollup.fold': 'count' });
    expect(count.json.data).toEqual([{ t: iso(start), v: 4 }]);
    const single = await get(service, 'series/key/k/single', { ts: iso(start + 100), direction: 'before' });
    expect(single.json.data).toEqual({ t: iso(start + 4), v: 6 });
    expect(single.headers.get('anyseries-omitted')).toBe('1');
  });

  test('as integers of 64 bits is exact where a fold keeps integers', async () => {
    const service = await startService();
    const body = '[{"t":"2012-01-01","v":9223372036854775807},{"t":"2012-01-02","v":-9007199254740993},{"t":"2012-01-03","v":2}]';
    await service.ask('POST', '/v1/series/key/k/data/', body);
    const parameters = { start: '2012-01-01', end: '2012-01-05', 'rollup.period': 'P1M' };
    const values = {
      sum: '9214364837600034816',
      min: '-9007199254740993',
      max: '9223372036854775807',
      first: '9223372036854775807',
      last: '2',
      count: '3',
    };
    for (const [fold, value] of Object.entries(values))
      expect((await get(service, 'series/key/k/segment', { ...parameters, 'rollup.fold': fold })).text).toContain(`"v":${value}}`);
    expect((await get(service, 'series/key/k/summary', parameters)).text).toContain(`"sum":${values.sum}}`);
  });

  test('as too large for a double is the largest one', async () => {
    const service = await startService();
    await fill(service, 'k', [
      [start, 1e308],
      [start + 1, 1e308],
    ]);
    const { json } = await get(service, 'series/key/k/segment', { ...range, 'rollup.fold': 'sum' });
    expect(json.data[0].v).toBe(Number.MAX_VALUE);
  });
});
