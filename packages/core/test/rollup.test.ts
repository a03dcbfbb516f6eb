import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Value } from '../src/point.ts';
import { createBatchBuilder, type PointBatch, pointAt } from '../src/point-batch.ts';
import { checkTimeZone } from '../src/rollup/check-time-zone.ts';
import { createSeriesFold, type FoldRequest, foldPages } from '../src/rollup/fold.ts';
import { parseFunction } from '../src/rollup/functions.ts';
import { parseInterval } from '../src/rollup/interval.ts';
import { zoneOffsets } from '../src/rollup/time-zone.ts';
import { toInteger } from '../src/value.ts';
import { foldByDefinition, offsetByFields } from './rollup-reference.ts';

type Pair = readonly [number, Value];
const hour = 3_600_000;
const day = 24 * hour;

function request(every: string | number, fn: string, timeZone = 'UTC'): FoldRequest {
  return { every: parseInterval(every), fn: parseFunction(fn), timeZone: checkTimeZone(timeZone) };
}

function fold(points: readonly Pair[], rollup: FoldRequest, descending = false): Pair[] {
  const folding = createSeriesFold(rollup, descending);
  for (const [time, value] of descending ? points.toReversed() : points) folding.add(time, value);
  folding.finish();
  const { times, values } = folding.take();
  return times.map((time, i) => [time, values[i]!]);
}

/** The starts of the buckets that a point at every step from `start` to `end` falls into, and the points in each. */
function counts(start: string, end: string, stepMs: number, every: string, timeZone: string): [string, Value][] {
  const points: Pair[] = [];
  for (let time = Date.parse(start); time < Date.parse(end); time += stepMs) points.push([time, 1]);
  const rollup = request(every, 'count', timeZone);
  expect(fold(points, rollup, true)).toEqual(fold(points, rollup).reverse());
  return fold(points, rollup).map(([time, value]) => [new Date(time).toISOString(), value]);
}

function one(fn: string, values: readonly Value[], descending = false): Value | undefined {
  return fold(
    values.map((value, i) => [i, value]),
    request('1h', fn),
    descending,
  )[0]?.[1];
}

