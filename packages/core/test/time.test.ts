import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { floorTime, toTime } from '../src/time.ts';

const invalidField = (field: string) =>
  expect.objectContaining({ code: 'invalid', message: expect.stringMatching(new RegExp(`^${field}: `)) });
const microseconds = fc.oneof(
  fc.integer({ min: -9e15, max: 9e15 }),
  fc.integer({ min: 8e15, max: 9e15 }),
  fc.integer({ min: -9e15, max: -8e15 }),
  fc.integer({ min: 1.6e15, max: 2e15 }),
  fc.integer({ min: -5000, max: 5000 }),
);

/** The ISO text of whole microseconds, with six digits. */
function isoText(us: number): string {
  const ms = Math.floor(us / 1000);
  const rest = Number(((BigInt(us) % 1000n) + 1000n) % 1000n);
  return new Date((us - rest) / 1000 === ms ? ms : (us - rest) / 1000).toISOString().replace('Z', `${String(rest).padStart(3, '0')}Z`);
}

describe('a time', () => {
  test('is taken as milliseconds, Date, ISO text or instant', () => {
    const ms = Date.parse('2026-11-21T10:00:00.123Z');
    const inputs = [
      ms,
      new Date(ms),
      '2026-11-21T10:00:00.123Z',
      '2026-11-21t10:00:00,123z',
      '2026-11-21T11:30:00.123+01:30',
      '2026-11-21T11:30:00.123+0130',
      '2026-11-21T05:00:00.123-05',
      '+002026-11-21T10:00:00.123Z',
      { epochNanoseconds: BigInt(ms) * 1_000_000n },
      Object.create({ epochNanoseconds: BigInt(ms) * 1_000_000n }),
    ];
    for (const input of inputs) expect(toTime(input)).toBe(ms);
  });

  test('may be an ISO text without seconds, or a date alone, which is UTC', () => {
    expect(toTime('1970-01-01T00:01Z')).toBe(60_000);
    expect(toTime('1970-01-02')).toBe(86_400_000);
    expect(toTime('2000-02-29')).toBe(Date.UTC(2000, 1, 29));
    expect(toTime('0000-01-01')).toBe(Date.parse('0000-01-01T00:00:00Z'));
    expect(toTime('0050-01-01')).toBe(Date.parse('0050-01-01T00:00:00Z'));
    expect(toTime('-000001-12-31T00:00Z')).toBe(Date.parse('-000001-12-31T00:00:00Z'));
  });

  test('is floored to the microsecond where a text or an instant is finer', () => {
    expect(toTime('1970-01-01T00:00:00.000001999Z')).toBe(0.001);
    expect(toTime('1969-12-31T23:59:59.999999999Z')).toBe(-0.001);
    expect(toTime('1970-01-01T00:00:00.5Z')).toBe(500);
    expect(toTime({ epochNanoseconds: 1_999n })).toBe(0.001);
    expect(toTime({ epochNanoseconds: -1n })).toBe(-0.001);
    expect(toTime({ epochNanoseconds: -1_000n })).toBe(-0.001);
  });

  test('reaches to both ends of Date, and no further', () => {
    for (const end of [-8.64e15, 8.64e15]) {
      expect(toTime(end)).toBe(end);
      expect(toTime(new Date(end))).toBe(end);
      expect(toTime(new Date(end).toISOString())).toBe(end);
      expect(toTime({ epochNanoseconds: BigInt(end) * 1_000_000n })).toBe(end);
      expect(() => toTime(end * 1.001)).toThrow(invalidField('time'));
      expect(() => toTime({ epochNanoseconds: BigInt(end) * 1_000_000n + BigInt(Math.sign(end)) * 1_000_000n })).toThrow(
        invalidField('time'),
      );
    }
  });

  test('of zero has no sign', () => {
    expect(Object.is(toTime(-0), 0)).toBe(true);
  });

  test('is the nearest double of whole microseconds, from text and from nanoseconds', () => {
    fc.assert(
      fc.property(microseconds, (us) => {
        expect(toTime(isoText(us))).toBe(us / 1000);
        expect(toTime({ epochNanoseconds: BigInt(us) * 1000n })).toBe(us / 1000);
        expect(toTime({ epochNanoseconds: BigInt(us) * 1000n + 999n })).toBe(us / 1000);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['an invalid Date', new Date(Number.NaN)],
    ['undefined', undefined],
    ['null', null],
    ['a boolean', true],
    ['a bigint', 1n],
    ['an array', [1]],
    ['an empty object', {}],
    ['nanoseconds as a number', { epochNanoseconds: 1 }],
    ['an empty text', ''],
    ['a number as text', '1234'],
    ['a word', 'yesterday'],
    ['a time without a zone', '2026-11-21T10:00:00'],
    ['a date with a zone', '2026-11-21Z'],
    ['a space for the T', '2026-11-21 10:00:00Z'],
    ['a named zone', '2026-11-21T10:00:00[Europe/Berlin]'],
    ['month 13', '2026-13-01'],
    ['day 0', '2026-01-00'],
    ['30 February', '2024-02-30'],
    ['29 February of a common year', '1900-02-29'],
    ['hour 24', '2026-01-01T24:00:00Z'],
    ['minute 60', '2026-01-01T00:60:00Z'],
    ['second 60', '2026-01-01T00:00:60Z'],
    ['an offset of 24 hours', '2026-01-01T00:00:00+24:00'],
    ['an offset of 60 minutes', '2026-01-01T00:00:00+00:60'],
    ['the year -0', '-000000-01-01'],
    ['a year beyond Date', '+275761-01-01'],
    ['13 digits of a second', '2026-01-01T00:00:00.0000000000000Z'],
    ['a line feed at the end', '2026-01-01T00:00:00Z\n'],
    ['other digits', '２０２６-01-01'],
  ])('that is %s is refused by the name of its field', (_, input) => {
    expect(() => toTime(input)).toThrow(invalidField('time'));
    expect(() => toTime(input, 'start')).toThrow(invalidField('start'));
  });
});

describe('flooring', () => {
  test('leaves every whole microsecond as it is', () => {
    fc.assert(
      fc.property(microseconds, (us) => {
        expect(floorTime(us / 1000, 'us')).toBe(us / 1000);
      }),
      { numRuns: 5000 },
    );
  });

  test('never gives a later time, nor one that is a step earlier', () => {
    const time = fc.oneof(
      fc.double({ min: -8.64e15, max: 8.64e15, noNaN: true }),
      fc.double({ min: -2e12, max: 2e12, noNaN: true }),
      fc.double({ min: -5, max: 5, noNaN: true }),
      fc.integer({ min: -1e10, max: 1e10 }).map((s) => s * 1000 - 2 ** -10),
    );
    fc.assert(
      fc.property(time, fc.constantFrom('s', 'ms', 'us'), (time, resolution) => {
        const floored = floorTime(time, resolution);
        const step = { s: 1000, ms: 1, us: 0.001 }[resolution];
        expect(floored).toBeLessThanOrEqual(time);
        expect(time - floored).toBeLessThan(Math.abs(time) < 2e12 ? step * 1.25 : Math.max(step, 2));
        expect(floorTime(floored, resolution)).toBe(floored);
      }),
      { numRuns: 3000 },
    );
  });

  test('goes down before 1970 as well', () => {
    expect([floorTime(-1, 's'), floorTime(-0.5, 'ms'), floorTime(-0.0005, 'us')]).toEqual([-1000, -1, -0.001]);
    expect([floorTime(1999.999, 's'), floorTime(1.999, 'ms'), floorTime(0.0019, 'us')]).toEqual([1000, 1, 0.001]);
  });
});
