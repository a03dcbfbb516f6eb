import type { Value } from '../point.ts';
import type { PointBatch } from '../point-batch.ts';
import type { SeriesRef } from '../series-ref.ts';
import type { IndexedBatch } from '../write/cut.ts';
import { extraBytesOf, plainBytes } from '../write/memory-bytes.ts';
import type { KnownSeries } from './series.ts';

/** A piece of work of a writer: columns and, per row, the number that its point got at admission. */
export type Rows = IndexedBatch<Float64Array>;

/** A queue of points as columns. A series always uses the same lane, so what is in one lane goes out in order. */
export interface Lane {
  /** One bit per lane, for sets of lanes. */
  readonly bit: number;
  /** A batch that holds points of this lane is not settled yet. */
  locked: boolean;
  /** Rows `[head, tail)` are waiting. */
  head: number;
  tail: number;
  capacity: number;
  series: KnownSeries[];
  times: Float64Array;
  values: Float64Array;
  numbers: Float64Array;
  /** Bytes of what does not fit into the columns. */
  extraBytes: number;
}

/** The values that are no doubles, by the number of their point. */
export type Others = Map<number, Exclude<Value, number>>;

const firstCapacity = 64;

export function createLanes(count: number): readonly Lane[] {
  return Array.from({ length: count }, (_, i) => ({
    bit: 1 << i,
    locked: false,
    head: 0,
    tail: 0,
    capacity: 0,
    series: [],
    times: new Float64Array(0),
    values: new Float64Array(0),
    numbers: new Float64Array(0),
    extraBytes: 0,
  }));
}

/** Makes room for another row: moves the rows to the front where half of the columns is free, else doubles the columns. */
export function makeRoom(lane: Lane): void {
  const { head, tail } = lane;
  const length = tail - head;
  if (head > 0 && head >= lane.capacity / 2) {
    lane.series.copyWithin(0, head, tail);
    lane.times.copyWithin(0, head, tail);
    lane.values.copyWithin(0, head, tail);
    lane.numbers.copyWithin(0, head, tail);
  } else {
    lane.capacity = Math.max(firstCapacity, lane.capacity * 2);
    const series = new Array<KnownSeries>(lane.capacity);
    for (let i = 0; i < length; i++) series[i] = lane.series[head + i]!;
    lane.series = series;
    lane.times = grown(lane.times, head, tail, lane.capacity);
    lane.values = grown(lane.values, head, tail, lane.capacity);
    lane.numbers = grown(lane.numbers, head, tail, lane.capacity);
  }
  lane.head = 0;
  lane.tail = length;
}

function grown(column: Float64Array, from: number, to: number, capacity: number): Float64Array {
  const larger = new Float64Array(capacity);
  larger.set(column.subarray(from, to));
  return larger;
}

/** What fits into one batch. */
export interface BatchBounds {
  readonly maxRows: number;
  readonly maxBytes: number;
  /** More series are not taken, where rows must not be sorted by series later. */
  readonly maxSeries: number;
}

let batches = 0;

/** Takes rows from the heads of lanes, lane by lane, as many as fit; at least one. The lanes used are the bits of `lanes`. */
export function takeRows(from: readonly Lane[], others: Others, bounds: BatchBounds): Rows & { readonly lanes: number } {
  const waiting = from.reduce((sum, { head, tail }) => sum + tail - head, 0);
  const capacity = Math.min(waiting, bounds.maxRows);
  const [series, times, values] = [new Uint32Array(capacity), new Float64Array(capacity), new Float64Array(capacity)];
  const indices = new Float64Array(capacity);
  const refs: SeriesRef[] = [];
  const taken = new Map<number, Exclude<Value, number>>();
  const id = ++batches;
  let bytesLeft = bounds.maxBytes;
  let length = 0;
  let lanes = 0;

  /** Answers whether the row fits; then its series and its value are noted. */
  function takeRow(lane: Lane, at: number): boolean {
    const known = lane.series[at]!;
    const isNew = known.batch !== id;
    if (isNew && refs.length >= bounds.maxSeries) return false;
    if (lane.extraBytes > 0 && !takeOther(lane, lane.numbers[at]!)) return false;
    if (isNew) {
      known.batch = id;
      known.place = refs.length;
      refs.push(known.ref);
    }
    series[length] = known.place;
    return true;
  }

  function takeOther(lane: Lane, number: number): boolean {
    const other = others.get(number);
    if (other === undefined) return true;
    const extra = extraBytesOf(other);
    if (length > 0 && bytesLeft < plainBytes + extra) return false;
    bytesLeft -= extra;
    lane.extraBytes -= extra;
    others.delete(number);
    taken.set(length, other);
    return true;
  }

  for (const lane of from) {
    const { head } = lane;
    const begin = length;
    const end = Math.min(lane.tail, head + capacity - length);
    let at = head;
    for (; at < end && (length === 0 || bytesLeft >= plainBytes); at++, length++) {
      if (!takeRow(lane, at)) break;
      bytesLeft -= plainBytes;
    }
    if (at === head) break;
    times.set(lane.times.subarray(head, at), begin);
    values.set(lane.values.subarray(head, at), begin);
    indices.set(lane.numbers.subarray(head, at), begin);
    lanes |= lane.bit;
    skipTo(lane, at);
    if (at < end) break;
  }
  return { lanes, batch: batchOf(length, refs, { series, times, values }, taken), indices: indices.subarray(0, length) };
}

function batchOf(
  length: number,
  refs: readonly SeriesRef[],
  { series, times, values }: Pick<PointBatch, 'series' | 'times' | 'values'>,
  others: PointBatch['others'],
): PointBatch {
  return { length, refs, series: series.subarray(0, length), times: times.subarray(0, length), values: values.subarray(0, length), others };
}

/** Takes the first row away. Answers its number. */
export function dropRow(lane: Lane, others: Others): number {
  const number = lane.numbers[lane.head]!;
  const other = others.get(number);
  if (other !== undefined) {
    lane.extraBytes -= extraBytesOf(other);
    others.delete(number);
  }
  skipTo(lane, lane.head + 1);
  return number;
}

function skipTo(lane: Lane, head: number): void {
  const isEmpty = head === lane.tail;
  lane.head = isEmpty ? 0 : head;
  if (isEmpty) lane.tail = 0;
}
