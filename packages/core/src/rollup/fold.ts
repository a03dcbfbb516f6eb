import type { Value } from '../point.ts';
import { createBatchBuilder, type PointBatch, valueAt } from '../point-batch.ts';
import type { SeriesRef } from '../series-ref.ts';
import { type Accumulator, createAccumulator } from './accumulators.ts';
import { createBuckets } from './buckets.ts';
import type { ParsedFunction } from './functions.ts';
import type { ParsedInterval } from './interval.ts';

/** A validated rollup. */
export interface FoldRequest {
  readonly every: ParsedInterval;
  readonly fn: ParsedFunction;
  /** IANA name, known to the platform. */
  readonly timeZone: string;
}

/** Folds the points of one series, fed in time order, into buckets; each comes out once, in the order of the starts. */
export interface SeriesFold<R = Value> {
  /** Feeds the next point. `time` is epoch milliseconds; it is not checked to be in order. */
  add(time: number, value: Value): void;
  /** The series has ended: all its buckets are ready. The fold may then be fed another series. */
  finish(): void;
  /** How many buckets are final and wait to be taken. A bucket is final as soon as no point to come can change it or go before it. */
  readonly ready: number;
  /** Hands over the buckets that are ready: their starts and values, in order. */
  take(): { times: number[]; values: R[] };
}

interface Bucket<R> {
  readonly start: number;
  readonly end: number;
  readonly accumulator: Accumulator<R>;
}

/**
 * A fold of one series at a time. `descending`: points come latest first, and so do buckets. Synchronous, allocates nothing per point.
 * Buckets without a value that the function counts are left out.
 */
export function createSeriesFold({ fn, ...rollup }: FoldRequest, descending: boolean): SeriesFold {
  return createBucketFold(rollup, descending, () => createAccumulator(fn, descending));
}

/** The same with any accumulator. */
export function createBucketFold<R>(
  { every, timeZone }: Omit<FoldRequest, 'fn'>,
  descending: boolean,
  create: () => Accumulator<R>,
): SeriesFold<R> {
  const locate = createBuckets(every, timeZone);
  const spare: Accumulator<R>[] = [];
  /** Buckets that were left but are not final yet, in the order in which they come out. More than one only around a shift of the clock. */
  const held: Bucket<R>[] = [];
  let current: Bucket<R> | undefined;
  let accumulator: Accumulator<R> | undefined;
  let from = Number.POSITIVE_INFINITY;
  let until = Number.NEGATIVE_INFINITY;
  let times: number[] = [];
  let values: R[] = [];

  function enter(time: number): void {
    const span = locate(time);
    from = span.from;
    until = span.until;
    if (current?.start === span.start) return;
    hold();
    release(time);
    const place = held.findIndex(({ start }) => start === span.start);
    current = place >= 0 ? held.splice(place, 1)[0]! : { start: span.start, end: span.end, accumulator: spare.pop() ?? create() };
    accumulator = current.accumulator;
  }

  function hold(): void {
    if (current === undefined) return;
    const { start } = current;
    const later = held.findIndex((other) => (descending ? other.start < start : other.start > start));
    held.splice(later < 0 ? held.length : later, 0, current);
    current = undefined;
  }

  /** Lets go of the buckets that are final when the next time is `time`. */
  function release(time: number): void {
    let final = 0;
    while (final < held.length && (descending ? time < held[final]!.start : time >= held[final]!.end)) emit(held[final++]!);
    held.splice(0, final);
  }

  function emit(bucket: Bucket<R>): void {
    const value = bucket.accumulator.result();
    bucket.accumulator.clear();
    spare.push(bucket.accumulator);
    if (value === undefined) return;
    times.push(bucket.start);
    values.push(value);
  }

  return {
    add(time, value) {
      if (!(time >= from && time < until)) enter(time);
      accumulator!.add(value, time);
    },
    finish() {
      hold();
      held.forEach(emit);
      held.length = 0;
      from = Number.POSITIVE_INFINITY;
      until = Number.NEGATIVE_INFINITY;
    },
    get ready() {
      return times.length;
    },
    take() {
      const taken = { times, values };
      times = [];
      values = [];
      return taken;
    },
  };
}

export interface FoldOptions {
  /** Points come, and buckets leave, latest first. */
  readonly descending: boolean;
  /** The most buckets per series, from the start of the order; may be infinite. */
  readonly limit: number;
  /** The last series of the pages, where it is known: the read ends as soon as it has `limit` buckets. */
  readonly lastKey?: string | undefined;
}

const pageRows = 1024;

/**
 * Folds pages of points into pages of buckets. Pages hold one series after another, each by time; a series may go on over any number of pages
 * and a page may hold any number of series. Pages that come out are never empty.
 */
export async function* foldPages(pages: AsyncIterable<PointBatch>, rollup: FoldRequest, options: FoldOptions): AsyncGenerator<PointBatch> {
  if (options.limit <= 0) return;
  const fold = createSeriesFold(rollup, options.descending);
  const folded = createBatchBuilder(pageRows);
  let ref: SeriesRef | undefined;
  let left = options.limit;

  function collect(): void {
    const { times, values } = fold.take();
    const count = Math.min(times.length, left);
    for (let i = 0; i < count; i++) folded.add(ref!, times[i]!, values[i]!);
    left -= count;
  }

  function beginSeries(next: SeriesRef): void {
    fold.finish();
    if (ref !== undefined) collect();
    ref = next;
    left = options.limit;
  }

  for await (const page of pages) {
    for (let row = 0; row < page.length; row++) {
      const next = page.refs[page.series[row]!]!;
      if (next !== ref && next.key !== ref?.key) beginSeries(next);
      if (left === 0) continue;
      fold.add(page.times[row]!, valueAt(page, row));
      if (fold.ready >= left) collect();
    }
    if (fold.ready > 0) collect();
    if (left === 0 && ref?.key === options.lastKey) break;
    if (folded.length >= pageRows) yield folded.build();
  }
  fold.finish();
  if (ref !== undefined) collect();
  if (folded.length > 0) yield folded.build();
}
