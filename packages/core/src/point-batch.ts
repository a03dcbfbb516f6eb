import type { Point, Value } from './point.ts';
import type { SeriesRef } from './series-ref.ts';

/**
 * Points as columns: how they travel, towards a backend and from it. Row `i` is
 * `{ series: refs[series[i]].key, time: times[i], value: others.get(i) ?? values[i] }`. Immutable once built.
 */
export interface PointBatch {
  readonly length: number;
  /** The distinct series of the batch. */
  readonly refs: readonly SeriesRef[];
  /** Per row, the index into `refs`. */
  readonly series: Uint32Array;
  /** Per row, epoch milliseconds. */
  readonly times: Float64Array;
  /** Per row, the value where it is a number, else `NaN`. */
  readonly values: Float64Array;
  /** The values that are no doubles, by row. */
  readonly others: ReadonlyMap<number, Exclude<Value, number>>;
}

export function valueAt(batch: PointBatch, row: number): Value {
  const value = batch.values[row]!;
  return Number.isNaN(value) ? batch.others.get(row)! : value;
}

export function pointAt(batch: PointBatch, row: number): Point {
  return { series: batch.refs[batch.series[row]!]!.key, time: batch.times[row]!, value: valueAt(batch, row) };
}

/** Rows `[from, to)` of a batch. */
export function sliceBatch(batch: PointBatch, from: number, to: number): PointBatch {
  return pickRows(
    batch,
    Uint32Array.from({ length: to - from }, (_, i) => from + i),
  );
}

/** The given rows of a batch, in the given order; only their series stay in `refs`. */
export function pickRows(batch: PointBatch, rows: ArrayLike<number>): PointBatch {
  const builder = createBatchBuilder(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    builder.add(batch.refs[batch.series[row]!]!, batch.times[row]!, valueAt(batch, row));
  }
  return builder.build();
}

/** Collects rows into columns that grow as needed. */
export interface PointBatchBuilder {
  readonly length: number;
  add(ref: SeriesRef, time: number, value: Value): void;
  /** The rows so far as a batch; the builder starts anew. */
  build(): PointBatch;
}

const noOthers: PointBatch['others'] = new Map();

export function createBatchBuilder(initialCapacity = 1024): PointBatchBuilder {
  let capacity = initialCapacity;
  let length = 0;
  let refs: SeriesRef[] = [];
  let places = new Map<SeriesRef, number>();
  let series = new Uint32Array(capacity);
  let times = new Float64Array(capacity);
  let values = new Float64Array(capacity);
  let others: Map<number, Exclude<Value, number>> | undefined;
  let lastRef: SeriesRef | undefined;
  let lastPlace = 0;

  function grow(): void {
    const [oldSeries, oldTimes, oldValues] = [series, times, values];
    const filled = length;
    capacity = filled === 0 ? Math.max(16, initialCapacity) : filled * 2;
    series = new Uint32Array(capacity);
    times = new Float64Array(capacity);
    values = new Float64Array(capacity);
    series.set(oldSeries.subarray(0, filled));
    times.set(oldTimes.subarray(0, filled));
    values.set(oldValues.subarray(0, filled));
  }

  return {
    get length() {
      return length;
    },
    add(ref, time, value) {
      if (length === capacity) grow();
      if (ref !== lastRef) {
        lastRef = ref;
        const place = places.get(ref);
        if (place === undefined) {
          lastPlace = refs.length;
          places.set(ref, lastPlace);
          refs.push(ref);
        } else {
          lastPlace = place;
        }
      }
      series[length] = lastPlace;
      times[length] = time;
      if (typeof value === 'number') {
        values[length] = value;
      } else {
        values[length] = Number.NaN;
        others ??= new Map();
        others.set(length, value);
      }
      length++;
    },
    build() {
      const batch: PointBatch = {
        length,
        refs,
        series: series.subarray(0, length),
        times: times.subarray(0, length),
        values: values.subarray(0, length),
        others: others ?? noOthers,
      };
      length = 0;
      capacity = 0;
      refs = [];
      places = new Map();
      lastRef = undefined;
      others = undefined;
      return batch;
    },
  };
}
