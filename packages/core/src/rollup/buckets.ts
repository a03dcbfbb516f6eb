import { allTimes } from '../capabilities.ts';
import type { ParsedInterval } from './interval.ts';
import { type ZoneOffsets, zoneOffsets } from './time-zone.ts';

/** The bucket of a time, and the stretch around that time which is known to lie in it. */
export interface BucketSpan {
  /** Where the bucket's point goes; within the range of `Date`. Names the bucket. */
  start: number;
  /** Every bucket that a time from here on may belong to begins after `start`. */
  end: number;
  /** Times in `[from, until)` belong to the bucket; others may, too. */
  from: number;
  until: number;
}

/** Finds the bucket of a time. The answer is good until the next call: it is filled anew each time. */
export type Buckets = (time: number) => BucketSpan;

/**
 * The buckets of TempoDB's document, section 4.9. Of milliseconds: counted in local time by the offset at the time itself, so that a bucket after
 * a shift of the clock may begin before an earlier one and one bucket may be entered twice. Of days and months: bounded by local midnights, the
 * first instants at which the local clock has reached them; later times never belong to earlier buckets.
 */
export function createBuckets(every: ParsedInterval, timeZone: string): Buckets {
  const offsets = zoneOffsets(timeZone);
  switch (every.unit) {
    case 'ms':
      return millisecondBuckets(every.count, offsets);
    case 'd':
      return calendarBuckets(
        every.count,
        offsets,
        (day) => day,
        (day) => day,
      );
    case 'month':
      return calendarBuckets(every.count, offsets, monthOfDay, firstDayOfMonth);
  }
}

function millisecondBuckets(length: number, offsets: ZoneOffsets): Buckets {
  const span = emptySpan();
  return (time) => {
    const whole = Math.floor(time);
    const { from, until, offset } = offsets(whole);
    const into = modulo(whole + offset, length);
    span.start = Math.max(whole - into, allTimes.min);
    span.end = span.start + length;
    span.from = Math.max(whole - into, from);
    span.until = Math.min(whole + (length - into), until);
    return span;
  };
}

/** Buckets of `count` units; `unitOfDay` numbers the unit of a local day since 1970-01-01, `firstDay` gives the first day of a unit. */
function calendarBuckets(
  count: number,
  offsets: ZoneOffsets,
  unitOfDay: (day: number) => number,
  firstDay: (unit: number) => number,
): Buckets {
  const span = emptySpan();
  return (time) => {
    const unit = unitOfDay(dayOf(time, offsets));
    const first = unit - modulo(unit, count);
    span.from = startOfDay(firstDay(first), offsets);
    span.until = startOfDay(firstDay(first + count), offsets);
    span.start = Math.max(span.from, allTimes.min);
    span.end = span.until;
    return span;
  };
}

const dayMs = 86_400_000;

/** The latest local day that has begun at or before a time. Where the clock went back over midnight, that is the later one. */
function dayOf(time: number, offsets: ZoneOffsets): number {
  const whole = Math.floor(time);
  let day = Math.floor((whole + offsets(whole).offset) / dayMs);
  while (startOfDay(day + 1, offsets) <= whole) day++;
  return day;
}

/** The first instant at which the local clock has reached the midnight that begins a day. Offsets are shorter than a day. */
function startOfDay(day: number, offsets: ZoneOffsets): number {
  const midnight = day * dayMs;
  if (Math.abs(midnight) > allTimes.max + 2 * dayMs) return midnight;
  let time = midnight - dayMs;
  for (;;) {
    const { until, offset } = offsets(time);
    const reached = Math.max(time, midnight - offset);
    if (reached < until) return reached;
    time = until;
  }
}

const daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] as const;
const leapDaysBefore1970 = 477;

/** Months are counted from January 1970, days from its first; in the Gregorian calendar of all times. */
function firstDayOfMonth(month: number): number {
  const inYear = modulo(month, 12);
  const year = 1970 + (month - inYear) / 12;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return 365 * (year - 1970) + leapDaysBefore(year) - leapDaysBefore1970 + daysBefore[inYear]! + (isLeap && inYear > 1 ? 1 : 0);
}

function leapDaysBefore(year: number): number {
  return Math.floor((year - 1) / 4) - Math.floor((year - 1) / 100) + Math.floor((year - 1) / 400);
}

function monthOfDay(day: number): number {
  let month = Math.floor(day / 30.436_875);
  while (firstDayOfMonth(month) > day) month--;
  while (firstDayOfMonth(month + 1) <= day) month++;
  return month;
}

/** What is left of a whole number after whole lengths, 0 or more; exact. */
function modulo(dividend: number, length: number): number {
  const rest = dividend % length;
  return rest < 0 ? rest + length : rest + 0;
}

function emptySpan(): BucketSpan {
  return { start: 0.5, end: 0.5, from: 0.5, until: 0.5 };
}
