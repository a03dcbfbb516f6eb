import type { Capabilities, ValueOf } from './capabilities.ts';
import type { Rejection } from './errors.ts';
import type { PointInput, Value } from './point.ts';
import type { PointBatch } from './point-batch.ts';
import type { DeleteRequest } from './query.ts';
import type { Series, SeriesInput } from './series.ts';
import type { SeriesRef } from './series-ref.ts';

/** Options of a single call. */
export interface CallOptions {
  /** Ends the call with an `aborted` error. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the call, retries included, with a `timeout` error. Milliseconds. */
  readonly deadlineMs?: number | undefined;
}

/** Points to write: any iterable of points, or columns as `pages()` of a stream gives them. */
export type Points<V extends Value = Value> = Iterable<PointInput<V>> | PointBatch;

/** What became of the points of a write. Every point of the input is counted in exactly one of the three. */
export interface WriteResult {
  /** Confirmed by the backend. */
  readonly stored: number;
  /** Accepted, storage not proven. */
  readonly unconfirmed: number;
  /** Not stored; with the caller's indices, ascending. A point that is invalid by itself ends here and its neighbours are stored. */
  readonly rejected: readonly Rejection[];
}

/** Something that can be closed; `close` may be called again and then answers the same promise. */
export interface Closable {
  /** Waits for calls under way, then frees everything. Later calls fail as `closed`. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Writable<V extends Value> {
  /**
   * Writes points, cut to the backend's limits, retried where a resend is safe, in order within each series.
   *
   * @throws AnySeriesError with `outcome` when a point could be neither stored nor rejected. Its code is that of the failure (`unavailable`,
   *   `timeout`, `unauthenticated`, `aborted`, ...), or `unknown-outcome` when points may be stored and writing them again is not safe
   */
  write(points: Points<V>, options?: CallOptions): Promise<WriteResult>;
  /** The series under this key, for `Point.series`. @throws AnySeriesError `invalid` for a key that no series can have */
  ref(key: string): SeriesRef;
}

interface Incrementing {
  /** Adds each value to the one at its series and time (a missing one counts as 0), atomically. Values are numbers or bigints. */
  increment(points: Points<number | bigint>, options?: CallOptions): Promise<WriteResult>;
}

interface Deleting<Request> {
  /** Deletes points, or whole series. What is not there is no error. */
  delete(request: Request, options?: CallOptions): Promise<void>;
}

interface PuttingSeries {
  /** Makes sure that the series exists, with exactly this metadata. */
  putSeries(series: SeriesInput, options?: CallOptions): Promise<Series>;
}

type DeleteOf<D> = D extends 'range' ? Deleting<DeleteRequest> : D extends 'series' ? Deleting<{ readonly series: string }> : unknown;

/** Where points go. What the capabilities do not declare is not in the type. */
export type TimeSeriesSink<C extends Capabilities = Capabilities> = Closable &
  Writable<ValueOf<C>> &
  (C['write'] extends { readonly increment: true | 'integers' } ? Incrementing : unknown) &
  (C['write'] extends { readonly deletes: infer D } ? DeleteOf<D> : unknown) &
  (C['write'] extends { readonly putSeries: true } ? PuttingSeries : unknown);