describe('buckets', () => {
  test('of hours begin at whole hours, before 1970 too, and leave out empty ones', () => {
    const points: Pair[] = [
      [-hour - 1, 1],
      [-hour, 2],
      [-0.001, 3],
      [0, 4],
      [hour - 0.001, 5],
      [5 * hour, 6],
    ];
    expect(fold(points, request('1h', 'sum'))).toEqual([
      [-2 * hour, 1],
      [-hour, 5],
      [0, 9],
      [5 * hour, 6],
    ]);
  });

  test('do not let a fraction of a millisecond slip over a boundary', () => {
    const time = 2 ** 40 - 2 ** -13;
    expect(fold([[time, 1]], request('1ms', 'count', 'Asia/Tokyo'))).toEqual([[2 ** 40 - 1, 1]]);
  });

  test('of days last 23 and 25 hours in Berlin when the clock is set', () => {
    expect(counts('2026-03-28T23:00Z', '2026-03-30T22:00Z', hour, '1d', 'Europe/Berlin')).toEqual([
      ['2026-03-28T23:00:00.000Z', 23],
      ['2026-03-29T22:00:00.000Z', 24],
    ]);
    expect(counts('2026-10-24T22:00Z', '2026-10-26T23:00Z', hour, '1d', 'Europe/Berlin')).toEqual([
      ['2026-10-24T22:00:00.000Z', 25],
      ['2026-10-25T23:00:00.000Z', 24],
    ]);
  });

  test('of days last 23 and 25 hours in New York when the clock is set', () => {
    expect(counts('2026-03-08T05:00Z', '2026-03-09T04:00Z', hour, '1d', 'America/New_York')).toEqual([['2026-03-08T05:00:00.000Z', 23]]);
    expect(counts('2026-11-01T04:00Z', '2026-11-02T05:00Z', hour, '1d', 'America/New_York')).toEqual([['2026-11-01T04:00:00.000Z', 25]]);
  });

  test('of days last 23.5 and 24.5 hours on Lord Howe Island', () => {
    expect(counts('2026-10-03T13:30Z', '2026-10-04T13:00Z', hour / 2, '1d', 'Australia/Lord_Howe')).toEqual([
      ['2026-10-03T13:30:00.000Z', 47],
    ]);
    expect(counts('2026-04-04T13:00Z', '2026-04-05T13:30Z', hour / 2, '1d', 'Australia/Lord_Howe')).toEqual([
      ['2026-04-04T13:00:00.000Z', 49],
    ]);
  });

  test("of hours follow Lord Howe's shift of half an hour", () => {
    expect(counts('2026-10-03T14:30Z', '2026-10-03T17:00Z', hour / 2, '1h', 'Australia/Lord_Howe')).toEqual([
      ['2026-10-03T14:30:00.000Z', 2],
      ['2026-10-03T15:00:00.000Z', 1],
      ['2026-10-03T16:00:00.000Z', 2],
    ]);
  });

  test('of days stay in order where the clock goes back over midnight (St. John’s, 00:01)', () => {
    expect(counts('2010-11-06T02:30Z', '2010-11-08T03:30Z', 30_000, '1d', 'America/St_Johns')).toEqual([
      ['2010-11-06T02:30:00.000Z', 2880],
      ['2010-11-07T02:30:00.000Z', 3000],
    ]);
    expect(counts('2010-03-13T03:30Z', '2010-03-15T02:30Z', 30_000, '1d', 'America/St_Johns')).toEqual([
      ['2010-03-13T03:30:00.000Z', 2880],
      ['2010-03-14T03:30:00.000Z', 2760],
    ]);
  });

  test('of days begin at the first instant where midnight does not exist', () => {
    expect(counts('2018-11-03T03:00Z', '2018-11-05T02:00Z', hour, '1d', 'America/Sao_Paulo')).toEqual([
      ['2018-11-03T03:00:00.000Z', 24],
      ['2018-11-04T03:00:00.000Z', 23],
    ]);
    expect(counts('2026-04-23T22:00Z', '2026-04-24T21:00Z', hour, '1d', 'Africa/Cairo')).toEqual([['2026-04-23T22:00:00.000Z', 23]]);
  });

  test('of days begin at the first of two midnights', () => {
    expect(counts('2026-10-31T04:00Z', '2026-11-02T05:00Z', hour, '1d', 'America/Havana')).toEqual([
      ['2026-10-31T04:00:00.000Z', 24],
      ['2026-11-01T04:00:00.000Z', 25],
    ]);
  });

  test('of days hold the hour before midnight twice where the clock goes back at midnight', () => {
    expect(counts('2018-02-17T02:00Z', '2018-02-19T03:00Z', hour, '1d', 'America/Sao_Paulo')).toEqual([
      ['2018-02-17T02:00:00.000Z', 25],
      ['2018-02-18T03:00:00.000Z', 24],
    ]);
  });

  test('of days pass over a day that a zone has skipped', () => {
    expect(counts('2011-12-29T10:00Z', '2011-12-31T10:00Z', hour, '1d', 'Pacific/Apia')).toEqual([
      ['2011-12-29T10:00:00.000Z', 24],
      ['2011-12-30T10:00:00.000Z', 24],
    ]);
  });

  test('of days know the two changes within one week of Recife in October 2000', () => {
    expect(zoneOffsets('America/Recife')(Date.parse('2000-10-10T00:00Z')).offset).toBe(-2 * hour);
  });

  test('of weeks have seven days from 1970-01-01, of months and years the calendar’s', () => {
    expect(counts('2026-01-01T00:00Z', '2026-01-09T00:00Z', day, '1w', 'UTC')).toEqual([
      ['2026-01-01T00:00:00.000Z', 7],
      ['2026-01-08T00:00:00.000Z', 1],
    ]);
    expect(counts('1969-12-29T00:00Z', '1970-01-02T00:00Z', day, '1w', 'UTC')).toEqual([
      ['1969-12-25T00:00:00.000Z', 3],
      ['1970-01-01T00:00:00.000Z', 1],
    ]);
    expect(counts('2023-12-31T23:00Z', '2024-03-31T22:00Z', hour, '1month', 'Europe/Berlin')).toEqual([
      ['2023-12-31T23:00:00.000Z', 31 * 24],
      ['2024-01-31T23:00:00.000Z', 29 * 24],
      ['2024-02-29T23:00:00.000Z', 31 * 24 - 1],
    ]);
    expect(counts('1969-01-01T00:00Z', '1973-01-01T00:00Z', day, '2year', 'UTC')).toEqual([
      ['1968-01-01T00:00:00.000Z', 365],
      ['1970-01-01T00:00:00.000Z', 730],
      ['1972-01-01T00:00:00.000Z', 366],
    ]);
    expect(counts('1900-02-27T00:00Z', '1900-03-02T00:00Z', day, '1month', 'UTC')).toEqual([
      ['1900-02-01T00:00:00.000Z', 2],
      ['1900-03-01T00:00:00.000Z', 1],
    ]);
  });

  test('come in the order of their starts even where a shift of the clock lets one begin before its predecessor', () => {
    expect(counts('2026-03-28T17:00Z', '2026-03-29T10:00Z', hour, '6h', 'Europe/Berlin')).toEqual([
      ['2026-03-28T17:00:00.000Z', 6],
      ['2026-03-28T22:00:00.000Z', 3],
      ['2026-03-28T23:00:00.000Z', 2],
      ['2026-03-29T04:00:00.000Z', 6],
    ]);
  });

  test('that are entered twice come out once', () => {
    expect(counts('2026-01-01T00:00Z', '2026-12-31T00:00Z', day, '8760h', 'Europe/Berlin')).toEqual([
      ['2025-12-17T22:00:00.000Z', 210],
      ['2025-12-17T23:00:00.000Z', 141],
      ['2026-12-17T23:00:00.000Z', 13],
    ]);
  });

  test('begin no earlier than the first instant of Date', () => {
    for (const every of ['1000d', '1year', '1w', '8640000000000000ms']) {
      expect(fold([[-8.64e15, 1]], request(every, 'count', 'America/St_Johns'))).toEqual([[-8.64e15, 1]]);
      expect(fold([[8.64e15, 1]], request(every, 'count', 'Pacific/Kiritimati'))[0]![0]).toBeLessThanOrEqual(8.64e15);
    }
  });

  test('are ready as soon as no point to come can change them', () => {
    const folding = createSeriesFold(request('1h', 'count'), false);
    folding.add(0, 1);
    folding.add(hour - 1, 1);
    expect(folding.ready).toBe(0);
    folding.add(hour, 1);
    expect(folding.ready).toBe(1);
    expect(folding.take()).toEqual({ times: [0], values: [2] });
    expect(folding.ready).toBe(0);
    folding.finish();
    expect(folding.take()).toEqual({ times: [hour], values: [1] });
    folding.add(0, 1);
    folding.finish();
    expect(folding.take()).toEqual({ times: [0], values: [1] });
  });
});

