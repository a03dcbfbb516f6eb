import type { Point, RollupFunction } from '@anyseries/core';
import { connect } from '@anyseries/memory';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clock, iso, now, type Service, search, startService } from './server-fixture.ts';

const start = Date.parse('2012-01-01T00:00:00Z');
const hour = 3_600_000;
const day = 24 * hour;

type Pair = readonly [time: number, value: number];
type Row = { readonly t: string; readonly v: number };

const pairs = (rows: readonly Row[]): Pair[] => rows.map(({ t, v }) => [Date.parse(t), v]);

async function fill(service: Service, key: string, points: readonly Pair[]): Promise<void> {
  await service.store.putSeries({ key });
  await service.store.write(points.map(([time, value]) => ({ series: key, time, value })));
}

/** What a query of these parameters answers. */
async function get(service: Service, path: string, parameters: Parameters<typeof search>[0]) {
  const answer = await service.ask('GET', `/v1/${path}/?${search(parameters)}`);
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
  return answer;
}

/** The grid of section 5.12, point by point. */
function interpolateNaively(points: readonly Pair[], from: number, to: number, period: number, name: 'linear' | 'zoh'): Pair[] {
  const grid: Pair[] = [];
  for (let time = from; time < to; time += period) {
    const before = points.findLast(([at]) => at <= time);
    const after = points.find(([at]) => at >= time);
    if (before === undefined) continue;
    if (name === 'zoh' || before[0] === time) grid.push([time, before[1]]);
    else if (after !== undefined) grid.push([time, before[1] + ((after[1] - before[1]) * (time - before[0])) / (after[0] - before[0])]);
  }
  return grid;
}

/** A rollup by core, which has tests of its own. */
async function rollUp(points: readonly Pair[], every: '1h' | '1d' | '7min', fn: RollupFunction, timeZone: string): Promise<Pair[]> {
  const store = connect({ clock });
  await store.write(points.map(([time, value]) => ({ series: 'k', time, value })));
  const rows = (await store.read({ series: 'k', rollup: { every, fn, timeZone } }).toArray()) as Point<number>[];
  return rows.map(({ time, value }) => [time, value]);
}

const folds = {
  sum: (values: readonly number[]) => values.reduce((a, b) => a + b, 0),
  max: (values: readonly number[]) => Math.max(...values),
  mean: (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length,
  count: (values: readonly number[]) => values.length,
  first: (values: readonly number[]) => values[0]!,
};

function expectNear(actual: readonly Pair[], expected: readonly Pair[]): void {
  expect(actual.map(([time]) => iso(time))).toEqual(expected.map(([time]) => iso(time)));
  for (const [i, [, value]] of expected.entries())
    expect(Math.abs(actual[i]![1] - value)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(value)));
}

const someTimes = fc
  .uniqueArray(fc.integer({ min: -200, max: 400 }), { maxLength: 25 })
  .map((steps) => steps.sort((a, b) => a - b).map((step) => start + step * 7 * 60_000));
const somePoints = someTimes.chain((times) =>
  fc
    .array(fc.integer({ min: -100, max: 100 }), { minLength: times.length, maxLength: times.length })
    .map((values) => times.map((time, i): Pair => [time, values[i]!])),
);
const interpolations = fc.option(fc.tuple(fc.constantFrom(7, 10, 60, 1000), fc.constantFrom('linear' as const, 'zoh' as const)), {
  nil: undefined,
});
const rollups = fc.option(
  fc.tuple(
    fc.constantFrom(['1hour', '1h'] as const, ['P1D', '1d'] as const, ['PT7M', '7min'] as const),
    fc.constantFrom('mean', 'max', 'sum', 'count'),
  ),
  {
    nil: undefined,
  },
);
const zones = fc.constantFrom('UTC', 'America/Chicago', 'Asia/Kathmandu', '+05:30');

/** What one series contributes, by the definitions. */
async function expectedRows(
  points: readonly Pair[],
  interpolation: readonly [number, 'linear' | 'zoh'] | undefined,
  rollup: readonly [readonly [string, '1h' | '1d' | '7min'], string] | undefined,
  timeZone: string,
): Promise<Pair[]> {
  const inside = points.filter(([time]) => time >= start && time < start + day);
  const grid =
    interpolation === undefined ? inside : interpolateNaively(inside, start, start + day, interpolation[0] * 60_000, interpolation[1]);
  return rollup === undefined ? grid : rollUp(grid, rollup[0][1], rollup[1] as RollupFunction, timeZone);
}

