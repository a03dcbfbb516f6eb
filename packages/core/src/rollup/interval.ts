import { invalid, show } from '../errors.ts';

export type IntervalUnit = 'ms' | 's' | 'min' | 'h' | 'd' | 'w' | 'month' | 'year';

/** The length of a bucket: a whole number and a unit, or a number of milliseconds. A week has 7 days, counted from 1970-01-01. */
export type Interval = `${number}${IntervalUnit}` | number;

export interface ParsedInterval {
  /** Whole, 1 or more. */
  readonly count: number;
  /** What `count` counts: milliseconds, days or months of the zone's calendar. */
  readonly unit: 'ms' | 'd' | 'month';
}

const units: Readonly<Record<IntervalUnit, readonly [number, ParsedInterval['unit']]>> = {
  ms: [1, 'ms'],
  s: [1000, 'ms'],
  min: [60_000, 'ms'],
  h: [3_600_000, 'ms'],
  d: [1, 'd'],
  w: [7, 'd'],
  month: [1, 'month'],
  year: [12, 'month'],
};

/** The longest bucket, in milliseconds: as long as the whole range of times. */
const longest = { ms: 8.64e15, d: 1e8, month: 12 * 273_790 } as const;

/** Reads the length of a bucket. @throws AnySeriesError `invalid` */
export function parseInterval(every: unknown): ParsedInterval {
  const [, digits, name] = typeof every === 'string' ? (/^(\d+)(ms|s|min|h|d|w|month|year)$/.exec(every) ?? []) : [];
  const [factor, unit] = name === undefined ? ([1, 'ms'] as const) : units[name as IntervalUnit];
  const count = factor * (typeof every === 'number' ? every : Number(digits));
  if (Number.isSafeInteger(count) && count >= 1 && count <= longest[unit]) return { count, unit };
  throw invalid('rollup.every', `${show(every)} is no whole number of ms, s, min, h, d, w, month or year, such as '5min'`);
}
