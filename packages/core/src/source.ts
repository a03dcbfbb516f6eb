import type { Capabilities, ValueOf } from './capabilities.ts';
import type { Point, Value } from './point.ts';
import type { PointStream } from './point-stream.ts';
import type { ReadQuery, SeriesSelector } from './query.ts';
import type { Series, SeriesFilter } from './series.ts';
import type { CallOptions, Closable } from './sink.ts';

/** Points may have been missed while this lasted: from when to when, by the local clock, in epoch milliseconds. */
export interface Gap {
  readonly gap: { readonly from: number; readonly to: number };
}

/** Points as they are stored, from the moment of the call on; ends when it is closed, aborted or broken out of. */
export interface Subscription<V extends Value = Value> extends AsyncIterable<Point<V> | Gap>, Closable {}

/** Series one by one, in key order. */
export interface SeriesStream extends AsyncIterable<Series> {
  toArray(): Promise<Series[]>;
}

interface Readable<V extends Value> {
  /** Reads lazily: nothing is asked for before the stream is iterated, and pages are fetched as they are used. */
  read(query: ReadQuery): PointStream<V>;
}

interface Listing {
  /** Lists the series that a filter selects; without one, all. */
  series(filter?: SeriesFilter, options?: CallOptions): SeriesStream;
}

interface Latest<V extends Value> {
  /** The newest point of a series, `undefined` if it has none. */
  latest(series: string, options?: CallOptions): Promise<Point<V> | undefined>;
  /** The newest point of each selected series that has one, in key order. */
  latest(series: Exclude<SeriesSelector, string>, options?: CallOptions): Promise<Point<V>[]>;
}

interface Subscribing<V extends Value> {
  /** Points of the selected series as they are stored, and explicit gaps where some may be missing. Active when the call returns. */
  subscribe(filter?: SeriesFilter, options?: { readonly signal?: AbortSignal | undefined }): Subscription<V>;
}

/** Where points come from. What the capabilities do not declare is not in the type. */
export type TimeSeriesSource<C extends Capabilities = Capabilities> = Closable &
  Readable<ValueOf<C>> &
  (C['read'] extends { readonly series: true } ? Listing : unknown) &
  (C['read'] extends { readonly latest: true } ? Latest<ValueOf<C>> : unknown) &
  (C['read'] extends { readonly subscribe: true } ? Subscribing<ValueOf<C>> : unknown);
