import type { PointInput } from '@anyseries/core';
import { equal } from '../assertion.ts';
import { type Case, defineCase } from '../case.ts';
import { epoch, type World } from '../world.ts';

const total = 12_345;
const at = (i: number) => epoch + i * 1000;
const many: readonly PointInput[] = Array.from({ length: total }, (_, i) => ({ series: 'alpha', time: at(i), value: i }));

/** Numbers around the sizes of page that backends like. */
const nearPageSizes = [500, 512, 1000, 1024, 2000, 2048, 4096, 5000, 8192, 10_000, 12_000].flatMap((size) => [size - 1, size, size + 1]);

/** Checks that the values count by one from `first`, upwards or downwards, and carry their times. */
async function checkRun(
  world: World,
  query: { start?: number; end?: number; limit?: number; order?: 'ascending' | 'descending' },
  first: number,
  count: number,
) {
  const { times, values } = await world.source.read({ series: 'alpha', ...query }).columns();
  const what = `the points of ${JSON.stringify(query)}`;
  equal(values.length, count, `the number of ${what}`);
  const step = query.order === 'descending' ? -1 : 1;
  for (let i = 0; i < count; i++) {
    const expected = first + step * i;
    if (values[i] !== expected || times[i] !== at(expected))
      equal([times[i], values[i]], [at(expected), expected], `number ${i} of ${what}`);
  }
}

/** Where one page ends and the next begins, nothing is lost and nothing comes twice. */
export const pagingCases: readonly Case[] = [
  defineCase('more than 10,000 points are read back exactly, in both orders', ['read', 'read.windows=any'], async (world) => {
    await world.write(many);
    await checkRun(world, {}, 0, total);
    await checkRun(world, { order: 'descending' }, total - 1, total);
  }),

  defineCase('limits around the sizes of pages are exact, in both orders', ['read', 'read.windows=any'], async (world) => {
    await world.write(many);
    for (const limit of [...nearPageSizes, total - 1, total, total + 1]) {
      const count = Math.min(limit, total);
      await checkRun(world, { limit }, 0, count);
      await checkRun(world, { limit, order: 'descending' }, total - 1, count);
    }
  }),

  defineCase('ranges around the sizes of pages are exact, in both orders', ['read', 'read.windows=any'], async (world) => {
    await world.write(many);
    for (const size of [1000, 1024, 4096, 5000, 10_000]) {
      await checkRun(world, { start: at(7), end: at(7 + size) }, 7, size);
      await checkRun(world, { start: at(7), end: at(8 + size), order: 'descending' }, 7 + size, size + 1);
      await checkRun(world, { start: at(7), limit: size }, 7, size);
    }
  }),

  defineCase('several series share pages without losing or doubling a point', ['read', 'read.windows=any'], async (world) => {
    const counts: Readonly<Record<string, number>> = { a: 1, b: 1023, c: 1024, d: 1025, e: 1, f: 4096, g: 5000, h: 2 };
    await world.write(
      Object.entries(counts).flatMap(([series, count]) => Array.from({ length: count }, (_, i) => ({ series, time: at(i), value: i }))),
    );
    for (const order of ['ascending', 'descending'] as const) {
      const rest = { ...counts };
      for (const { series, value } of await world.read({ series: [...Object.keys(counts), 'missing'], order })) {
        const left = rest[series]!;
        const expected = order === 'ascending' ? counts[series]! - left : left - 1;
        if (value !== expected) equal(value, expected, `the next value of ${series}, ${order}`);
        rest[series] = left - 1;
      }
      equal(Object.values(rest), Array(8).fill(0), `what is missing, ${order}`);
    }
  }),

  defineCase('merged series lose and double nothing over many pages', ['read', 'read.windows=any'], async (world) => {
    const keys = ['alpha', 'beta', 'gamma'];
    await world.write(Array.from({ length: 9000 }, (_, i) => ({ series: keys[i % 3]!, time: at(i), value: i })));
    for (const order of ['ascending', 'descending'] as const) {
      const points = await world.read({ series: keys, merge: true, order });
      equal(points.length, 9000, 'the number of points');
      for (const [i, { value }] of points.entries()) {
        const expected = order === 'ascending' ? i : 8999 - i;
        if (value !== expected) equal(value, expected, `value number ${i}, ${order}`);
      }
    }
  }),

  defineCase('more than 1,000 series are listed exactly, in key order', ['read.series'], async (world) => {
    const keys = Array.from({ length: 2100 }, (_, i) => `series-${String(i).padStart(5, '0')}`);
    await world.write(keys.map((series, i) => ({ series, time: at(0), value: i })));
    const listed = (await world.source.series().toArray()).map(({ key }) => key);
    equal(listed, keys, 'the keys');
    equal(
      (await world.read({ series: {} })).map(({ value }) => value),
      Array.from(keys.keys()),
      'the values of all series',
    );
  }),
];
