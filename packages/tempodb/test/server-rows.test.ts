import type { Point, RollupFunction } from '@anyseries/core';
import { connect } from '@anyseries/memory';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clock, fill, get, iso, type Pair, type Row, startService } from './server-fixture.ts';

const start = Date.parse('2012-01-01T00:00:00Z');
const hour = 3_600_000;
const day = 24 * hour;

const pairs = (rows: readonly Row[]): Pair[] => rows.map(({ t, v }) => [Date.parse(t), v]);

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

  test('on the grid of an interpolation are the points that lie on it, exactly', async () => {
    const service = await startService();
    const values = ['9007199254740993', '-9007199254740995', '7'];
    const body = values.map((value, i) => `{"t":"${iso(start + i * hour)}","v":${value}}`);
    await service.ask('POST', '/v1/series/key/k/data/', `[${body}]`);
    for (const name of ['linear', 'zoh']) {
      const range = { start: iso(start), end: iso(start + 3 * hour) };
      const { text } = await get(service, 'series/key/k/segment', {
        ...range,
        'interpolation.period': 'PT1H',
        'interpolation.function': name,
      });
      expect(text).toContain(`"data":[${body}]`);
    }
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
