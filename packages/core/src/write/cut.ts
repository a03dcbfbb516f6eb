import type { WriteLimits } from '../capabilities.ts';
import { type PointBatch, pickRows, valueAt } from '../point-batch.ts';
import type { Delivery } from './delivery.ts';

/** A batch and, per row, the number of its point: the index in the caller's input or, in a writer, a count of all its points. */
export interface IndexedBatch<Indices extends Uint32Array | Float64Array = Uint32Array> {
  readonly batch: PointBatch;
  readonly indices: Indices;
}

type Sizes = Pick<Delivery, 'sizeOf' | 'overheadBytes'>;

/**
 * Cuts a batch into requests within the limits by points, bytes and series. Within each series the order stays; where a request may hold few
 * series, the points of a series are brought together first. A point that is too large alone goes alone: the backend judges it.
 */
export function cut<I extends Uint32Array | Float64Array>(whole: IndexedBatch<I>, limits: WriteLimits, sizes: Sizes): IndexedBatch<I>[] {
  const { batch } = whole;
  const { maxPoints = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY, maxSeries = Number.POSITIVE_INFINITY } = limits;
  const isWeighed = maxBytes !== Number.POSITIVE_INFINITY;
  const fits = batch.length <= maxPoints && batch.refs.length <= maxSeries;
  if (fits && (!isWeighed || bytesOf(batch, sizes) <= maxBytes)) return [whole];
  const order = batch.refs.length > maxSeries ? bySeries(batch) : undefined;
  const pieces: IndexedBatch<I>[] = [];
  let rows: number[] = [];
  let seriesInPiece = new Set<number>();
  let bytes = sizes.overheadBytes;
  for (let i = 0; i < batch.length; i++) {
    const row = order === undefined ? i : order[i]!;
    const series = batch.series[row]!;
    const size = isWeighed ? sizes.sizeOf(batch.refs[series]!, batch.times[row]!, valueAt(batch, row)) : 0;
    const tooMany = rows.length >= maxPoints || (!seriesInPiece.has(series) && seriesInPiece.size >= maxSeries);
    if (rows.length > 0 && (tooMany || bytes + size > maxBytes)) {
      pieces.push(pick(whole, rows));
      rows = [];
      seriesInPiece = new Set();
      bytes = sizes.overheadBytes;
    }
    rows.push(row);
    seriesInPiece.add(series);
    bytes += size;
  }
  if (rows.length === batch.length && order === undefined) return [whole];
  pieces.push(pick(whole, rows));
  return pieces;
}

/** An upper bound of the bytes of a request with this batch. */
export function bytesOf(batch: PointBatch, { sizeOf, overheadBytes }: Sizes): number {
  const { length, refs, series, times, values, others } = batch;
  let bytes = overheadBytes;
  for (let row = 0; row < length; row++) {
    const value = others.size === 0 ? values[row]! : valueAt(batch, row);
    bytes += sizeOf(refs[series[row]!]!, times[row]!, value);
  }
  return bytes;
}

/** The given rows with their numbers. */
export function pick<I extends Uint32Array | Float64Array>(whole: IndexedBatch<I>, rows: ArrayLike<number>): IndexedBatch<I> {
  const indices = whole.indices.slice(0, rows.length) as I;
  for (let i = 0; i < rows.length; i++) indices[i] = whole.indices[rows[i]!]!;
  return { batch: pickRows(whole.batch, rows), indices };
}

/** The two halves of a batch, in order. */
export function halve<I extends Uint32Array | Float64Array>(whole: IndexedBatch<I>): [IndexedBatch<I>, IndexedBatch<I>] {
  const { length } = whole.batch;
  const middle = Math.ceil(length / 2);
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  return [pick(whole, range(0, middle)), pick(whole, range(middle, length))];
}

/** Rows ordered by the first appearance of their series, in order within each. */
function bySeries({ refs, length, series }: PointBatch): Uint32Array {
  const groups: number[][] = refs.map(() => []);
  for (let row = 0; row < length; row++) groups[series[row]!]!.push(row);
  return Uint32Array.from(groups.flat());
}
