import { equal } from '../assertion.ts';
import { type Case, defineCase } from '../case.ts';
import { epoch } from '../world.ts';

const at = (i: number) => epoch + i * 1000;

/** Incrementing: nothing is lost, nothing is rounded. */
export const incrementCases: readonly Case[] = [
  defineCase('an increment adds to what is there, and a missing value counts as 0', ['write.increment'], async (world) => {
    await world.write([{ series: 'alpha', time: at(0), value: 40 }]);
    const result = await world.sink.increment([
      { series: 'alpha', time: at(0), value: 2 },
      { series: 'alpha', time: at(1), value: 5 },
      { series: 'beta', time: at(0), value: -3 },
    ]);
    world.checkResult(result, 3);
    await world.settle();
    equal(await world.readSeries('alpha'), [
      [at(0), 42],
      [at(1), 5],
    ]);
    equal(await world.readSeries('beta'), [[at(0), -3]]);
  }),

  defineCase('several increments of one point in one call all count', ['write.increment'], async (world) => {
    await world.sink.increment([1, 2, 3, 4].map((value) => ({ series: 'alpha', time: at(0), value })));
    await world.settle();
    equal(await world.readSeries('alpha'), [[at(0), 10]]);
  }),

  defineCase('100 increments at once add up exactly', ['write.increment'], async (world) => {
    const calls = Array.from({ length: 100 }, (_, i) =>
      world.sink.increment([
        { series: 'alpha', time: at(0), value: 1 },
        { series: 'alpha', time: at(i % 10), value: 10 },
      ]),
    );
    for (const result of await Promise.all(calls)) world.checkResult(result, 2);
    await world.settle();
    equal(
      await world.readSeries('alpha'),
      Array.from({ length: 10 }, (_, i) => [at(i), i === 0 ? 200 : 100]),
    );
  }),

  defineCase('increments and writes at once leave no half-done sum', ['write.increment', 'write.onDuplicate=overwrites'], async (world) => {
    await Promise.all([
      ...Array.from({ length: 30 }, () => world.sink.increment([{ series: 'alpha', time: at(0), value: 1 }])),
      ...Array.from({ length: 30 }, (_, i) => world.sink.write([{ series: 'alpha', time: at(1), value: i }])),
    ]);
    await world.settle();
    const [[, sum] = []] = await world.readSeries('alpha');
    equal(sum, 30);
  }),

  defineCase('sums beyond 2^53 are exact', ['write.increment', 'values=bigint'], async (world) => {
    await world.write([{ series: 'alpha', time: at(0), value: 2 ** 53 }]);
    await world.sink.increment([{ series: 'alpha', time: at(0), value: 1n }]);
    await world.settle();
    equal(await world.readSeries('alpha'), [[at(0), 2n ** 53n + 1n]]);
    await world.sink.increment([{ series: 'alpha', time: at(0), value: 1 }]);
    await world.sink.increment([{ series: 'alpha', time: at(0), value: 1 }]);
    await world.settle();
    equal(await world.readSeries('alpha'), [[at(0), 2n ** 53n + 3n]]);
    await world.sink.increment([{ series: 'alpha', time: at(0), value: -(2n ** 53n) }]);
    await world.settle();
    equal(await world.readSeries('alpha'), [[at(0), 3]]);
  }),

  defineCase('decimals are added as doubles', ['write.increment=true', 'values=number'], async (world) => {
    await world.write([{ series: 'alpha', time: at(0), value: 0.5 }]);
    await world.sink.increment([{ series: 'alpha', time: at(0), value: 0.25 }]);
    await world.sink.increment([{ series: 'alpha', time: at(0), value: -1 }]);
    await world.settle();
    equal(await world.readSeries('alpha'), [[at(0), -0.25]]);
  }),

  defineCase(
    'an increment of a text is rejected as a conflict, and its neighbours are added',
    ['write.increment', 'values=string'],
    async (world) => {
      await world.write([
        { series: 'alpha', time: at(1), value: 'text' },
        { series: 'alpha', time: at(2), value: 1 },
      ]);
      const result = await world.sink.increment([0, 1, 2].map((i) => ({ series: 'alpha', time: at(i), value: 10 })));
      world.checkResult(result, 2, [{ index: 1, code: 'conflict' }]);
      await world.settle();
      equal(await world.readSeries('alpha'), [
        [at(0), 10],
        [at(1), 'text'],
        [at(2), 11],
      ]);
    },
  ),

  defineCase('a sum beyond 64 bits is rejected as a conflict, and the value stays', ['write.increment', 'values=bigint'], async (world) => {
    await world.write([{ series: 'alpha', time: at(0), value: 2n ** 63n - 1n }]);
    const result = await world.sink.increment([
      { series: 'alpha', time: at(0), value: 1n },
      { series: 'alpha', time: at(1), value: 1n },
    ]);
    world.checkResult(result, 1, [{ index: 0, code: 'conflict' }]);
    await world.settle();
    equal(await world.readSeries('alpha'), [
      [at(0), 2n ** 63n - 1n],
      [at(1), 1],
    ]);
  }),

  defineCase(
    'amounts that are not whole are rejected by name where only integers are added, and their neighbours are added',
    ['write.increment', 'not write.increment=true'],
    async (world) => {
      await world.write([{ series: 'alpha', time: at(0), value: 40 }]);
      const result = await world.sink.increment([2, 0.5, -1.25, 1e300, 3].map((value, i) => ({ series: 'alpha', time: at(i), value })));
      world.checkResult(result, 2, [
        { index: 1, names: 'value' },
        { index: 2, names: 'value' },
        { index: 3, names: 'value' },
      ]);
      await world.settle();
      equal(await world.readSeries('alpha'), [
        [at(0), 42],
        [at(4), 3],
      ]);
    },
  ),

  defineCase('amounts that are no numbers are rejected by name, and their neighbours are added', ['write.increment'], async (world) => {
    const amounts = [1, 'text', true, Number.NaN, 5] as number[];
    const result = await world.sink.increment(amounts.map((value, i) => ({ series: 'alpha', time: at(i), value })));
    world.checkResult(result, 2, [
      { index: 1, names: 'value' },
      { index: 2, names: 'value' },
      { index: 3, names: 'value' },
    ]);
    await world.settle();
    equal(await world.readSeries('alpha'), [
      [at(0), 1],
      [at(4), 5],
    ]);
  }),
];
