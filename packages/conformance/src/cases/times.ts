import { equal } from '../assertion.ts';
import { type Case, defineCase } from '../case.ts';
import { epoch, type World } from '../world.ts';

/** Writes points at the times, each with its position as the value, and expects them at the kept times. */
async function roundTrip(world: World, times: readonly number[], kept: readonly number[] = times): Promise<void> {
  await world.write(times.map((time, i) => ({ series: 'alpha', time, value: i })));
  const expected = kept.map((time, i): [number, unknown] => [time, i]).sort(([a], [b]) => a - b);
  equal(await world.readSeries('alpha'), expected);
}

/** Times come back at the declared resolution, floored, over the declared range. */
export const timeCases: readonly Case[] = [
  defineCase('times are floored to the resolution, never rounded', ['write'], async (world) => {
    const { resolution } = world.capabilities.times;
    const floors = {
      s: [epoch, epoch + 1000, epoch + 2000],
      ms: [epoch, epoch + 1999, epoch + 2999],
      us: [epoch, epoch + 1999.5, epoch + 2999.999],
    };
    await roundTrip(world, [epoch, epoch + 1999.5, epoch + 2999.999], floors[resolution]);
  }),

  defineCase('times before 1970 are floored too, away from zero', ['write', 'times.min<0'], async (world) => {
    const { resolution } = world.capabilities.times;
    const floors = { s: [-3000, -2000, -1000], ms: [-2001, -1500, -1], us: [-2000.25, -1500, -0.5] };
    await roundTrip(world, [-2000.25, -1500, -0.5], floors[resolution]);
  }),

  defineCase('microseconds come back exactly', ['write', 'times=us'], (world) =>
    roundTrip(world, [epoch + 0.001, epoch + 0.002, epoch + 0.999, epoch + 1.001, epoch + 123.456, epoch + 999.999]),
  ),

  defineCase('finer than a microsecond is floored', ['write', 'times=us'], async (world) => {
    await world.write([
      { series: 'alpha', time: '2024-01-01T00:00:00.0000019Z', value: 0 },
      { series: 'alpha', time: { epochNanoseconds: BigInt(epoch) * 1_000_000n + 2999n }, value: 1 },
      { series: 'alpha', time: 5.001_9, value: 2 },
      { series: 'beta', time: -5.001_1, value: 3 },
    ]);
    equal(await world.readSeries('alpha'), [
      [5.001, 2],
      [epoch + 0.001, 0],
      [epoch + 0.002, 1],
    ]);
    equal(await world.readSeries('beta'), [[-5.002, 3]]);
  }),

  defineCase('every microsecond of two milliseconds is a point of its own', ['write', 'times=us'], async (world) => {
    const times = Array.from({ length: 2000 }, (_, i) => epoch + Math.floor(i / 1000) + (i % 1000) / 1000);
    await world.write(times.map((time, i) => ({ series: 'alpha', time, value: i })));
    const { times: back, values } = await world.source.read({ series: 'alpha' }).columns();
    equal(Array.from(values), Array.from(times.keys()), 'the values');
    equal(Array.from(back), times, 'the times');
  }),

  defineCase('milliseconds come back exactly', ['write', 'times=ms'], (world) =>
    roundTrip(world, [epoch + 1, epoch + 2, epoch + 999, epoch + 1001]),
  ),

  defineCase('zero and minus zero are the same time', ['write', 'times.min<0', 'write.onDuplicate=overwrites'], async (world) => {
    await world.write([{ series: 'alpha', time: -0, value: 1 }]);
    await world.write([{ series: 'alpha', time: 0, value: 2 }]);
    equal(await world.readSeries('alpha'), [[0, 2]]);
  }),

  defineCase('times around 1970 are told apart and come in order', ['write', 'times.min<0', 'times=ms'], async (world) => {
    await roundTrip(world, [-86_400_000, -1000, -2, -1, 0, 1, 2, 1000]);
    equal(
      (await world.read({ series: 'alpha', order: 'descending' })).map(({ time }) => time),
      [1000, 2, 1, 0, -1, -2, -1000, -86_400_000],
      'the times, descending',
    );
  }),

  defineCase('ranges before 1970 include their start and exclude their end', ['read', 'read.windows=any', 'times.min<0'], async (world) => {
    const times = [-4000, -3000, -2000, -1000, 0, 1000];
    await world.write(times.map((time, i) => ({ series: 'alpha', time, value: i })));
    const read = async (start: number, end: number) => (await world.read({ series: 'alpha', start, end })).map(({ value }) => value);
    equal(await read(-3000, -1000), [1, 2], '[-3000, -1000)');
    equal(await read(-1000, 1000), [3, 4], '[-1000, 1000)');
    equal(await read(-10_000, -4000), [], '[-10000, -4000)');
    equal(await read(0, 5000), [4, 5], '[0, 5000)');
  }),

  defineCase('the first and the last time of the declared range are kept', ['write'], async (world) => {
    const { min, max } = world.capabilities.times;
    await roundTrip(world, [min, max]);
  }),

  defineCase('times outside the declared range are rejected by name', ['write'], async (world) => {
    const { min, max } = world.capabilities.times;
    const points = [min - 1000, epoch, max + 1000].map((time, value) => ({ series: 'alpha', time, value }));
    world.checkResult(await world.sink.write(points), 1, [
      { index: 0, names: 'time' },
      { index: 2, names: 'time' },
    ]);
    await world.settle();
    equal(await world.readSeries('alpha'), [[epoch, 1]]);
  }),

  defineCase('years far away keep their milliseconds', ['write', 'times=ms'], async (world) => {
    const { min, max } = world.capabilities.times;
    const far = [
      '1900-01-01T00:00:00.001Z',
      '1969-12-31T23:59:59.999Z',
      '2038-01-19T03:14:08.001Z',
      '2100-02-28T23:59:59.999Z',
      '+275000-01-01T00:00:00.001Z',
    ];
    const times = far.map((text) => Date.parse(text)).filter((time) => time >= min && time <= max);
    await roundTrip(world, times);
  }),
];
