import { createBatchBuilder } from '@anyseries/core/provider';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCsvReader, readCsv } from '../src/wire/csv.ts';
import { encodeBatch } from '../src/wire/encode-batch.ts';
import { csvRow } from '../src/wire/encode-csv.ts';
import { isoText, parseSeconds, parseTimestamp, secondsText } from '../src/wire/time.ts';
import { parseNumber, parseValue, type TimetricValue, valueText } from '../src/wire/value.ts';

type Row = readonly [time: number, value: TimetricValue];

function rowsOf(text: string): Row[] {
  const rows: Row[] = [];
  readCsv(text, (time, value) => rows.push([time, value]));
  return rows;
}

/** Up to here a double of seconds tells microseconds apart. */
const lastTime = 2 ** 33 * 1000;

/** Times as they are kept: whole microseconds. */
const microseconds = fc.oneof(
  fc.maxSafeInteger().map((us) => us / 1000),
  fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1000),
  fc.integer({ min: -5e12, max: 5e12 }),
  fc.bigInt({ min: -(2n ** 52n), max: 2n ** 52n }).map((us) => Number(us) / 1000),
);
const time = microseconds.filter((each) => Math.abs(each) <= lastTime).map((each) => each + 0);
const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const value = fc.oneof(number, fc.boolean(), fc.constant(null), fc.integer());

test('every time comes back exactly, and is written with a decimal place and without an exponent', () => {
  fc.assert(
    fc.property(time, (each) => {
      const text = secondsText(each);
      expect(text).toMatch(/^-?\d+\.\d{1,6}$/);
      expect(parseSeconds(text)).toBe(each);
    }),
    { numRuns: 5000 },
  );
});

test('times beyond come back as far as their doubles tell them apart', () => {
  fc.assert(
    fc.property(fc.double({ min: -8.64e15, max: 8.64e15, noNaN: true }), (each) => {
      const text = secondsText(each);
      expect(text).toMatch(/^-?\d+\.\d{1,6}$/);
      expect(Math.abs(parseSeconds(text)! - each)).toBeLessThanOrEqual(0.0005 + Math.abs(each) * 2 ** -52);
    }),
  );
});

test('every time comes back from ISO 8601 as well', () => {
  fc.assert(
    fc.property(
      time.filter((each) => Math.abs(each) < 6e13),
      (each) => {
        const text = isoText(each);
        if (!/^[+-]/.test(text)) expect(parseTimestamp(text)).toBe(each);
      },
    ),
  );
});

test.each([
  ['1236735000', 1_236_735_000_000],
  ['1236463646.3900001', 1_236_463_646_390],
  ['20090311', 20_090_311_000],
  ['2009', 2_009_000],
  ['1.5e3', 1_500_000],
  ['.5', 500],
  ['5.', 5000],
  ['-0.000001', -0.001],
  ['2003-04-06T00:00:00', 1_049_587_200_000],
  ['2003-04-06 00:00', 1_049_587_200_000],
  ['2003-04-06', 1_049_587_200_000],
  ['2003-04-06T02:00:00+02:00', 1_049_587_200_000],
  ['2003-04-06T02:00:00.25 +0200', 1_049_587_200_250],
  ['2003-04-05t19:00:00-05', 1_049_587_200_000],
  ['2003-04-06T00:00:00.0000019999999999999Z', 1_049_587_200_000.001],
])('%s is a time', (text, expected) => {
  expect(parseTimestamp(text)).toBe(expected);
});

test.each([
  '',
  ' ',
  'x',
  '0x10',
  '1_000',
  'Infinity',
  'NaN',
  '1e999',
  '-1e20',
  '2003-13-01',
  '2003-02-30',
  '2003-04-06T25:00',
  '2003-04-06 00:00 CET',
  '12:00',
])('%j is no time', (text) => {
  expect(parseTimestamp(text)).toBe(undefined);
});

