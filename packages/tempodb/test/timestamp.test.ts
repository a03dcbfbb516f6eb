import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatTimestamp, parseTimestamp } from '../src/wire/timestamp.ts';

const first = Date.parse('0001-01-01T00:00:00.000Z');
const last = Date.parse('9999-12-31T23:59:59.999Z');
const instants = fc.oneof(fc.integer({ min: first, max: last }), fc.integer({ min: 0, max: 2e12 }), fc.constantFrom(first, last, -1, 0, 1));
const offsets = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 }).map((minutes) => minutes * 60_000);

/** Every spelling of section 4.5 and what it means. */
const spellings: readonly (readonly [text: string, iso: string])[] = [
  ['2012-01-01T00:00:00', '2012-01-01T00:00:00.000Z'],
  ['2012-03-27T01:02:03.000004', '2012-03-27T01:02:03.000Z'],
  ['2012-03-27T01:02:03.999999', '2012-03-27T01:02:03.999Z'],
  ['2012-01-01', '2012-01-01T00:00:00.000Z'],
  ['2012-01-01T00:00:00Z', '2012-01-01T00:00:00.000Z'],
  ['2012-01-01T00:00:00.123Z', '2012-01-01T00:00:00.123Z'],
  ['2012-01-01T00:00:00.000+0000', '2012-01-01T00:00:00.000Z'],
  ['2012-01-01T00:00:00.000-0600', '2012-01-01T06:00:00.000Z'],
  ['2012-01-01T00:00:00.000-06:00', '2012-01-01T06:00:00.000Z'],
  ['2012-01-01T00:00:00+00:00', '2012-01-01T00:00:00.000Z'],
  ['2012-01-01T00:00:00.5+00:00', '2012-01-01T00:00:00.500Z'],
  ['2012-01-01T00:00:00.25+05:30', '2011-12-31T18:30:00.250Z'],
  ['2012-01-01T00:00:00.123456789012Z', '2012-01-01T00:00:00.123Z'],
  ['2012-01-01T00:21+0000', '2012-01-01T00:21:00.000Z'],
  ['2012-01-01T00:21', '2012-01-01T00:21:00.000Z'],
  ['2012-01-01T00:21Z', '2012-01-01T00:21:00.000Z'],
  ['2012-01-01T00:00:00 05:30', '2011-12-31T18:30:00.000Z'],
  ['2012-01-01T00:00:00.000 0100', '2011-12-31T23:00:00.000Z'],
  ['2012-02-29T00:00:00Z', '2012-02-29T00:00:00.000Z'],
  ['2000-02-29', '2000-02-29T00:00:00.000Z'],
  ['0001-01-01', '0001-01-01T00:00:00.000Z'],
  ['0099-12-31T23:59:59.999Z', '0099-12-31T23:59:59.999Z'],
  ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
];

const wrong = [
  '',
  'yesterday',
  '1325376000',
  '2012',
  '2012-01',
  '2012-1-1',
  '2012-00-01',
  '2012-13-01',
  '2012-01-00',
  '2012-01-32',
  '2012-02-30T00:00:00.000Z',
  '2011-02-29',
  '1900-02-29T00:00:00Z',
  '2012-01-01T24:00:00Z',
  '2012-01-01T23:60:00.000Z',
  '2012-01-01T23:59:60.000Z',
  '2012-01-01T00:00:00.Z',
  '2012-01-01T00:00:00.1234567890123Z',
  '2012-01-01T00:00:00,000Z',
  '2012-01-01 00:00:00',
  '2012-01-01t00:00:00z',
  '2012-01-01T00:00:00.00xZ',
  '2012-01-01T0x:00:00.000Z',
  '2012-01-01T00:00:00+24:00',
  '2012-01-01T00:00:00+00:60',
  '2012-01-01T00:00:00+01',
  '2012-01-01T00:00:00ZZ',
  '2012-01-01Z',
  '2012-01-01T',
  ' 2012-01-01',
  '2012-01-01\n',
  '0000-12-31T23:59:59Z',
  '0000-01-01',
  '0001-01-01T00:00:00+00:01',
  '9999-12-31T23:59:59-00:01',
  '+2012-01-01T00:00:00Z',
  '02012-01-01',
  '２０１２-01-01',
];

describe('a timestamp', () => {
  test.each(spellings)('%s is %s', (text, iso) => {
    expect(parseTimestamp(text)).toBe(Date.parse(iso));
  });

  test.each(wrong)('%j is none', (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });

  test('of any garbage is none or an instant of the years 0001 to 9999, and never an exception', () => {
    const nearly = fc.string({ unit: fc.constantFrom(...'0123456789-:.TZ+ '), maxLength: 30 });
    const damaged = fc.tuple(instants, fc.nat(30), fc.string({ maxLength: 2 })).map(([ms, at, text]) => {
      const iso = new Date(ms).toISOString();
      return iso.slice(0, at) + text + iso.slice(at + 1);
    });
    fc.assert(
      fc.property(fc.oneof(fc.string(), nearly, damaged), (text) => {
        const read = parseTimestamp(text);
        expect(read === undefined || (read >= first && read <= last && Number.isInteger(read))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('is what the platform reads and writes, wherever both know a spelling', () => {
    fc.assert(
      fc.property(instants, (ms) => {
        const iso = new Date(ms).toISOString();
        expect(formatTimestamp(ms)).toBe(iso);
        expect(parseTimestamp(iso)).toBe(ms);
        expect(parseTimestamp(iso.replace(/\.\d+Z/, 'Z'))).toBe(Math.floor(ms / 1000) * 1000);
      }),
      { numRuns: 2000 },
    );
  });

  test('names the same instant in whatever offset it is written', () => {
    fc.assert(
      fc.property(fc.integer({ min: first + 1e8, max: last - 1e8 }), offsets, (ms, offset) => {
        const text = formatTimestamp(ms, offset);
        expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/);
        expect(parseTimestamp(text)).toBe(ms);
        expect(Date.parse(text)).toBe(ms);
      }),
    );
  });

  test('is written with three digits, finer ones cut off towards the past', () => {
    expect(formatTimestamp(1.999)).toBe('1970-01-01T00:00:00.001Z');
    expect(formatTimestamp(-0.001)).toBe('1969-12-31T23:59:59.999Z');
    expect(formatTimestamp(999.9999)).toBe('1970-01-01T00:00:00.999Z');
    expect(formatTimestamp(86_399_999.9)).toBe('1970-01-01T23:59:59.999Z');
  });

  test('at offset 0 in a zone other than UTC ends in +00:00, and an offset with seconds is cut to minutes', () => {
    expect(formatTimestamp(0, 0)).toBe('1970-01-01T00:00:00.000+00:00');
    expect(formatTimestamp(0, -3_600_000)).toBe('1969-12-31T23:00:00.000-01:00');
    const berlin1880 = (53 * 60 + 28) * 1000;
    expect(formatTimestamp(0, berlin1880)).toBe('1970-01-01T00:53:00.000+00:53');
    expect(formatTimestamp(0, -berlin1880)).toBe('1969-12-31T23:07:00.000-00:53');
  });

  test('beyond the years that can be read is still written', () => {
    expect(formatTimestamp(last + 1)).toBe('+010000-01-01T00:00:00.000Z');
    expect(formatTimestamp(8.64e15)).toBe('+275760-09-13T00:00:00.000Z');
    expect(formatTimestamp(first - 1)).toBe('0000-12-31T23:59:59.999Z');
    expect(formatTimestamp(-8.64e15)).toBe('-271821-04-20T00:00:00.000Z');
  });
});
