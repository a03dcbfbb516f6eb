import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BodyWriter, utf8, writeBody } from '../src/http.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

type Part = { readonly text: string; put(body: BodyWriter): void };

const ascii = fc.string({ unit: 'binary-ascii', maxLength: 200 }).map((text): Part => ({ text, put: (body) => body.ascii(text) }));
const anything = fc
  .string({ unit: 'grapheme', maxLength: 200 })
  .filter((text) => text.isWellFormed())
  .map((text): Part => ({ text, put: (body) => body.bytes(utf8(text)) }));
const integer = fc
  .oneof(
    fc.maxSafeNat(),
    fc.nat(),
    fc.integer({ min: 0, max: 15 }).map((power) => 10 ** power),
    fc.constant(Number.MAX_SAFE_INTEGER),
  )
  .map((number): Part => ({ text: String(number), put: (body) => body.integer(number) }));

const decimal = fc
  .tuple(fc.oneof(fc.integer(), fc.integer({ min: -5000, max: 5000 })), fc.integer({ min: 0, max: 5 }))
  .map(([digits, decimals]) => digits / 10 ** decimals);
const number = fc
  .oneof(
    decimal,
    fc.double(),
    fc.integer(),
    fc.constantFrom(0, -0, 0.001, -0.5, 2 ** 31 / 1000, -(2 ** 31) / 1000, 2_147_483.647, 1e21, 1e-7),
  )
  .map((value): Part => ({ text: String(value), put: (body) => body.number(value) }));

test('a body is its parts, one after the other', () =>
  fc.assert(
    fc.property(fc.array(fc.oneof(ascii, anything, integer, number), { size: 'large' }), (parts) => {
      const body = writeBody((to) => {
        for (const { put } of parts) put(to);
      });
      expect(decoder.decode(body)).toBe(parts.map(({ text }) => text).join(''));
    }),
  ));

test('a body may be larger than any before, and keeps its bytes when others follow', () => {
  const text = 'twelve bytes';
  const large = writeBody((body) => {
    for (let i = 0; i < 100_000; i++) body.ascii(text);
  });
  const small = writeBody((body) => body.integer(7));
  expect(decoder.decode(large)).toBe(text.repeat(100_000));
  expect(decoder.decode(small)).toBe('7');
});

test('text that is not ASCII is refused, and leaves nothing behind', () => {
  expect(() => writeBody((body) => body.ascii('21.5 °C'))).toThrow(/"21\.5 °C" is not ASCII/);
  expect(writeBody(() => {})).toEqual(new Uint8Array(0));
});
