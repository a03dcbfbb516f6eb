import type { RollupFunction } from './rollup/functions.ts';
import type { Interval } from './rollup/interval.ts';
import type { SeriesFilter } from './series.ts';
import type { TimeInput } from './time.ts';

/** One series by its key, several by their keys, or all that a filter selects. */
export type SeriesSelector = string | readonly string[] | SeriesFilter;

/** Replaces the points of each bucket by one, at the bucket's start. Buckets without points are left out. */
export interface Rollup {
  /** The bucket's length: `'5min'`, `'1h'`, `'1d'`, `'1month'`, or a number of milliseconds. */
  readonly every: Interval;
  readonly fn: RollupFunction;
  /** IANA name of the zone whose calendar bounds the buckets; default `'UTC'`. */
  readonly timeZone?: string | undefined;
}

/** Which points to read: those of the range `[start, end)`. */
export interface ReadQuery {
  readonly series: SeriesSelector;
  /** First time, included; left out: from the beginning. */
  readonly start?: TimeInput | undefined;
  /** Last time, excluded; left out: to the end. */
  readonly end?: TimeInput | undefined;
  readonly rollup?: Rollup | undefined;
  /** By time, within a series; default `'ascending'`. */
  readonly order?: 'ascending' | 'descending' | undefined;
  /** The most points per series, counted from the start of the order (after the rollup). */
  readonly limit?: number | undefined;
  /** Interleave the series by time instead of giving one after another in key order. */
  readonly merge?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A range of one series to delete. `start` = `end` is one instant. Without both, the series itself goes, with its metadata. */
export type DeleteRequest = {
  readonly series: string;
} & ({ readonly start: TimeInput; readonly end: TimeInput } | { readonly start?: never; readonly end?: never });
