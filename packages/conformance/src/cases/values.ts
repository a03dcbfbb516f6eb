import type { Value } from '@anyseries/core';
import { equal, ok } from '../assertion.ts';
import { type Case, defineCase, type Need } from '../case.ts';
import { epoch, type World } from '../world.ts';

const at = (i: number) => epoch + i * 1000;

/** Writes the values, one per second, and expects them back exactly. */
async function roundTrip(world: World, values: readonly Value[], expected: readonly Value[] = values): Promise<void> {
  await world.write(values.map((value, i) => ({ series: 'alpha', time: at(i), value })));
  equal(
    await world.readSeries('alpha'),
    expected.map((value, i) => [at(i), value]),
  );
}

function unkept(what: string, needs: readonly Need[], value: Value): Case {
  return defineCase(`${what} is rejected where it cannot be kept, and its neighbours are stored`, ['write', ...needs], async (world) => {
    const result = await world.sink.write([1, value, 3].map((each, i) => ({ series: 'alpha', time: at(i), value: each })));
    equal(result.stored + result.unconfirmed, 2, 'the points that were accepted');
    equal(
      result.rejected.map(({ index, code }) => [index, code === 'invalid' || code === 'unsupported']),
      [[1, true]],
      'the rejections',
    );
    ok(result.rejected[0]!.message.includes('value'), `the message names value: ${result.rejected[0]!.message}`);
    await world.settle();
    equal(await world.readSeries('alpha'), [
      [at(0), 1],
      [at(2), 3],
    ]);
  });
}

/** Values come back exactly, or not at all and by name. */
export const valueCases: readonly Case[] = [
  defineCase('whole numbers come back exactly', ['write'], (world) =>
    roundTrip(world, [0, 1, -1, 255, 65_536, -2_147_483_648, 4_294_967_296, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]),
  ),

  defineCase('decimals come back to the last bit', ['write', 'values=number'], (world) =>
    roundTrip(world, [0.1, -0.1, 0.1 + 0.2, 1 / 3, Math.PI, 1e-7, 123_456.789_012_345_67, 1e21, 1.5e300, -2.5e-300]),
  ),

  defineCase('whole numbers beyond 2^53 that a double holds come back as numbers', ['write', 'values=number'], (world) =>
    roundTrip(world, [
      2 ** 53,
      2 ** 53 + 2,
      2 ** 60,
      -(2 ** 62),
      2 ** 63,
      2 ** 64,
      1_234_567_890_123_456_800,
      1e18,
      1e20,
      123_456_789_012_345_680_000,
    ]),
  ),

  defineCase('minus zero, the smallest and the largest doubles come back as they are', ['write', 'values=number'], (world) =>
    roundTrip(world, [-0, 0, 5e-324, -5e-324, 2.225_073_858_507_201_4e-308, 1.7e308, -1.7e308, Number.MAX_VALUE, Number.EPSILON]),
  ),

  defineCase('a bigint that a double holds equals the number', ['write'], (world) =>
    roundTrip(world, [5n, -7n, 0n, 2n ** 53n - 1n], [5, -7, 0, Number.MAX_SAFE_INTEGER]),
  ),

  defineCase('64-bit integers that no double holds come back exactly', ['write', 'values=bigint'], (world) =>
    roundTrip(world, [2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n) + 1n, 1_234_567_890_123_456_789n]),
  ),

  defineCase('the smallest 64-bit integer comes back exactly', ['write', 'values=bigint'], async (world) => {
    await world.write([{ series: 'alpha', time: at(0), value: -(2n ** 63n) }]);
    const [point] = await world.read({ series: 'alpha' });
    equal(BigInt(point?.value ?? 0), -(2n ** 63n), 'the value as a bigint');
  }),

  defineCase('columns() refuses a value that is no double by naming it', ['write', 'read', 'values=bigint'], async (world) => {
    await world.write([
      { series: 'alpha', time: at(0), value: 1 },
      { series: 'alpha', time: at(1), value: 2n ** 53n + 1n },
    ]);
    const error = await world.failure('unsupported', () => world.source.read({ series: 'alpha' }).columns());
    ok(error.message.includes('9007199254740993'), `the message names the value: ${error.message}`);
    const { values } = await world.source.read({ series: 'alpha' }).columns({ values: 'any' });
    equal(values, [1, 2n ** 53n + 1n]);
  }),

  defineCase('booleans come back as booleans', ['write', 'values=boolean'], (world) => roundTrip(world, [true, false, true])),

  defineCase('texts come back unchanged, however strange', ['write', 'values=string'], (world) =>
    roundTrip(world, [
      '',
      ' ',
      '0',
      'true',
      'null',
      'line\nfeed\r\n\ttab',
      'quotes \' " ` \\ slash /',
      '<b>&amp;</b>',
      'ünïcødé 日本語 עברית 👩‍👩‍👧 \u{10ffff} \uffff',
      'with U+0000 \0 inside',
      '{"a":[1,2,"$ref"]}',
      '9007199254740993',
      '-0',
    ]),
  ),

  defineCase('a long text comes back whole', ['write', 'values=string'], (world) => roundTrip(world, ['é\0👍 '.repeat(2000)])),

  defineCase(
    'one series holds values of every kind',
    ['write', 'values=number', 'values=bigint', 'values=boolean', 'values=string'],
    (world) => roundTrip(world, [1, 0.5, 2n ** 60n + 1n, true, 'text', -0, '', false]),
  ),

  unkept('a text', ['not values=string'], 'text'),
  unkept('a boolean', ['not values=boolean'], true),
  unkept('a decimal', ['not values=number'], 0.5),
  unkept('a 64-bit integer', ['not values=bigint'], 2n ** 53n + 1n),
];