describe('zones', () => {
  test('that the platform does not know are refused by name', () => {
    for (const zone of ['', 'Mars/Olympus', 'Europe', undefined, null, 1, {}]) {
      expect(() => checkTimeZone(zone)).toThrow(
        expect.objectContaining({ code: 'invalid', message: expect.stringMatching(/^rollup\.timeZone: /) }),
      );
    }
  });

  test('are spelled as the platform spells them, and keep the name that was asked for', () => {
    expect(['utc', 'Etc/UTC', 'GMT', 'UTC'].map(checkTimeZone)).toEqual(['UTC', 'UTC', 'UTC', 'UTC']);
    expect(checkTimeZone('europe/berlin')).toBe('Europe/Berlin');
    expect(checkTimeZone('Asia/Kolkata')).toBe('Asia/Kolkata');
    expect(checkTimeZone('+05:30')).toBe('+05:30');
  });

  test('have the offsets of the platform at any time, seconds of old ones included', () => {
    const zones = ['Europe/Berlin', 'America/St_Johns', 'Asia/Manila', 'Africa/Monrovia', 'Africa/Casablanca', 'Pacific/Apia', '-03:30'];
    const times = fc.oneof(
      fc.integer({ min: -8.64e15, max: 8.64e15 }),
      fc.integer({ min: -5e12, max: 5e12 }),
      fc.constantFrom(-8.64e15, 8.64e15),
    );
    fc.assert(
      fc.property(fc.constantFrom(...zones), times, (zone, time) => {
        const { from, until, offset } = zoneOffsets(zone)(time);
        expect(offset).toBe(offsetByFields(time, zone));
        expect(from <= time && time < until).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  test('change at the very millisecond', () => {
    const shift = Date.parse('2026-03-29T01:00Z');
    const offsets = zoneOffsets('Europe/Berlin');
    expect([offsets(shift - 1).offset, offsets(shift).offset]).toEqual([hour, 2 * hour]);
    expect([offsets(shift - 1).until, offsets(shift).from]).toEqual([shift, shift]);
  });
});

describe('functions', () => {
  test('give what their names say', () => {
    const values = [3, 1, 4, 1, 5];
    const expected = { sum: 14, mean: 2.8, min: 1, max: 5, count: 5, ss: 12.8, variance: 3.2, stddev: Math.sqrt(3.2), mult: 60, range: 4 };
    for (const [fn, result] of Object.entries(expected)) expect(one(fn, values)).toBeCloseTo(result, 14);
    expect([one('first', values), one('last', values), one('median', values)]).toEqual([3, 5, 3]);
    expect([one('percentile(0)', values), one('percentile(100)', values), one('percentile(90)', values)]).toEqual([1, 5, 4.6]);
    expect(one('median', [1, 2])).toBe(1.5);
  });

  test('agree with the summary that TempoDB recorded', () => {
    const values = [85.94792761803464, 95.87281892782114];
    expect(one('ss', values)).toBeCloseTo(49.25173375553775, 12);
    expect(one('stddev', values)).toBeCloseTo(7.0179579476894665, 13);
  });

  test('of spread give 0 for a single value', () => {
    for (const fn of ['ss', 'variance', 'stddev', 'range']) expect(one(fn, [7.5])).toBe(0);
  });

  test('of spread stay exact where the mean is a million million times the spread', () => {
    const values = Array.from({ length: 1000 }, (_, i) => 1e9 + (i % 2 === 0 ? 1 : -1) * 2 ** -10);
    expect(one('ss', values)).toBe(1000 * 2 ** -20);
    expect(one('ss', [0, ...Array.from({ length: 999 }, () => 1e9)])).toBeCloseTo(0.999e18, -3);
    expect(
      one(
        'stddev',
        Array.from({ length: 1000 }, () => 0.1),
      ),
    ).toBe(0);
  });

  test('of sums lose nothing on the way', () => {
    expect(one('sum', [1, 1e100, 1, -1e100])).toBe(2);
    expect(
      one(
        'sum',
        Array.from({ length: 10 }, () => 0.1),
      ),
    ).toBe(1);
  });

  test('of products lose nothing over many factors', () => {
    const factor = 1 + 2 ** -30;
    const exact = (2n ** 30n + 1n) ** 4096n;
    expect(
      one(
        'mult',
        Array.from({ length: 4096 }, () => factor),
      ),
    ).toBe(Number(exact >> (4096n * 30n - 100n)) / 2 ** 100);
  });

  test('never give NaN: what is too large is infinite', () => {
    const huge = Number.MAX_VALUE;
    expect([one('sum', [huge, huge, -1]), one('sum', [-huge, -huge, 1]), one('mean', [huge, huge])]).toEqual([
      Infinity,
      -Infinity,
      Infinity,
    ]);
    expect([one('ss', [huge, -huge]), one('stddev', [1e200, -1e200, 0]), one('range', [huge, -huge])]).toEqual([
      Infinity,
      Infinity,
      Infinity,
    ]);
    expect([one('mult', [huge, huge, 0]), one('mult', [1e200, 1e200, 1e-200]), one('mult', [huge, -huge])]).toEqual([0, 1e200, -Infinity]);
    expect([one('median', [-huge, huge]), one('ss', [huge, huge])]).toEqual([0, 0]);
  });

  test('count texts and booleans, and take them as first and last, but not as numbers', () => {
    const values = ['on', 2, true, 4, false];
    expect([one('count', values), one('first', values), one('last', values)]).toEqual([5, 'on', false]);
    expect([one('sum', values), one('mean', values), one('min', values), one('max', values), one('median', values)]).toEqual([
      6, 3, 2, 4, 3,
    ]);
    for (const fn of ['sum', 'mean', 'min', 'max', 'stddev', 'variance', 'ss', 'mult', 'range', 'percentile(5)', 'median']) {
      expect(one(fn, ['a', true])).toBeUndefined();
    }
  });

  test('keep 64-bit integers exact where they choose one', () => {
    const [small, large] = [2n ** 53n + 1n, 2n ** 53n + 3n];
    for (const values of [
      [large, small, 2 ** 53 + 2],
      [2 ** 53 + 2, small, large],
    ]) {
      expect([one('min', values), one('max', values)]).toEqual([small, large]);
    }
    expect([one('min', [small, 2 ** 53]), one('max', [small, 2 ** 53 + 2])]).toEqual([2 ** 53, 2 ** 53 + 2]);
    expect([one('first', [small, 1]), one('last', [1, small])]).toEqual([small, small]);
    expect([one('first', [small, 1], true), one('last', [1, small], true)]).toEqual([small, small]);
  });

  test('add whole numbers exactly as far as 64 bits go, once a double cannot hold one of them', () => {
    const small = 2n ** 53n + 1n;
    const greatest = 2n ** 63n - 1n;
    expect([one('sum', [small, 1, 1]), one('sum', [small, -2, small]), one('sum', [small, -1])]).toEqual([small + 2n, 2 ** 54, 2 ** 53]);
    expect([one('sum', [greatest, -5, 3]), one('sum', [-greatest, -1])]).toEqual([greatest - 2n, -(2 ** 63)]);
    expect([one('sum', [greatest, greatest]), one('sum', [small, 0.5]), one('sum', [2 ** 53, 1])]).toEqual([2 ** 64, 2 ** 53 + 2, 2 ** 53]);
    expect(one('mean', [greatest, -greatest, 3])).toBe(1);
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(2n ** 57n), max: 2n ** 57n }), { minLength: 1, maxLength: 60 }), (integers) => {
        const sum = one('sum', [small, ...integers.map((integer) => toInteger(integer))]);
        expect(sum).toBe(toInteger(integers.reduce((a, b) => a + b, small)));
      }),
    );
  });
});

