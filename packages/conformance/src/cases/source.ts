import type { PointInput, ReadQuery } from '@anyseries/core';
import { equal, ok } from '../assertion.ts';
import { type Case, defineCase } from '../case.ts';
import { epoch, type World } from '../world.ts';

const second = 1000;
const at = (i: number) => epoch + i * second;

/** Ten points, one per second, with the values 0 to 9. */
const ten: readonly PointInput[] = Array.from({ length: 10 }, (_, i) => ({ series: 'alpha', time: at(i), value: i }));

async function values(world: World, query: Omit<ReadQuery, 'series'>): Promise<unknown[]> {
  return (await world.read({ series: 'alpha', ...query })).map(({ value }) => value);
}

/** Reading: ranges, order, limit, several series. */
export const sourceCases: readonly Case[] = [
  defineCase('a range includes its start and excludes its end', ['read', 'read.windows=any'], async (world) => {
    await world.write(ten);
    equal(await values(world, { start: at(3), end: at(6) }), [3, 4, 5], '[3, 6)');
    equal(await values(world, { start: at(0), end: at(10) }), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], '[0, 10)');
    equal(await values(world, { start: at(9), end: at(10) }), [9], '[9, 10)');
    equal(await values(world, { start: at(0), end: at(1) }), [0], '[0, 1)');
    equal(await values(world, { start: at(10), end: at(20) }), [], '[10, 20)');
    equal(await values(world, { start: at(-5), end: at(0) }), [], '[-5, 0)');
    equal(await values(world, { start: at(4), end: at(4) }), [], '[4, 4)');
  }),

  defineCase(
    'a range between two points is empty, and its bounds are no points',
    ['read', 'read.windows=any', 'times=ms'],
    async (world) => {
      await world.write(ten);
      equal(await values(world, { start: at(3) + 1, end: at(4) }), [], 'just after 3 to 4');
      equal(await values(world, { start: at(3) + 1, end: at(4) + 1 }), [4], 'just after 3 to just after 4');
      equal(await values(world, { start: at(3), end: at(3) + 1 }), [3], '3 to just after 3');
    },
  ),

  defineCase('a range may be open at either side', ['read', 'read.windows=any'], async (world) => {
    await world.write(ten);
    equal(await values(world, { start: at(7) }), [7, 8, 9], 'from 7');
    equal(await values(world, { end: at(3) }), [0, 1, 2], 'until 3');
    equal(await values(world, {}), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 'everything');
  }),

  defineCase('a range takes every form of a time', ['read', 'read.windows=any'], async (world) => {
    await world.write(ten);
    equal(await values(world, { start: new Date(at(2)), end: '2024-01-01T00:00:05Z' }), [2, 3, 4]);
    equal(await values(world, { start: { epochNanoseconds: BigInt(at(8)) * 1_000_000n } }), [8, 9]);
  }),

  defineCase('points come in ascending time unless asked otherwise', ['read', 'read.windows=any'], async (world) => {
    await world.write([...ten].reverse());
    equal(await values(world, { order: 'ascending' }), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 'ascending');
    equal(await values(world, { order: 'descending' }), [9, 8, 7, 6, 5, 4, 3, 2, 1, 0], 'descending');
    equal(await values(world, { order: 'descending', start: at(3), end: at(6) }), [5, 4, 3], 'descending [3, 6)');
  }),

  defineCase('a limit counts from the start of the order', ['read', 'read.windows=any'], async (world) => {
    await world.write(ten);
    equal(await values(world, { limit: 3 }), [0, 1, 2], 'limit 3');
    equal(await values(world, { limit: 1 }), [0], 'limit 1');
    equal(await values(world, { limit: 3, order: 'descending' }), [9, 8, 7], 'limit 3, descending');
    equal(await values(world, { limit: 3, start: at(4) }), [4, 5, 6], 'limit 3 from 4');
    equal(await values(world, { limit: 2, end: at(4), order: 'descending' }), [3, 2], 'limit 2 until 4, descending');
    equal(await values(world, { limit: 10 }), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 'limit 10');
    equal(await values(world, { limit: 11 }), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 'limit 11');
  }),

  defineCase('several keys come one after another in key order, each once', ['read', 'read.windows=any'], async (world) => {
    await world.write(['gamma', 'alpha', 'beta'].flatMap((series) => ten.slice(0, 3).map((point) => ({ ...point, series }))));
    const points = await world.read({ series: ['gamma', 'alpha', 'gamma', 'missing'], start: at(1) });
    equal(points, [
      { series: 'alpha', time: at(1), value: 1 },
      { series: 'alpha', time: at(2), value: 2 },
      { series: 'gamma', time: at(1), value: 1 },
      { series: 'gamma', time: at(2), value: 2 },
    ]);
  }),

  defineCase('a limit counts per series', ['read', 'read.windows=any'], async (world) => {
    await world.write(['alpha', 'beta'].flatMap((series) => ten.map((point) => ({ ...point, series }))));
    const points = await world.read({ series: ['alpha', 'beta'], limit: 2, order: 'descending' });
    equal(
      points.map(({ series, value }) => [series, value]),
      [
        ['alpha', 9],
        ['alpha', 8],
        ['beta', 9],
        ['beta', 8],
      ],
    );
  }),

  defineCase('merged series come by time, and by key at the same time', ['read', 'read.windows=any'], async (world) => {
    await world.write([
      ...[0, 2, 4].map((i) => ({ series: 'alpha', time: at(i), value: i })),
      ...[1, 2, 3, 5].map((i) => ({ series: 'beta', time: at(i), value: 10 + i })),
    ]);
    const series = ['beta', 'alpha'];
    const flat = async (query: Omit<ReadQuery, 'series'>) =>
      (await world.read({ series, merge: true, ...query })).map(({ value }) => value);
    equal(await flat({}), [0, 11, 2, 12, 13, 4, 15], 'merged');
    equal(
      (await flat({ order: 'descending' })).filter((value) => value !== 2 && value !== 12),
      [15, 4, 13, 11, 0],
      'merged, descending, without the two at the same time',
    );
    equal(await flat({ limit: 2 }), [0, 11, 2, 12], 'merged, 2 of each series');
    equal(await flat({ start: at(2), end: at(4) }), [2, 12, 13], 'merged [2, 4)');
  }),

  defineCase('a filter selects the series that are read', ['read', 'read.series', 'read.windows=any'], async (world) => {
    await world.write(['cpu{host="a"}', 'cpu{host="b"}', 'memory{host="a"}'].map((series, value) => ({ series, time: at(0), value })));
    const read = async (series: ReadQuery['series']) => (await world.read({ series })).map(({ value }) => value);
    equal(await read({ name: 'cpu' }), [0, 1], "name 'cpu'");
    equal(await read({ labels: { host: 'a' } }), [0, 2], "host 'a'");
    equal(await read({ name: 'cpu', labels: { host: 'a' } }), [0], "name 'cpu' and host 'a'");
    equal(await read({}), [0, 1, 2], 'everything');
    equal(await read({ name: 'disk' }), [], "name 'disk'");
  }),

  defineCase('a series that does not exist has no points', ['read', 'read.windows=any'], async (world) => {
    equal(await world.read({ series: 'missing' }), []);
    equal(await world.read({ series: ['missing', 'also missing'], order: 'descending', limit: 5 }), []);
    equal(await world.read({ series: [] }), [], 'no keys');
  }),

  defineCase('pages, columns and single points say the same', ['read', 'read.windows=any'], async (world) => {
    await world.write(ten);
    const paged: number[] = [];
    for await (const page of world.source.read({ series: 'alpha' }).pages()) {
      ok(page.length > 0, 'no page is empty');
      for (let row = 0; row < page.length; row++) paged.push(page.values[row]!);
    }
    const single: unknown[] = [];
    for await (const { value } of world.source.read({ series: 'alpha' })) single.push(value);
    const { times, values: column } = await world.source.read({ series: 'alpha' }).columns();
    const { values: anyColumn } = await world.source.read({ series: 'alpha' }).columns({ values: 'any' });
    const expected = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    equal(paged, expected, 'the pages');
    equal(single, expected, 'the points');
    equal(Array.from(column), expected, 'the column of values');
    equal(anyColumn, expected, 'the column of any values');
    equal(Array.from(times), expected.map(at), 'the column of times');
  }),

  defineCase('breaking out of a loop ends the read, and the source goes on', ['read', 'read.windows=any'], async (world) => {
    await world.write(ten);
    let seen = 0;
    for await (const _ of world.source.read({ series: 'alpha' })) if (++seen === 3) break;
    equal(seen, 3);
    equal(await values(world, { limit: 1 }), [0], 'the next read');
  }),

  defineCase('a bad query is refused by the name of its field', ['read'], async (world) => {
    const queries: readonly (readonly [string, unknown])[] = [
      ['series', { series: '' }],
      ['series', { series: 5 }],
      ['series', { series: ['alpha', 'a\0'] }],
      ['start', { series: 'alpha', start: Number.NaN }],
      ['end', { series: 'alpha', end: 'tomorrow' }],
      ['start', { series: 'alpha', start: at(2), end: at(1) }],
      ['limit', { series: 'alpha', limit: -1 }],
      ['limit', { series: 'alpha', limit: 1.5 }],
      ['order', { series: 'alpha', order: 'backwards' }],
      ['rollup', { series: 'alpha', rollup: { every: '5 parsecs', fn: 'mean' } }],
      ['fn', { series: 'alpha', rollup: { every: '1h', fn: 'mode' } }],
      ['fn', { series: 'alpha', rollup: { every: '1h', fn: 'percentile(101)' } }],
      ['timeZone', { series: 'alpha', rollup: { every: '1h', fn: 'mean', timeZone: 'Mars/Olympus' } }],
      ['from', { series: 'alpha', from: at(0) }],
    ];
    for (const [names, query] of queries) {
      const error = await world.failure('invalid', () => world.source.read(query as ReadQuery).toArray());
      ok(error.message.includes(names), `the message names ${names}: ${error.message}`);
    }
  }),
];
