import { parseJson } from '@anyseries/core/http';
import { createBatchBuilder } from '@anyseries/core/provider';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeBatch } from '../src/wire/encode-batch.ts';
import { firstTime, lastTime } from '../src/wire/limits.ts';
import { nextLink } from '../src/wire/link.ts';
import { parseTimestamp } from '../src/wire/timestamp.ts';
import { encodeValue } from '../src/wire/value.ts';

const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom(-0, 0, 2 ** 53, 2 ** 60, 2 ** 63, -(2 ** 63), 1e300, 5e-324, 2n ** 53n + 1n, -(2n ** 63n) + 1n, 2n ** 63n - 1n),
);
const time = fc.oneof(
  fc.integer({ min: firstTime, max: lastTime }),
  fc.integer({ min: 1.7e12, max: 1.7e12 + 200_000 }),
  fc.constantFrom(firstTime, -1, 0, 59_999, 60_000, lastTime),
);
const points = fc.array(fc.tuple(fc.string({ unit: 'binary', minLength: 1 }), time, value), { minLength: 1, maxLength: 40 });

test('a batch is the JSON of its points, whatever their keys, times and values', () => {
  fc.assert(
    fc.property(points, (given) => {
      const builder = createBatchBuilder(given.length);
      const refs = new Map<string, { key: string; slot: unknown }>();
      for (const [key, at, v] of given) {
        const ref = refs.get(key) ?? { key, slot: undefined };
        refs.set(key, ref);
        builder.add(ref, at, v);
      }
      const text = new TextDecoder().decode(encodeBatch(builder.build()));
      const elements = parseJson(text) as { key: string; t: string; v: number | bigint }[];
      expect(elements.map(({ key, t, v }) => [key, parseTimestamp(t), v])).toEqual(given);
      expect(elements.map(({ t }) => t)).toEqual(given.map(([, at]) => new Date(at).toISOString()));
    }),
  );
});

test('a value is JSON that reads back as the same number', () => {
  fc.assert(
    fc.property(value, (given) => {
      expect(parseJson(encodeValue(given))).toEqual(given);
    }),
  );
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (given) => {
      expect(BigInt(encodeValue(given))).toBe(given);
    }),
  );
});

test.each([
  ['</v1/a?x=1>; rel="next"', '/v1/a?x=1'],
  ['</v1/a>; rel=next', '/v1/a'],
  ['</v1/a>;title="; rel=prev, <x>";REL=\'x\';rel="prev"', undefined],
  ['</v1/a>; title="a, b; rel=next"; rel="next prefetch"', '/v1/a'],
  ['</first>; rel="first", </v1/a>; type="a/b"; rel="next", </last>; rel="last"', '/v1/a'],
  ['<https://h/v1/a>  ;  rel = "NEXT"', 'https://h/v1/a'],
  ['</v1/a>', undefined],
  ['</v1/a>; rel="nextish"', undefined],
  ['</v1/a>; rel="prev"; rel="next"', undefined],
  ['nonsense', undefined],
  ['', undefined],
])('the link to the next page in %s', (header, target) => {
  expect(nextLink(header)).toBe(target);
});

test('a header of any length is read in no time', () => {
  const started = performance.now();
  for (const piece of ['<', ';', ';a', '; a="', ' ', '<a>;', '<a>;rel=', '\\']) nextLink(piece.repeat(50_000));
  expect(performance.now() - started).toBeLessThan(1000);
});
