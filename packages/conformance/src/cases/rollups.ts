import type { PointInput, RollupFunction, RollupFunctionName, Value } from '@anyseries/core';
import { pointAt } from '@anyseries/core';
import { type FoldRequest, loadFold } from '@anyseries/core/provider';
import { equal, near, ok } from '../assertion.ts';
import { type Case, defineCase, type Need } from '../case.ts';
import { epoch, type World } from '../world.ts';

const needs: readonly Need[] = ['read', 'read.windows=any'];
const minute = 60_000;
const hour = 60 * minute;

/** Eight values whose statistics are known from the textbooks, one value in the next hour, nothing in the third, three in the fourth. */
const points: readonly PointInput[] = [
  ...[2, 4, 4, 4, 5, 5, 7, 9].map((value, i) => ({ series: 'alpha', time: epoch + i * minute, value })),
  { series: 'alpha', time: epoch + hour + 59 * minute, value: 3 },
  ...[-7, 0, 1].map((value, i) => ({ series: 'alpha', time: epoch + 3 * hour + i * 20 * minute, value })),
];

/** What each function makes of the three hours that hold points. */
const expectedByFunction: readonly (readonly [RollupFunction, readonly number[]])[] = [
  ['sum', [40, 3, -6]],
  ['mean', [5, 3, -2]],
  ['min', [2, 3, -7]],
  ['max', [9, 3, 1]],
  ['count', [8, 1, 3]],
  ['ss', [32, 0, 38]],
  ['variance', [4.571428571428571, 0, 19]],
  ['stddev', [2.138089935299395, 0, 4.358898943540674]],
  ['mult', [201_600, 3, 0]],
  ['range', [7, 0, 8]],
  ['first', [2, 3, -7]],
  ['last', [9, 3, 1]],
  ['median', [4.5, 3, 0]],
  ['percentile(0)', [2, 3, -7]],
  ['percentile(25)', [4, 3, -3.5]],
  ['percentile(90)', [7.6, 3, 0.8]],
  ['percentile(99.9)', [8.986, 3, 0.998]],
  ['percentile(100)', [9, 3, 1]],
];

const exact: ReadonlySet<string> = new Set(['count', 'min', 'max', 'first', 'last']);
const bucketStarts = [epoch, epoch + hour, epoch + 3 * hour];

const intervals: readonly (readonly [`${number}${'min' | 'h' | 'd'}` | '250ms' | '1month', FoldRequest['every']])[] = [
  ['250ms', { count: 250, unit: 'ms' }],
  ['5min', { count: 5 * minute, unit: 'ms' }],
  ['7h', { count: 7 * hour, unit: 'ms' }],
  ['1d', { count: 1, unit: 'd' }],
  ['1month', { count: 1, unit: 'month' }],
];

