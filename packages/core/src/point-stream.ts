import type { Point, Value } from './point.ts';
import type { PointBatch } from './point-batch.ts';

/** The times and values of a stream in two columns, row by row; for one series or, with `merge`, several. */
export interface Columns<V = Float64Array> {
  readonly times: Float64Array;
  readonly values: V;
}

/**
 * Points as they arrive. Nothing is read before it is iterated; it is iterated once, in one of its forms. Breaking out of a loop ends the read.
 */
export interface PointStream<V extends Value = Value> extends AsyncIterable<Point<V>> {
  /** Who computed the rollup of the query: the backend by its own means, or core from points. `undefined` without a rollup. */
  readonly rollupBy: 'backend' | 'core' | undefined;
  /** The points in columns, page by page. A page may hold any number of points, but never none. */
  pages(): AsyncIterable<PointBatch>;
  toArray(): Promise<Point<V>[]>;
  /** All times and values. @throws AnySeriesError `unsupported` that names the first value that is no double */
  columns(): Promise<Columns>;
  /** All times and values, whatever the values are. */
  columns(options: { readonly values: 'any' }): Promise<Columns<V[]>>;
}
