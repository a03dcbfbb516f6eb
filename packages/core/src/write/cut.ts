import type { WriteLimits } from '../capabilities.ts';
import { pickRows, valueAt } from '../point-batch.ts';
import type { IndexedBatch } from './admit.ts';
import type { Delivery } from './delivery.ts';

/**
 * Cuts a batch into requests within the limits by points, bytes and series. Within each series the order stays; where a request may hold few
 * series, the points of a series are brought together first. A point that is too large alone goes alone: the backend judges it.
 */
export function cut(whole: IndexedBatch, limits: WriteLimits, delivery: Pick<Delivery, 'sizeOf' | 'overheadBytes'>): IndexedBatch[] {
  const { batch } = whole;
  const { maxPoints = Number.POSITIVE_INFINITY, maxBytes, maxSeries = Number.POSITIVE_INFINITY } = limits;
  if (batch.length <= maxPoints && batch.refs.length <= maxSeries && maxBytes === undefined) return [whole];
  const order = batch.refs.length > maxSeries ? bySeries(whole) : undefined;
  const pieces: IndexedBatch[] = [];
  let rows: number[] = [];
  let seriesInPiece = new Set<number>();
  let bytes = delivery.overheadBytes;
  for (let i = 0; i < batch.length; i++) {
    const row = order === undefined ? i : order[i]!;
    const series = batch.series[row]!;
    const size = maxBytes === undefined ? 0 : delivery.sizeOf(batch.refs[series]!, batch.times[row]!, valueAt(batch, row));
    const tooMany = rows.length >= maxPoints || (!seriesInPiece.has(series) && seriesInPiece.size >= maxSeries);
    if (rows.length > 0 && (tooMany || (maxBytes !== undefined && bytes + size > maxBytes))) {
      pieces.push(pick(whole, rows));
      rows = [];
      seriesInPiece = new Set();
      bytes = delivery.overheadBytes;
    }
    rows.push(row);
    seriesInPiece.add(series);
    bytes += size;
  }
  if (rows.length === batch.length && order === undefined) return [whole];
  pieces.push(pick(whole, rows));
  return pieces;
}

/** The given rows with the caller's indices. */
export function pick(whole: IndexedBatch, rows: ArrayLike<number>): IndexedBatch {
  return { batch: pickRows(whole.batch, rows), indices: Uint32Array.from(rows, (row) => whole.indices[row]!) };
}

/** The two halves of a batch, in order. */
export function halve(whole: IndexedBatch): [IndexedBatch, IndexedBatch] {
  const { length } = whole.batch;
  const middle = Math.ceil(length / 2);
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  return [pick(whole, range(0, middle)), pick(whole, range(middle, length))];
}

/** Rows ordered by the first appearance of their series, in order within each. */
function bySeries({ batch }: IndexedBatch): Uint32Array {
  const groups: number[][] = batch.refs.map(() => []);
  for (let row = 0; row < batch.length; row++) groups[batch.series[row]!]!.push(row);
  return Uint32Array.from(groups.flat());
}