function parametersOf(
  interpolation: readonly [number, string] | undefined,
  rollup: readonly [readonly [string, string], string] | undefined,
  tz: string,
) {
  return {
    start: iso(start),
    end: iso(start + day),
    tz,
    'interpolation.period': interpolation && `PT${interpolation[0]}M`,
    'interpolation.function': interpolation?.[1],
    'rollup.period': rollup?.[0][0],
    'rollup.fold': rollup?.[1],
  };
}

describe('rows of the second generation', () => {
  test('are interpolated, then rolled up, then aggregated, as the definitions say', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(somePoints, { minLength: 1, maxLength: 3 }),
        interpolations,
        rollups,
        zones,
        fc.constantFrom(...(Object.keys(folds) as (keyof typeof folds)[])),
        async (series, interpolation, rollup, tz, fold) => {
          const service = await startService();
          const parameters = parametersOf(interpolation, rollup, tz);
          const expected: Pair[][] = [];
          for (const [i, points] of series.entries()) {
            await fill(service, `k${i}`, points);
            expected.push(await expectedRows(points, interpolation, rollup, tz));
            const { json } = await get(service, `series/key/k${i}/segment`, parameters);
            expectNear(pairs(json.data), expected[i]!);
            expect(json).toMatchObject({
              series: { key: `k${i}` },
              tz,
              rollup:
                rollup === undefined ? null : { period: { '1hour': 'PT1H' }[rollup[0][0] as string] ?? rollup[0][0], fold: rollup[1] },
            });
          }

          const times = [...new Set(expected.flat().map(([time]) => time))].sort((a, b) => a - b);
          const cells = times.map((time) => expected.map((rows) => rows.find(([at]) => at === time)?.[1]));
          const table = await get(service, 'multi', parameters);
          expect(table.json.series.map(({ key }: { key: string }) => key)).toEqual(series.map((_, i) => `k${i}`));
          expect(table.json.data.map(({ t }: Row) => Date.parse(t))).toEqual(times);
          for (const [row, values] of cells.entries()) {
            const { v } = table.json.data[row];
            expect(Object.keys(v)).toEqual(values.flatMap((value, i) => (value === undefined ? [] : [`k${i}`])));
            for (const [i, value] of values.entries()) if (value !== undefined) expect(v[`k${i}`]).toBeCloseTo(value, 6);
          }

          const aggregated = await get(service, 'segment', { ...parameters, 'aggregation.fold': fold });
          const present = (values: readonly (number | undefined)[]) => values.filter((value) => value !== undefined);
          expectNear(
            pairs(aggregated.json.data),
            times.map((time, row) => [time, folds[fold](present(cells[row]!))]),
          );
          expect(aggregated.json.series).toBeUndefined();
        },
      ),
    );
  });

  test('of several folds agree with those of one', async () => {
    const names = ['sum', 'min', 'max', 'count', 'mean', 'stddev', 'ss', 'variance', 'mult', 'range', 'first', 'last', 'percentile,90'];
    await fc.assert(
      fc.asyncProperty(
        somePoints,
        fc.uniqueArray(fc.constantFrom(...names, 'avg'), { minLength: 1 }),
        interpolations,
        zones,
        async (points, asked, interpolation, tz) => {
          const service = await startService();
          await fill(service, 'k', points);
          const parameters = { ...parametersOf(interpolation, undefined, tz), 'rollup.period': '1hour' };
          const { json } = await get(service, 'series/key/k/data/rollups/segment', { ...parameters, 'rollup.fold': asked });
          const texts = asked.map((name) => ({ avg: 'mean', 'percentile,90': 'percentile(0.9)' })[name] ?? name);
          expect(json.rollup).toEqual({ period: 'PT1H', folds: texts });
          for (const name of asked) {
            const one = await get(service, 'series/key/k/segment', { ...parameters, 'rollup.fold': name });
            const shown = { avg: 'mean', 'percentile,90': 'percentile' }[name] ?? name;
            expect(json.data.map(({ t, v }: { t: string; v: Record<string, number> }) => ({ t, v: v[shown] }))).toEqual(one.json.data);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test('of two percentiles show the last one', async () => {
    const service = await startService();
    await fill(
      service,
      'k',
      [0, 1, 2, 3, 4].map((v) => [start + v, v]),
    );
    const { json } = await get(service, 'series/key/k/data/rollups/segment', {
      start: iso(start),
      end: iso(start + 10),
      'rollup.period': 'P1D',
      'rollup.fold': ['percentile,0', 'max', 'percentile,75'],
    });
    expect(json.data).toEqual([{ t: '2012-01-01T00:00:00.000Z', v: { percentile: 3, max: 4 } }]);
    expect(json.rollup.folds).toEqual(['percentile(0)', 'max', 'percentile(0.75)']);
  });

  test('with a fold but no period are one, at the start', async () => {
    const service = await startService();
    await fill(service, 'a', [
      [start, 1],
      [start + 5, 3],
    ]);
    await fill(service, 'b', [[start + 2, 10]]);
    const parameters = { start: iso(start - 1000), end: iso(start + day), 'rollup.fold': 'avg' };
    const at = iso(start - 1000);
    const rollup = { period: null, fold: 'mean' };
    expect((await get(service, 'series/key/a/segment', parameters)).json).toMatchObject({ data: [{ t: at, v: 2 }], rollup });
    expect((await get(service, 'multi', parameters)).json).toMatchObject({ data: [{ t: at, v: { a: 2, b: 10 } }], rollup });
    expect((await get(service, 'segment', { ...parameters, 'aggregation.fold': 'sum' })).json).toMatchObject({
      data: [{ t: at, v: 12 }],
      rollup,
    });
    expect((await get(service, 'series/key/a/segment', { ...parameters, end: parameters.start })).json.data).toEqual([]);
  });

  test('take the names of the first generation, and the average where no fold is named', async () => {
    const service = await startService();
    await fill(service, 'k', [
      [start, 1],
      [start + 5, 3],
    ]);
    const range = { start: iso(start), end: iso(start + day) };
    const expected = { data: [{ t: iso(start), v: 2 }], rollup: { period: 'PT1H', fold: 'mean' } };
    expect((await get(service, 'series/key/k/segment', { ...range, 'rollup.period': '1hour' })).json).toMatchObject(expected);
    expect((await get(service, 'series/key/k/data/segment', { ...range, interval: '1hour' })).json).toMatchObject(expected);
    expect((await get(service, 'series/key/k/segment', { ...range, interval: 'PT1H', function: 'avg' })).json).toMatchObject(expected);
  });
});

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

describe('a single value', () => {
  test('is the one that the direction names, as a search by hand finds it', async () => {
    const service = await startService();
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { maxLength: 8 }),
        fc.integer({ min: -60, max: 60 }),
        async (steps, at) => {
          await service.store.delete({ series: 'k' });
          await fill(
            service,
            'k',
            steps.map((step) => [start + step, step]),
          );
          const sorted = steps.toSorted((a, b) => a - b);
          const expected = {
            exact: sorted.find((step) => step === at),
            before: sorted.findLast((step) => step <= at),
            after: sorted.find((step) => step >= at),
            nearest: sorted.toSorted((a, b) => Math.abs(a - at) - Math.abs(b - at) || a - b)[0],
          };
          for (const [direction, step] of Object.entries(expected)) {
            const parameters = { ts: iso(start + at), direction, key: 'k' };
            const data = step === undefined ? null : { t: iso(start + step), v: step };
            const { json } = await get(service, 'series/key/k/single', parameters);
            expect(json).toMatchObject({ series: { key: 'k' }, data, tz: 'UTC' });
            expect((await get(service, 'single', { ...parameters, direction: direction.toUpperCase() })).json).toEqual([json]);
          }
        },
      ),
    );
  });

  test('is asked for now where no time is given, and exactly', async () => {
    const service = await startService();
    await fill(service, 'k', [
      [now, 1],
      [now + 1, 2],
    ]);
    expect((await get(service, 'series/key/k/single', {})).json.data).toEqual({ t: iso(now), v: 1 });
    expect((await get(service, 'single', { ts: '9999-12-31', direction: 'before' })).json[0].data).toEqual({ t: iso(now + 1), v: 2 });
    expect((await get(service, 'single', { key: 'none' })).json).toEqual([]);
  });
});

describe('find', () => {
  test('names the point of each bucket that a search by hand finds, and the whole bucket', async () => {
    await fc.assert(
      fc.asyncProperty(somePoints, fc.constantFrom('max', 'min', 'first', 'last'), zones, async (points, name, tz) => {
        const service = await startService();
        await fill(service, 'k', points);
        const { json } = await get(service, 'series/key/k/find', {
          start: iso(start),
          end: iso(start + day),
          'predicate.function': name,
          'predicate.period': '1hour',
          tz,
        });
        expect(json).toMatchObject({ predicate: { function: name, period: 'PT1H' }, tz });
        const inside = points.filter(([time]) => time >= start && time < start + day);
        const offset = { UTC: 0, 'America/Chicago': -6, 'Asia/Kathmandu': 5.75, '+05:30': 5.5 }[tz]! * hour;
        const bucketOf = (time: number) => Math.floor((time + offset) / hour) * hour - offset;
        const buckets = [...new Set(inside.map(([time]) => bucketOf(time)))];
        const expected = buckets.map((bucket) => {
          const own = inside.filter(([time]) => bucketOf(time) === bucket);
          const extreme = name === 'max' ? Math.max(...own.map(([, v]) => v)) : Math.min(...own.map(([, v]) => v));
          const found = name === 'first' ? own[0]! : name === 'last' ? own.at(-1)! : own.find(([, v]) => v === extreme)!;
          return [bucket, bucket + hour, ...found];
        });
        type Found = { interval: { start: string; end: string }; found: Row };
        expect(
          json.data.map(({ interval, found }: Found) => [
            Date.parse(interval.start),
            Date.parse(interval.end),
            Date.parse(found.t),
            found.v,
          ]),
        ).toEqual(expected);
      }),
    );
  });

  test('in days of a zone with a shift of the clock has days of 23 and 25 hours', async () => {
    const service = await startService();
    const times = ['2012-03-11T12:00:00Z', '2012-11-04T12:00:00Z'];
    await fill(
      service,
      'k',
      times.map((time, i) => [Date.parse(time), i]),
    );
    const { json } = await get(service, 'series/key/k/find', {
      start: '2012-01-01',
      end: '2013-01-01',
      'predicate.function': 'last',
      'predicate.period': '1day',
      tz: 'America/Chicago',
    });
    expect(json.data.map(({ interval }: { interval: object }) => interval)).toEqual([
      { start: '2012-03-11T00:00:00.000-06:00', end: '2012-03-12T00:00:00.000-05:00' },
      { start: '2012-11-04T00:00:00.000-05:00', end: '2012-11-05T00:00:00.000-06:00' },
    ]);
  });
});

describe('a zone', () => {
  test('writes every timestamp of an answer, in winter and in summer, and never reads one', async () => {
    const service = await startService();
    await fill(service, 'k', [
      [Date.parse('2012-01-15T00:00:00Z'), 1],
      [Date.parse('2012-07-15T00:00:00Z'), 2],
    ]);
    const read = async (tz: string) => (await get(service, 'series/key/k/segment', { start: '2012-01-01', end: '2013-01-01', tz })).json;
    const cases: readonly (readonly [string, string, string, string?])[] = [
      ['Europe/London', '2012-01-15T00:00:00.000+00:00', '2012-07-15T01:00:00.000+01:00'],
      ['America/Chicago', '2012-01-14T18:00:00.000-06:00', '2012-07-14T19:00:00.000-05:00'],
      ['EST', '2012-01-14T19:00:00.000-05:00', '2012-07-14T19:00:00.000-05:00'],
      ['Asia/Kathmandu', '2012-01-15T05:45:00.000+05:45', '2012-07-15T05:45:00.000+05:45'],
      ['-03:30', '2012-01-14T20:30:00.000-03:30', '2012-07-14T20:30:00.000-03:30'],
      [' 05:30', '2012-01-15T05:30:00.000+05:30', '2012-07-15T05:30:00.000+05:30', '+05:30'],
      ['UTC', '2012-01-15T00:00:00.000Z', '2012-07-15T00:00:00.000Z'],
      ['', '2012-01-15T00:00:00.000Z', '2012-07-15T00:00:00.000Z', 'UTC'],
    ];
    for (const [tz, winter, summer, echo = tz] of cases) {
      const { data, tz: shown } = await read(tz);
      expect([data[0].t, data[1].t, shown]).toEqual([winter, summer, echo]);
    }
  });
});

describe('a bad parameter', () => {
  const range = 'start=2012-01-01&end=2012-01-02';
  const reads: Readonly<Record<string, readonly string[]>> = {
    'series/key/k/data': [
      '',
      'start=2012-01-01',
      'end=2012-01-01',
      `${range}&interval=1`,
      `${range}&interval=1day&function=best`,
      `${range}&tz=Mars/Olympus`,
    ],
    data: ['start=yesterday&end=2012-01-02', 'start=2012-01-02&end=2012-01-01', 'start=&end='],
    'series/key/k/segment': [
      '',
      `${range}&limit=0`,
      `${range}&limit=-1`,
      `${range}&limit=x`,
      `${range}&limit=1.5`,
      `${range}&rollup.period=1&rollup.fold=max`,
      `${range}&rollup.period=1hour&rollup.fold=median`,
      `${range}&rollup.fold=percentile,101&rollup.period=1hour`,
      `${range}&interval=raw`,
      `${range}&interpolation.period=PT1M`,
      `${range}&interpolation.function=linear`,
      `${range}&interpolation.period=PT1M&interpolation.function=cubic`,
      `${range}&interpolation.period=P1M&interpolation.function=linear`,
      `${range}&interpolation.period=1year&interpolation.function=zoh`,
      'start=0001-01-01&end=9999-01-01&interpolation.period=PT1S&interpolation.function=zoh&rollup.period=P1Y',
      `${range}&tz=x`,
      'cursor=x',
      'cursor=W10',
      `cursor=${btoa('["start=2012-01-01&end=2012-01-02","x"]')}`,
      `cursor=${btoa('["start=2012-01-01",5]')}`,
      `cursor=${btoa('["start=2012-01-01&end=2012-01-02",1.5]')}`,
    ],
    segment: [range, `${range}&aggregation.fold=`, `${range}&aggregation.fold=x`, 'aggregation.fold=sum'],
    multi: ['', `${range}&limit=0`],
    'series/key/k/data/rollups/segment': [
      range,
      `${range}&rollup.period=PT1H`,
      `${range}&rollup.fold=max`,
      `${range}&rollup.fold=max&rollup.fold=x&rollup.period=PT1H`,
    ],
    'series/key/k/find': [
      range,
      `${range}&predicate.period=PT1H`,
      `${range}&predicate.function=max`,
      `${range}&predicate.function=mean&predicate.period=PT1H`,
      `${range}&predicate.function=max&predicate.period=x`,
    ],
    'series/key/k/single': ['ts=x', 'direction=sideways', 'tz=x'],
    single: ['ts=2012-13-01', 'direction=x', 'limit=0', `cursor=${btoa('["",5]')}`],
    'series/key/k/summary': ['', 'start=2012-01-02&end=2012-01-01', `${range}&tz=x`],
    series: ['limit=0', 'limit=x', 'cursor=x'],
  };

  test.each(Object.entries(reads))('of %s is refused by name', async (path, queries) => {
    const service = await startService();
    await fill(service, 'k', [[start, 1]]);
    for (const query of queries) {
      const answer = await service.ask('GET', `/v1/${path}/?${query}`);
      expect([answer.status, answer.type], query).toEqual([400, 'text/plain']);
      expect(answer.text, query).toMatch(/^(?:Missing|Invalid) [\w.]+(?:: .+)?$/);
    }
    const unknown = path.replace('key/k', 'key/unknown');
    if (unknown !== path) for (const query of queries) expect((await service.ask('GET', `/v1/${unknown}/?${query}`)).status).toBe(403);
  });

  test('with a value that is longer than a line is not repeated in full', async () => {
    const { ask } = await startService();
    expect((await ask('GET', `/v1/data/?start=${'x'.repeat(5000)}&end=2012-01-01`)).text.length).toBeLessThan(300);
  });
});