const baseTimes = [
  '2026-03-29T01:00Z',
  '2026-10-25T01:00Z',
  '2010-11-07T02:31Z',
  '2010-03-14T03:31Z',
  '2026-10-03T15:30Z',
  '2018-11-04T03:00Z',
  '2026-11-01T05:00Z',
  '2011-12-30T10:00Z',
];
const zones = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'America/Havana', 'Pacific/Apia'];
const intervals = ['1ms', '7s', '5min', '1h', '6h', '7h', '24h', '1000h', '8760h', '1d', '2d', '1w', '1month', '5month', '1year'];
const functions = [
  'sum',
  'mean',
  'min',
  'max',
  'count',
  'stddev',
  'variance',
  'ss',
  'mult',
  'range',
  'first',
  'last',
  'median',
  'percentile(37.5)',
];

const anyValue = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => Math.fround(value) + 0) },
  { weight: 2, arbitrary: fc.integer({ min: -1000, max: 1000 }) },
  { weight: 1, arbitrary: fc.bigInt({ min: 2n ** 52n, max: 2n ** 62n }).map((half) => half * 2n + 1n) },
  { weight: 1, arbitrary: fc.boolean() },
  { weight: 1, arbitrary: fc.string({ maxLength: 3 }) },
);
const anyRequest = fc
  .tuple(fc.constantFrom(...intervals), fc.constantFrom(...functions), fc.constantFrom(...zones))
  .map(([every, fn, zone]) => request(every, fn, zone));
