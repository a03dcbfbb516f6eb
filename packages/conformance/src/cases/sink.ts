import type { PointInput } from '@anyseries/core';
import { equal, ok } from '../assertion.ts';
import { type Case, defineCase } from '../case.ts';
import { epoch } from '../world.ts';

const second = 1000;

/** Writing: counts, forms of input, batches. */
export const sinkCases: readonly Case[] = [
  defineCase('a point that is written is read back as it was', ['write'], async (world) => {
    world.checkResult(await world.sink.write([{ series: 'alpha', time: epoch, value: 42 }]), 1);
    await world.settle();
    equal(await world.read({ series: 'alpha' }), [{ series: 'alpha', time: epoch, value: 42 }]);
  }),

  defineCase('an empty write stores nothing and succeeds', ['write'], async (world) => {
    world.checkResult(await world.sink.write([]), 0);
    equal(await world.readSeries('alpha'), []);
  }),

  defineCase('points of several series and out of time order all arrive', ['write'], async (world) => {
    const points = [3, 1, 2, 0].flatMap((i) =>
      ['alpha', 'beta', 'gamma'].map((series) => ({ series, time: epoch + i * second, value: i + series.length })),
    );
    await world.write(points);
    for (const series of ['alpha', 'beta', 'gamma']) {
      const expected = [0, 1, 2, 3].map((i) => [epoch + i * second, i + series.length]);
      equal(await world.readSeries(series), expected, series);
    }
  }),

  defineCase('a time may be a number, a Date, an ISO 8601 text or an instant', ['write'], async (world) => {
    const iso = new Date(epoch + 2 * second).toISOString();
    const offset = '2024-01-01T01:00:03+01:00';
    await world.write([
      { series: 'alpha', time: epoch, value: 1 },
      { series: 'alpha', time: new Date(epoch + second), value: 2 },
      { series: 'alpha', time: iso, value: 3 },
      { series: 'alpha', time: offset, value: 4 },
      { series: 'alpha', time: { epochNanoseconds: BigInt(epoch + 4 * second) * 1_000_000n }, value: 5 },
    ]);
    const expected = [1, 2, 3, 4, 5].map((value, i) => [epoch + i * second, value]);
    equal(await world.readSeries('alpha'), expected);
  }),

  defineCase('a point without a time gets the time of its admission', ['write'], async (world) => {
    const now = world.clock.now();
    await world.write([{ series: 'alpha', value: 7 }]);
    const [point] = await world.read({ series: 'alpha' });
    ok(point !== undefined && point.time >= now - 1000 && point.time <= now, `the time is about ${now}, got ${point?.time}`);
  }),

  defineCase('a ref stands for its key, also one of another sink', ['write'], async (world) => {
    const own = world.sink.ref('alpha');
    const foreign = { key: 'beta', slot: 'something that belongs to another encoder' };
    equal(own.key, 'alpha');
    await world.write([
      { series: own, time: epoch, value: 1 },
      { series: foreign, time: epoch, value: 2 },
      { series: 'alpha', time: epoch + second, value: 3 },
    ]);
    equal(await world.readSeries('alpha'), [
      [epoch, 1],
      [epoch + second, 3],
    ]);
    equal(await world.readSeries('beta'), [[epoch, 2]]);
  }),

  defineCase('any iterable of points can be written, and is read once', ['write'], async (world) => {
    function* points(): Generator<PointInput> {
      for (let i = 0; i < 10; i++) yield { series: 'alpha', time: epoch + i * second, value: i };
    }
    world.checkResult(await world.sink.write(points()), 10);
    world.checkResult(await world.sink.write(new Set([{ series: 'beta', time: epoch, value: 1 }])), 1);
    await world.settle();
    equal(
      await world.readSeries('alpha'),
      Array.from({ length: 10 }, (_, i) => [epoch + i * second, i]),
    );
    equal(await world.readSeries('beta'), [[epoch, 1]]);
  }),

  defineCase('columns can be written as a source gives them', ['write'], async (world) => {
    const refs = ['alpha', 'beta'].map((key) => ({ key, slot: undefined }));
    const times = Float64Array.from([0, 1, 2, 3], (i) => epoch + i * second);
    const batch = {
      length: 4,
      refs,
      series: Uint32Array.from([0, 1, 0, 1]),
      times,
      values: Float64Array.from([1, 2, 3, 4]),
      others: new Map(),
    };
    world.checkResult(await world.sink.write(batch), 4);
    await world.settle();
    equal(await world.readSeries('alpha'), [
      [epoch, 1],
      [epoch + 2 * second, 3],
    ]);
    equal(await world.readSeries('beta'), [
      [epoch + second, 2],
      [epoch + 3 * second, 4],
    ]);
  }),

  defineCase('columns with invalid rows lose these rows alone', ['write'], async (world) => {
    const refs = [{ key: 'alpha', slot: undefined }];
    const times = Float64Array.from([epoch, Number.NaN, epoch + second, epoch + 2 * second]);
    const values = Float64Array.from([1, 2, Number.POSITIVE_INFINITY, 4]);
    const result = await world.sink.write({ length: 4, refs, series: new Uint32Array(4), times, values, others: new Map() });
    world.checkResult(result, 2, [
      { index: 1, names: 'time' },
      { index: 2, names: 'value' },
    ]);
    await world.settle();
    equal(await world.readSeries('alpha'), [
      [epoch, 1],
      [epoch + 2 * second, 4],
    ]);
  }),

  defineCase('20,001 points of 3 series in one write all arrive', ['write'], async (world) => {
    const keys = ['alpha', 'beta', 'gamma'];
    const points = Array.from({ length: 20_001 }, (_, i) => ({ series: keys[i % 3]!, time: epoch + i * second, value: i }));
    await world.write(points);
    for (const [k, key] of keys.entries()) {
      const { times, values } = await world.source.read({ series: key }).columns();
      const expected = Array.from({ length: 6667 }, (_, i) => i * 3 + k);
      equal(Array.from(values), expected, `the values of ${key}`);
      equal(
        Array.from(times),
        expected.map((i) => epoch + i * second),
        `the times of ${key}`,
      );
    }
  }),

  defineCase('500 series in one write all arrive', ['write'], async (world) => {
    const points = Array.from({ length: 1000 }, (_, i) => ({ series: `series-${i % 500}`, time: epoch + i * second, value: i }));
    await world.write(points);
    for (const i of [0, 1, 250, 499]) {
      equal(await world.readSeries(`series-${i}`), [
        [epoch + i * second, i],
        [epoch + (i + 500) * second, i + 500],
      ]);
    }
  }),

  defineCase('writes under way at once do not disturb each other', ['write'], async (world) => {
    const writes = Array.from({ length: 20 }, (_, i) => world.sink.write([{ series: 'alpha', time: epoch + i * second, value: i }]));
    for (const result of await Promise.all(writes)) world.checkResult(result, 1);
    await world.settle();
    equal(
      await world.readSeries('alpha'),
      Array.from({ length: 20 }, (_, i) => [epoch + i * second, i]),
    );
  }),

  defineCase('a point written again at its time replaces the one before', ['write', 'write.onDuplicate=overwrites'], async (world) => {
    await world.write([{ series: 'alpha', time: epoch, value: 1 }]);
    await world.write([{ series: 'alpha', time: epoch, value: 2 }]);
    await world.write([
      { series: 'beta', time: epoch, value: 1 },
      { series: 'beta', time: epoch, value: 3 },
      { series: 'beta', time: epoch, value: 2 },
    ]);
    equal(await world.readSeries('alpha'), [[epoch, 2]]);
    equal(await world.readSeries('beta'), [[epoch, 2]]);
  }),

  defineCase('a point written again at its time is added to the one before', ['write', 'write.onDuplicate=adds'], async (world) => {
    await world.write([{ series: 'alpha', time: epoch, value: 1 }]);
    await world.write([{ series: 'alpha', time: epoch, value: 2 }]);
    await world.write([3, 4, 5].map((value) => ({ series: 'beta', time: epoch, value })));
    equal(await world.readSeries('alpha'), [[epoch, 3]]);
    equal(await world.readSeries('beta'), [[epoch, 12]]);
  }),

  defineCase('a point written again at its time leaves the one before', ['write', 'write.onDuplicate=keeps-first'], async (world) => {
    await world.write([{ series: 'alpha', time: epoch, value: 1 }]);
    await world.write([{ series: 'alpha', time: epoch, value: 2 }]);
    equal(await world.readSeries('alpha'), [[epoch, 1]]);
  }),
];
