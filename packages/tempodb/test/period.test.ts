import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFold } from '../src/wire/fold.ts';
import { parsePeriod } from '../src/wire/period.ts';

describe('a period', () => {
  test.each([
    ['1sec', 'PT1S', 1000, 'ms'],
    ['5min', 'PT5M', 300_000, 'ms'],
    ['90mins', 'PT90M', 5_400_000, 'ms'],
    ['1hour', 'PT1H', 3_600_000, 'ms'],
    ['6hours', 'PT6H', 21_600_000, 'ms'],
    ['1day', 'P1D', 1, 'd'],
    ['7day', 'P7D', 7, 'd'],
    ['2weeks', 'P2W', 14, 'd'],
    ['1month', 'P1M', 1, 'month'],
    ['2year', 'P2Y', 24, 'month'],
    ['PT1S', 'PT1S', 1000, 'ms'],
    ['PT0.005S', 'PT0.005S', 5, 'ms'],
    ['PT1.5S', 'PT1.5S', 1500, 'ms'],
    ['PT60M', 'PT60M', 3_600_000, 'ms'],
    ['PT1H30M', 'PT1H30M', 5_400_000, 'ms'],
    ['PT24H', 'PT24H', 86_400_000, 'ms'],
    ['P1D', 'P1D', 1, 'd'],
    ['P1W', 'P1W', 7, 'd'],
    ['P1W3D', 'P1W3D', 10, 'd'],
    ['P1M', 'P1M', 1, 'month'],
    ['P1Y6M', 'P1Y6M', 18, 'month'],
    ['P0DT1H', 'P0DT1H', 3_600_000, 'ms'],
  ] as const)('%s is %s', (text, iso, count, unit) => {
    expect(parsePeriod(text)).toEqual({ iso, count, unit });
  });

  test('that is none, or of no length, or mixes what does not mix, is refused', () => {
    const wrong = [
      ...[
        '',
        'raw',
        '1',
        'min',
        '1 min',
        '1MIN',
        '-1min',
        '1.5hour',
        '1minute',
        '5ms',
        '0min',
        'P',
        'PT',
        'P1',
        'PT1',
        'P1DT',
        'p1d',
        '1d',
      ],
      ...[
        'PT0S',
        'P0D',
        'PT0.0001S',
        'PT0.0S',
        'P1M1D',
        'P1DT1H',
        'P1Y1W',
        'P-1D',
        '+P1D',
        'P1H',
        'PT1D',
        'PT1M1H',
        '99999999year',
        '1e3sec',
      ],
    ];
    for (const text of wrong) expect(parsePeriod(text), text).toBeUndefined();
  });

  test('has the length that its ISO form says, and is itself again when that form is read', () => {
    const units = { sec: 1000, min: 60_000, hour: 3_600_000, day: 1, week: 7, month: 1, year: 12 };
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9999 }),
        fc.constantFrom(...Object.keys(units)),
        fc.constantFrom('', 's'),
        (n, unit, plural) => {
          const period = parsePeriod(`${n}${unit}${plural}`)!;
          expect(period.count).toBe(n * units[unit as keyof typeof units]);
          expect(parsePeriod(period.iso)).toEqual(period);
        },
      ),
    );
  });

  test('of any garbage is none or a whole positive number of its units', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'PT0123456789.YMWDHSminhour'), maxLength: 12 })), (text) => {
        const period = parsePeriod(text);
        expect(period === undefined || (Number.isSafeInteger(period.count) && period.count > 0)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a fold', () => {
  test('is known by its name, and the average by two', () => {
    for (const name of ['sum', 'min', 'max', 'count', 'mean', 'stddev', 'ss', 'variance', 'mult', 'range', 'first', 'last'])
      expect(parseFold(name)).toEqual({ name, text: name, fn: { name } });
    expect(parseFold('avg')).toEqual(parseFold('mean'));
  });

  test('of a percentile names its rank as a share', () => {
    const texts = ['0', '20', '50', '95', '99.9', '99.99', '100', '12.5', '7', '29'].map((rank) => parseFold(`percentile,${rank}`)!.text);
    const shares = ['0', '0.2', '0.5', '0.95', '0.999', '0.9999', '1', '0.125', '0.07', '0.29'];
    expect(texts).toEqual(shares.map((share) => `percentile(${share})`));
    expect(parseFold('percentile,20')).toMatchObject({ name: 'percentile', fn: { name: 'percentile', rank: 20 } });
  });

  test('by any other name is none', () => {
    for (const text of [
      '',
      'average',
      'MEAN',
      'median',
      'percentile',
      'percentile,',
      'percentile,101',
      'percentile,-1',
      'percentile(50)',
      'constructor',
      '__proto__',
    ])
      expect(parseFold(text), text).toBeUndefined();
  });
});