const anyPoints = fc
  .tuple(
    fc.constantFrom(...baseTimes).map(Date.parse),
    fc.constantFrom(1, 1000, hour, 40 * hour, 200 * hour),
    fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), { maxLength: 25 }),
    fc.array(anyValue, { minLength: 25, maxLength: 25 }),
  )
  .map(([base, reach, steps, values]) =>
    steps.sort((a, b) => a - b).map((step, i): Pair => [base + Math.round(((step * reach) / 1000) * 1000) / 1000, values[i]!]),
  );

function expectNear(actual: readonly Pair[], expected: readonly (readonly [number, Value, number])[]): void {
  expect(actual.map(([time]) => time)).toEqual(expected.map(([time]) => time));
  for (const [i, [, value, tolerance]] of expected.entries()) {
    const given = actual[i]![1];
    if (typeof value === 'number' && tolerance > 0) expect(Math.abs(Number(given) - value)).toBeLessThanOrEqual(tolerance);
    else expect(given === value).toBe(true);
  }
}

describe('every fold', () => {
  test('is what the definition says, ascending and descending', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(anyPoints, anyRequest, (points, rollup) => {
        const expected = foldByDefinition(points, rollup);
        expectNear(fold(points, rollup), expected);
        expectNear(fold(points, rollup, true), expected.toReversed());
      }),
      { numRuns: 1500 },
    );
  });

  test('of spreads around large means is right to twelve digits', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(values, fc.constantFrom('ss', 'variance', 'stddev'), (deviations, fn) => {
        const points = deviations.map((deviation, i): Pair => [i, 1e9 + deviation * 1e-6]);
        expectNear(fold(points, request('1h', fn)), foldByDefinition(points, request('1h', fn)));
      }),
    );
  });

  test('takes a million points in a fraction of a second', () => {
    const folding = createSeriesFold(request('1h', 'mean'), false);
    const begin = performance.now();
    for (let i = 0; i < 1_000_000; i++) folding.add(1.6e12 + i * 1000, i * 0.5);
    folding.finish();
    expect(folding.ready).toBe(279);
    expect(performance.now() - begin).toBeLessThan(600);
  });
});

