import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ValueKind } from '../src/capabilities.ts';
import { addIntegers, addValues, toInteger, toValue, unkeptValue } from '../src/value.ts';

const [least, greatest] = [-(2n ** 63n), 2n ** 63n - 1n];
const fails = (code: string, field = 'value') =>
  expect.objectContaining({ code, message: expect.stringMatching(new RegExp(`^${field}: `)) });
const int64 = fc.oneof(
  fc.bigInt({ min: least, max: greatest }),
  fc.bigInt({ min: -5n, max: 5n }),
  fc.bigInt({ min: -5n, max: 5n }).map((near) => 2n ** 53n + near),
  fc.bigInt({ min: 0n, max: 5n }).map((near) => greatest - near),
  fc.bigInt({ min: 0n, max: 5n }).map((near) => least + near),
);

describe('a value', () => {
  test('is taken as it is', () => {
    for (const value of [0, -1.5, Number.MAX_VALUE, 2 ** 60, true, false, '', 'on', '😀', '\0']) expect(toValue(value)).toBe(value);
  });

  test('is a bigint only where no double holds the integer', () => {
    expect([toValue(5n), toValue(2n ** 53n), toValue(least), toValue(2n ** 64n)]).toEqual([5, 2 ** 53, -(2 ** 63), 2 ** 64]);
    expect([toValue(2n ** 53n + 1n), toValue(greatest)]).toEqual([2n ** 53n + 1n, greatest]);
    fc.assert(
      fc.property(int64, (integer) => {
        const value = toInteger(integer);
        expect(BigInt(value)).toBe(integer);
        expect(typeof value).toBe(BigInt(Number(integer)) === integer ? 'number' : 'bigint');
        expect(toValue(value)).toBe(value);
      }),
    );
  });

  test.each([
    ['NaN', Number.NaN],
    ['Infinity', Infinity],
    ['-Infinity', -Infinity],
    ['undefined', undefined],
    ['null', null],
    ['an object', {}],
    ['an array', [1]],
    ['a Date', new Date(0)],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['half of a surrogate pair', 'a\ud83d'],
    ['an integer that neither 64 bits nor a double hold', 2n ** 63n + 1n],
    ['a negative one', least - 1n],
    ['one beyond all doubles', 10n ** 400n],
  ])('is not %s', (_, input) => {
    expect(() => toValue(input)).toThrow(fails('invalid'));
    expect(() => toValue(input, 'points[3].value')).toThrow(fails('invalid', 'points\\[3\\]\\.value'));
  });
});

describe('what a backend keeps', () => {
  const kept = (value: Parameters<typeof unkeptValue>[0], ...kinds: ValueKind[]) => unkeptValue(value, new Set(kinds)) === undefined;

  test('is any double for number', () => {
    expect([kept(1.5, 'number'), kept(2 ** 60, 'number', 'bigint'), kept(2n ** 60n + 1n, 'number')]).toEqual([true, true, false]);
  });

  test('is whole numbers below 2^53 for integer', () => {
    expect([kept(5, 'integer'), kept(-5, 'integer'), kept(1.5, 'integer'), kept(2 ** 53, 'integer')]).toEqual([true, true, false, false]);
    expect(kept(2n ** 60n + 1n, 'integer')).toBe(false);
  });

  test('is every 64-bit integer for bigint, also those that a double holds', () => {
    expect([kept(5, 'bigint'), kept(2 ** 60, 'bigint'), kept(2n ** 60n + 1n, 'bigint'), kept(-(2 ** 63), 'integer', 'bigint')]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect([kept(2 ** 63, 'bigint'), kept(1.5, 'bigint'), kept(1e300, 'bigint')]).toEqual([false, false, false]);
  });

  test('is texts and booleans only where they are named', () => {
    expect([kept('a', 'string'), kept(true, 'boolean'), kept('a', 'number', 'boolean'), kept(true, 'number'), kept(1, 'string')]).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  test('is told with the reason', () => {
    expect(unkeptValue(1.5, new Set<ValueKind>(['integer']))).toContain('1.5');
    expect(unkeptValue(1, new Set<ValueKind>(['string']))).toBe('numbers are not kept');
    expect(unkeptValue('a', new Set<ValueKind>(['number']))).toBe('values of type string are not kept');
  });
});

describe('a sum of values', () => {
  test('of 64-bit integers is exact, or a conflict where 64 bits cannot hold it', () => {
    fc.assert(
      fc.property(int64, int64, (a, b) => {
        const sum = a + b;
        const add = () => addValues(toInteger(a), toInteger(b));
        if (sum < least || sum > greatest) expect(add).toThrow(fails('conflict'));
        else expect(add()).toBe(toInteger(sum));
      }),
      { numRuns: 2000 },
    );
  });

  test('with a fraction is that of doubles', () => {
    expect([addValues(0.1, 0.2), addValues(1e16, 0.5), addValues(2n ** 53n + 1n, 0.5)]).toEqual([0.1 + 0.2, 1e16 + 0.5, 2 ** 53 + 0.5]);
  });

  test('beyond 64 bits is that of doubles, and exact again within', () => {
    expect(addValues(1e300, 1)).toBe(1e300);
    expect(addValues(2 ** 63, -1)).toBe(greatest);
    expect(addValues(2 ** 64, -(2 ** 64))).toBe(0);
  });

  test('of a counter is whole: both summands are cut toward zero, and 64 bits must hold the sum', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e15, max: 1e15, noNaN: true }), fc.double({ min: -1e15, max: 1e15, noNaN: true }), (a, b) => {
        expect(addIntegers(a, b)).toBe(Math.trunc(a) + Math.trunc(b) + 0);
      }),
    );
    expect([addIntegers(-0.5, -0), addIntegers(0.9, greatest), addIntegers(-1.9, greatest)]).toEqual([0, greatest, greatest - 1n]);
    for (const [a, b] of [
      [greatest, 1],
      [1e300, 1],
      [1e19, 0],
      ['1', 1],
      [true, 1],
    ] as const)
      expect(() => addIntegers(a, b)).toThrow(fails('conflict'));
  });

  test('that is infinite, or of something else than numbers, is a conflict', () => {
    expect(() => addValues(Number.MAX_VALUE, Number.MAX_VALUE)).toThrow(fails('conflict'));
    for (const other of ['1', true, false, '']) {
      expect(() => addValues(other, 1)).toThrow(fails('conflict'));
      expect(() => addValues(1, other)).toThrow(fails('conflict'));
    }
  });
});
