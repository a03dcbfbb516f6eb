import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { parseJson } from '../src/http.ts';
import { toInteger } from '../src/value.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Whether the numbers of a text are looked at one by one. */
function isCareful(text: string): boolean {
  const parse = vi.spyOn(JSON, 'parse').mockClear();
  parseJson(text);
  return parse.mock.calls.some(([, reviver]) => reviver !== undefined);
}

describe('JSON with numbers', () => {
  test('is exact for integers of 64 bits and what JSON.parse says for everything else', () => {
    const integer = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    // what a large whole double looks like is an integer, and read as that one
    const double = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !/^-?\d{16,}$/.test(String(value)));
    fc.assert(
      fc.property(fc.array(fc.oneof(integer, double, fc.string()), { maxLength: 20 }), (values) => {
        const text = `[${values.map((value) => (typeof value === 'bigint' ? `${value}` : JSON.stringify(value))).join(',')}]`;
        const plain: unknown[] = JSON.parse(text);
        expect(parseJson(text)).toEqual(values.map((value, i) => (typeof value === 'bigint' ? toInteger(value) : plain[i])));
      }),
    );
  });

  test('is read the careful way for long integers alone, because that takes several times as long', () => {
    for (const text of ['9007199254740993', '[-9007199254740993]', '{"a":[1,12345678901234567890]}']) expect(isCareful(text)).toBe(true);
    for (const text of [
      '0.1234567890123456789',
      '[-1.7976931348623157e308]',
      '{"v":20.053333333333335}',
      '123456789012345',
      '"2012-01-01T00:00:00.000000Z"',
    ])
      expect(isCareful(text), text).toBe(false);
  });
});