test('every value comes back exactly', () => {
  fc.assert(
    fc.property(value, (each) => {
      expect(parseValue(valueText(each))).toBe(each);
      if (typeof each === 'number' && Number.isInteger(each) && Math.abs(each) < 1e21) expect(valueText(each)).toMatch(/\.0$/);
    }),
  );
});

test('no text is taken for a number that Python would not take for one', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.eE+-xboIN_ ') }), (text) => {
      const parsed = parseNumber(text);
      if (parsed !== undefined) expect(text).toMatch(/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/);
    }),
  );
});

describe('rows', () => {
  test('come back, whatever the line ends, the blanks and the quotes', () => {
    const style = fc.record({
      end: fc.constantFrom('\n', '\r\n'),
      before: fc.constantFrom('', ' ', '\t'),
      quote: fc.constantFrom('', '"'),
      empty: fc.constantFrom('', '\n', '\r\n'),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(time, value), { maxLength: 30 }), style, (rows, { end, before, quote, empty }) => {
        const text = rows
          .map(
            ([each, held]) =>
              `${before}${quote}${secondsText(each)}${quote}${before},${before}${quote}${valueText(held)}${quote}${before}${end}${empty}`,
          )
          .join('');
        expect(rowsOf(text)).toEqual(rows);
      }),
    );
  });

  test('come back from parts that are cut anywhere', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(time, value), { maxLength: 30 }), fc.integer({ min: 1, max: 40 }), (rows, length) => {
        const text = rows.map((row) => csvRow(...row)).join('');
        const found: Row[] = [];
        const reader = createCsvReader((each, held) => found.push([each, held]));
        for (let at = 0; at < text.length; at += length) reader.add(text.slice(at, at + length));
        reader.end();
        expect(found).toEqual(rows);
      }),
    );
  });

  test('of a long text are all there, and the number of a bad line is right', () => {
    const count = 50_000;
    const text = Array.from({ length: count }, (_, i) => csvRow(i * 1000, i)).join('');
    expect(rowsOf(text)).toHaveLength(count);
    expect(() => rowsOf(`${text}${text}x,1\n`)).toThrow(`Line ${2 * count + 1}: cannot read timestamp "x".`);
  });

  test.each([
    ['1', 'Line 1: has 1 column instead of 2 columns.'],
    ['1,2\n\n1,2,3', 'Line 3: has 3 columns instead of 2 columns.'],
    ['1,2\nyesterday,2', 'Line 2: cannot read timestamp "yesterday".'],
    ['1,0x10', 'Line 1: cannot read value "0x10".'],
    ['time,value', 'Line 1: cannot read timestamp "time".'],
    ['1,"2', 'Line 1: cannot read its quotes.'],
    [`1,${'x'.repeat(100)}`, `Line 1: cannot read value "${'x'.repeat(37)}...".`],
  ])('%j is refused', (text, message) => {
    expect(() => rowsOf(text)).toThrow(message);
  });

  test('of any text are read or refused by line, and quickly', { timeout: 20_000 }, () => {
    const unit = fc.constantFrom(...'12.,;"\'\n\r\t -+eTtruefalsnx\0\ufeff漢');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 200 }), (text) => {
        try {
          for (const [each, held] of rowsOf(text)) {
            expect(Number.isFinite(each)).toBe(true);
            expect(typeof held === 'number' ? Number.isFinite(held) : typeof held === 'boolean' || held === null).toBe(true);
          }
        } catch (error) {
          expect(String(error)).toMatch(/^Error: Line \d+: /);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test('a batch is written as its points say', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(time, fc.oneof(number, fc.boolean())), { maxLength: 30 }), (points) => {
      const builder = createBatchBuilder();
      const ref = { key: 'k', slot: undefined };
      for (const [each, held] of points) builder.add(ref, each, held);
      expect(rowsOf(new TextDecoder().decode(encodeBatch(builder.build())))).toEqual(points);
    }),
  );
});