interface SeriesPoints {
  readonly key: string;
  readonly points: readonly Pair[];
}

/** Pages of at most `size` points, whatever series they belong to; each page has references of its own. */
async function* pagesOf(series: readonly SeriesPoints[], size: number, onPage?: () => void): AsyncGenerator<PointBatch> {
  const builder = createBatchBuilder(1);
  let refs = new Map<string, { key: string; slot: unknown }>();
  for (const { key, points } of series) {
    for (const [time, value] of points) {
      if (!refs.has(key)) refs.set(key, { key, slot: undefined });
      builder.add(refs.get(key)!, time, value);
      if (builder.length < size) continue;
      onPage?.();
      yield builder.build();
      refs = new Map();
    }
  }
  yield builder.build();
}

async function rows(pages: AsyncIterable<PointBatch>): Promise<[string, number, Value][]> {
  const all: [string, number, Value][] = [];
  for await (const page of pages) {
    expect(page.length).toBeGreaterThan(0);
    for (let row = 0; row < page.length; row++) {
      const { series, time, value } = pointAt(page, row);
      all.push([series, time, value]);
    }
  }
  return all;
}

describe('pages', () => {
  test('may be cut anywhere: the buckets are those of each series alone, up to the limit', async () => {
    const anySeries = fc.uniqueArray(fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), points: anyPoints }), {
      selector: ({ key }) => key,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(
        anySeries,
        anyRequest,
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        fc.constantFrom(1, 2, 5, Infinity),
        fc.boolean(),
        async (series, rollup, size, descending, limit, known) => {
          const fed = series.map(({ key, points }) => ({ key, points: descending ? points.toReversed() : points }));
          const lastKey = known ? series.at(-1)?.key : undefined;
          const expected = series.flatMap(({ key, points }) =>
            fold(points, rollup, descending)
              .slice(0, limit)
              .map(([time, value]) => [key, time, value]),
          );
          expect(await rows(foldPages(pagesOf(fed, size), rollup, { descending, limit, lastKey }))).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('are not read on when the last series has its buckets', async () => {
    const points = Array.from({ length: 1000 }, (_, i): Pair => [i * hour, i]);
    let read = 0;
    const pages = pagesOf([{ key: 'a', points }], 10, () => read++);
    const folded = foldPages(pages, request('1h', 'sum'), { descending: false, limit: 2, lastKey: 'a' });
    expect(await rows(folded)).toEqual([
      ['a', 0, 0],
      ['a', hour, 1],
    ]);
    expect(read).toBe(1);
  });

  test('are not read at all for a limit of 0', async () => {
    let read = 0;
    const pages = pagesOf([{ key: 'a', points: [[0, 1]] }], 1, () => read++);
    expect(await rows(foldPages(pages, request('1h', 'sum'), { descending: false, limit: 0 }))).toEqual([]);
    expect(read).toBe(0);
  });
});
