import type { SeriesRef } from './series-ref.ts';
import type { TimeInput } from './time.ts';

/**
 * What a point can hold. A `bigint` is given only for integers that a double cannot hold exactly; writing `5n` equals writing `5`.
 * `NaN` and infinities are refused by name.
 */
export type Value = number | bigint | boolean | string;

/** One measurement, as it is read. `time` is epoch milliseconds; fractions carry microseconds (exact until the year 2248). */
export interface Point<V extends Value = Value> {
  readonly series: string;
  readonly time: number;
  readonly value: V;
}

/** One measurement, as it is written. Without `time` it gets the time of its admission, once, so that a resend repeats it. */
export interface PointInput<V extends Value = Value> {
  /** A series key, or what `sink.ref(key)` gave (saves the look-up). */
  readonly series: string | SeriesRef;
  readonly time?: TimeInput | undefined;
  readonly value: V;
}