/** Rollups against literal values, and against what core computes from the points. */
export const rollupCases: readonly Case[] = [
  ...expectedByFunction.map(([fn, expected]) =>
    defineCase(`${fn} of hours with eight, one, no and three points`, needs, async (world) => {
      await world.write(points);
      const folded = await world.read({ series: 'alpha', rollup: { every: '1h', fn } });
      equal(
        folded.map(({ time }) => time),
        bucketStarts,
        'the bucket starts',
      );
      for (const [i, value] of expected.entries()) {
        if (exact.has(fn)) equal(folded[i]!.value, value, `${fn} of bucket ${i}`);
        else near(folded[i]!.value, value, `${fn} of bucket ${i}`);
      }
    }),
  ),

  defineCase('only the points of the range are folded, and buckets do not move with it', needs, async (world) => {
    await world.write(points);
    const rollup = { every: '1h', fn: 'sum' } as const;
    const sums = async (query: object) => (await world.read({ series: 'alpha', rollup, ...query })).map(({ time, value }) => [time, value]);
    equal(await sums({ start: epoch + 2 * minute, end: epoch + 5 * minute }), [[epoch, 13]], 'minutes 2 to 4 of the first hour');
    equal(await sums({ start: epoch + 7 * minute, end: epoch + 3 * hour + minute }), [
      [epoch, 9],
      [epoch + hour, 3],
      [epoch + 3 * hour, -7],
    ]);
    equal(await sums({ start: epoch + 2 * hour, end: epoch + 3 * hour }), [], 'the empty hour');
  }),

  defineCase('order and limit count buckets', needs, async (world) => {
    await world.write(points);
    const rollup = { every: '1h', fn: 'count' } as const;
    const counts = async (query: object) => (await world.read({ series: 'alpha', rollup, ...query })).map(({ value }) => value);
    equal(await counts({ order: 'descending' }), [3, 1, 8], 'descending');
    equal(await counts({ limit: 2 }), [8, 1], 'limit 2');
    equal(await counts({ limit: 1, order: 'descending' }), [3], 'limit 1, descending');
    equal(await counts({ limit: 5 }), [8, 1, 3], 'limit 5');
  }),

  defineCase('first and last stay by time when the order is descending', needs, async (world) => {
    await world.write(points);
    for (const [fn, expected] of [['first', [-7, 3, 2]] as const, ['last', [1, 3, 9]] as const]) {
      const folded = await world.read({ series: 'alpha', order: 'descending', rollup: { every: '1h', fn } });
      equal(
        folded.map(({ value }) => value),
        expected,
        fn,
      );
    }
  }),

  defineCase('several series are folded each by itself, one after another or merged', needs, async (world) => {
    await world.write([...points, ...points.map((point) => ({ ...point, series: 'beta', value: (point.value as number) + 1 }))]);
    const query = { series: ['beta', 'alpha'], rollup: { every: '1h', fn: 'max' } } as const;
    const flat = async (more: object) => (await world.read({ ...query, ...more })).map(({ series, value }) => `${series} ${value}`);
    equal(await flat({}), ['alpha 9', 'alpha 3', 'alpha 1', 'beta 10', 'beta 4', 'beta 2'], 'one after another');
    equal(await flat({ merge: true }), ['alpha 9', 'beta 10', 'alpha 3', 'beta 4', 'alpha 1', 'beta 2'], 'merged');
    equal(await flat({ limit: 1 }), ['alpha 9', 'beta 10'], 'limit 1');
  }),

  defineCase('the answer says who computed the rollup, as declared', needs, async (world) => {
    await world.write(points);
    const declared: readonly RollupFunctionName[] = world.capabilities.read?.rollups ?? [];
    for (const fn of ['sum', 'median', 'percentile(50)', 'last'] as const) {
      const stream = world.source.read({ series: 'alpha', rollup: { every: '1h', fn } });
      const name = fn.startsWith('percentile') ? 'percentile' : (fn as RollupFunctionName);
      equal(stream.rollupBy, declared.includes(name) ? 'backend' : 'core', `rollupBy of ${fn}`);
      await stream.toArray();
    }
    equal(world.source.read({ series: 'alpha' }).rollupBy, undefined, 'rollupBy without a rollup');
  }),

  defineCase("rollups equal core's own, computed from the points", needs, async (world) => {
    const noise = Array.from({ length: 2000 }, (_, i) => ({
      series: 'alpha',
      time: epoch + i * 137_000,
      value: ((i * 7919) % 1009) - 500,
    }));
    await world.write(noise);
    for (const [every, parsed] of intervals) {
      for (const [fn] of expectedByFunction) {
        if (fn === 'mult' && parsed.unit !== 'ms') continue;
        await compareWithCore(world, every, parsed, fn);
      }
    }
  }),

  defineCase('sums are compensated', [...needs, 'values=number'], async (world) => {
    await world.write([1, 1e100, 1, -1e100].map((value, i) => ({ series: 'alpha', time: epoch + i * minute, value })));
    await world.write(Array.from({ length: 10 }, (_, i) => ({ series: 'alpha', time: epoch + hour + i * minute, value: 0.1 })));
    const sums = await world.read({ series: 'alpha', rollup: { every: '1h', fn: 'sum' } });
    near(sums[0]?.value, 2, 'the sum of 1, 1e100, 1 and -1e100');
    near(sums[1]?.value, 1, 'the sum of ten times 0.1');
  }),

  defineCase('a small spread around a large mean is not lost', [...needs, 'values=number'], async (world) => {
    await world.write([4, 7, 13, 16].map((value, i) => ({ series: 'alpha', time: epoch + i * minute, value: value + 1e9 })));
    const [variance] = await world.read({ series: 'alpha', rollup: { every: '1h', fn: 'variance' } });
    near(variance?.value, 30, 'the variance');
  }),

  defineCase('texts and booleans count only in count, first and last', [...needs, 'values=string', 'values=boolean'], async (world) => {
    const mixed: readonly Value[] = ['first', 10, true, 20, 'last'];
    await world.write(mixed.map((value, i) => ({ series: 'alpha', time: epoch + i * minute, value })));
    await world.write([{ series: 'alpha', time: epoch + hour, value: 'alone' }]);
    const fold = async (fn: RollupFunction) =>
      (await world.read({ series: 'alpha', rollup: { every: '1h', fn } })).map(({ value }) => value);
    equal(await fold('count'), [5, 1], 'count');
    equal(await fold('first'), ['first', 'alone'], 'first');
    equal(await fold('last'), ['last', 'alone'], 'last');
    equal(await fold('sum'), [30], 'sum');
    equal(await fold('mean'), [15], 'mean');
    equal(await fold('max'), [20], 'max');
  }),

  defineCase('a rollup of a series without points is empty', needs, async (world) => {
    equal(await world.read({ series: 'missing', rollup: { every: '1h', fn: 'count' } }), []);
  }),
];

async function compareWithCore(
  world: World,
  every: (typeof intervals)[number][0],
  parsed: FoldRequest['every'],
  fn: RollupFunction,
): Promise<void> {
  const [name, rank] = fn.startsWith('percentile(') ? ['percentile', Number(fn.slice(11, -1))] : [fn, fn === 'median' ? 50 : undefined];
  const request: FoldRequest = {
    every: parsed,
    fn: { name: name as RollupFunctionName, ...(rank === undefined ? {} : { rank }) },
    timeZone: 'Europe/Berlin',
  };
  const own = await world.read({ series: 'alpha', rollup: { every, fn, timeZone: 'Europe/Berlin' } });
  const raw = world.source.read({ series: 'alpha' }).pages();
  let i = 0;
  const { foldPages } = await loadFold();
  for await (const page of foldPages(raw, request, { descending: false, limit: Number.POSITIVE_INFINITY })) {
    for (let row = 0; row < page.length; row++, i++) {
      const { time, value } = pointAt(page, row);
      ok(own[i] !== undefined, `${fn} by ${every} has bucket ${i}`);
      equal(own[i]!.time, time, `the start of bucket ${i} of ${fn} by ${every}`);
      if (exact.has(fn)) equal(own[i]!.value, value, `${fn} by ${every}, bucket ${i}`);
      else near(own[i]!.value, value as number, `${fn} by ${every}, bucket ${i}`);
    }
  }
  equal(own.length, i, `the number of buckets of ${fn} by ${every}`);
}
