import type { Value } from '../point.ts';
import type { SeriesRef } from '../series-ref.ts';

/** What a row of columns takes: the series, the number of the point, its time and its value where that is a double. */
export const plainBytes = 32;

/** What a value takes that is kept beside the columns. */
const besideBytes = 32;

/** About what a value takes beside the columns. */
export function extraBytesOf(value: unknown): number {
  if (typeof value === 'string') return besideBytes + 2 * value.length;
  return typeof value === 'bigint' || typeof value === 'boolean' ? besideBytes : 0;
}

/** About how many bytes a point takes in memory; its series is held once for all of its points and not counted. */
export function memoryBytes(_ref: SeriesRef, _time: number, value: Value): number {
  return plainBytes + extraBytesOf(value);
}
