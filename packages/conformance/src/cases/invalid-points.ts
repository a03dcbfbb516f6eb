import type { PointInput, Points } from '@anyseries/core';
import { equal } from '../assertion.ts';
import { type Case, defineCase } from '../case.ts';
import { epoch } from '../world.ts';

/** What no backend stores, and the field that the rejection must name. */
const invalidPoints: readonly (readonly [what: string, point: unknown, names: string])[] = [
  ['NaN as a value', { value: Number.NaN }, 'value'],
  ['infinity as a value', { value: Number.POSITIVE_INFINITY }, 'value'],
  ['minus infinity as a value', { value: Number.NEGATIVE_INFINITY }, 'value'],
  ['null as a value', { value: null }, 'value'],
  ['no value', { value: undefined }, 'value'],
  ['an object as a value', { value: { valueOf: () => 1 } }, 'value'],
  ['a text with half of a surrogate pair', { value: 'a\ud800b' }, 'value'],
  ['an integer beyond 64 bits', { value: 2n ** 64n + 1n }, 'value'],
  ['NaN as a time', { time: Number.NaN }, 'time'],
  ['infinity as a time', { time: Number.POSITIVE_INFINITY }, 'time'],
  ['a time beyond the calendar', { time: 8.64e15 + 1000 }, 'time'],
  ['an invalid Date', { time: new Date(Number.NaN) }, 'time'],
  ['a text that is no time', { time: 'yesterday' }, 'time'],
  ['a time without a zone', { time: '2024-01-01T00:00:00' }, 'time'],
  ['a day that does not exist', { time: '2024-02-30' }, 'time'],
  ['null as a time', { time: null }, 'time'],
  ['an empty key', { series: '' }, 'series'],
  ['a key with U+0000', { series: 'a\0b' }, 'series'],
  ['a key with half of a surrogate pair', { series: 'a\udc00' }, 'series'],
  ['a key of 1,025 bytes', { series: `${'é'.repeat(512)}x` }, 'series'],
  ['a key that is no text', { series: 5 }, 'series'],
  ['no key', { series: undefined }, 'series'],
];

/** Bad points cost nothing but themselves. */
export const invalidPointCases: readonly Case[] = [
  ...invalidPoints.map(([what, point, names]) =>
    defineCase(`${what} is rejected by name, and its neighbours are stored`, ['write'], async (world) => {
      const bad = { series: 'alpha', time: epoch + 1000, value: 2, ...(point as object) } as PointInput;
      const result = await world.sink.write([
        { series: 'alpha', time: epoch, value: 1 },
        bad,
        { series: 'alpha', time: epoch + 2000, value: 3 },
      ]);
      world.checkResult(result, 2, [{ index: 1, names }]);
      await world.settle();
      equal(await world.readSeries('alpha'), [
        [epoch, 1],
        [epoch + 2000, 3],
      ]);
    }),
  ),

  defineCase('what is no point at all is rejected, and its neighbours are stored', ['write'], async (world) => {
    const bad = [null, 5, 'text', undefined] as unknown as PointInput[];
    const result = await world.sink.write([...bad, { series: 'alpha', time: epoch, value: 1 }]);
    const rejected = [0, 1, 2, 3].map((index) => ({ index, names: `${index}` }));
    world.checkResult(result, 1, rejected);
    await world.settle();
    equal(await world.readSeries('alpha'), [[epoch, 1]]);
  }),

  defineCase('rejections carry the indices of the caller, far into a large write', ['write'], async (world) => {
    const bad = new Set([0, 4_999, 5_000, 10_000, 10_001, 12_345, 14_999]);
    const points = Array.from({ length: 15_000 }, (_, i) => ({
      series: i % 2 === 0 ? 'alpha' : 'beta',
      time: epoch + i * 1000,
      value: bad.has(i) ? Number.NaN : i,
    }));
    const result = await world.sink.write(points);
    world.checkResult(
      result,
      15_000 - bad.size,
      [...bad].map((index) => ({ index, names: 'value' })),
    );
    await world.settle();
    const stored = [...(await world.readSeries('alpha')), ...(await world.readSeries('beta'))].map(([, value]) => value as number);
    equal(
      stored.sort((a, b) => a - b),
      points.filter((_, i) => !bad.has(i)).map(({ value }) => value),
      'the stored values',
    );
  }),

  defineCase('a write in which every point is invalid stores nothing', ['write'], async (world) => {
    const points = [0, 1, 2].map((i) => ({ series: 'alpha', time: epoch + i * 1000, value: Number.NaN }));
    world.checkResult(
      await world.sink.write(points),
      0,
      [0, 1, 2].map((index) => ({ index, names: 'value' })),
    );
    await world.settle();
    equal(await world.readSeries('alpha'), []);
  }),

  defineCase('what is no iterable of points is refused by name', ['write'], async (world) => {
    for (const input of [undefined, null, 5, {}]) {
      const error = await world.failure('invalid', () => world.sink.write(input as unknown as Points));
      equal(error.message.includes('points'), true, `the message names points: ${error.message}`);
    }
  }),

  defineCase('an iterable that throws in the middle is told apart from the backend', ['write'], async (world) => {
    const own = new Error('the caller has a problem');
    function* points(): Generator<PointInput> {
      yield { series: 'alpha', time: epoch, value: 1 };
      throw own;
    }
    let thrown: unknown;
    await world.sink.write(points()).catch((error: unknown) => {
      thrown = error;
    });
    equal(
      thrown === own || (thrown as Error | undefined)?.cause === own,
      true,
      'the error of the iterable comes back, or is the cause of what comes back',
    );
  }),

  defineCase('a ref for a key that no series can have is refused by name', ['write'], async (world) => {
    for (const key of ['', 'a\0b', 'a\ud800', 5 as unknown as string]) {
      const error = await world.failure('invalid', () => world.sink.ref(key));
      equal(error.message.includes('series'), true, `the message names series: ${error.message}`);
    }
  }),

  defineCase('unknown options and options of the wrong kind are refused by name', ['write'], async (world) => {
    const options: readonly (readonly [string, unknown])[] = [
      ['deadlineMs', { deadlineMs: -1 }],
      ['deadlineMs', { deadlineMs: 'soon' }],
      ['signal', { signal: 'now' }],
      ['timeout', { timeout: 5 }],
    ];
    for (const [names, option] of options) {
      const error = await world.failure('invalid', () => world.sink.write([], option as object));
      equal(error.message.includes(names), true, `the message names ${names}: ${error.message}`);
    }
  }),
];
