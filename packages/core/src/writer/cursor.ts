import { AnySeriesError, invalid, show } from '../errors.ts';
import type { PointInput } from '../point.ts';
import { type PointBatch, valueAt } from '../point-batch.ts';
import type { Points } from '../sink.ts';
import { isBatch } from '../write/admit.ts';

/** Walks over what was given to a write. A point is looked at until it is taken, so that one without room is not lost. */
export interface PointCursor {
  /** How many points there are; `undefined` where only the end will tell. */
  readonly length: number | undefined;
  /** The point to be taken next, as the caller gave it; `undefined` at the end. */
  peek(): PointInput | undefined;
  take(): void;
  /** The values that may take more than their column, to measure them beforehand. */
  values(): Iterable<unknown>;
}

/** @throws AnySeriesError `invalid` for what is neither a point nor points */
export function createCursor(input: PointInput | Points): PointCursor {
  if (Array.isArray(input)) return overArray(input as readonly PointInput[]);
  if (typeof input === 'object' && input !== null) {
    if (isBatch(input as Points)) return overBatch(input as PointBatch);
    if (typeof (input as Iterable<PointInput>)[Symbol.iterator] === 'function') return overIterable(input as Iterable<PointInput>);
    if ('series' in input) return overArray([input as PointInput]);
  }
  throw invalid('points', `${show(input)} is neither a point nor an iterable of points`);
}

function overArray(points: readonly PointInput[]): PointCursor {
  let place = 0;
  return {
    length: points.length,
    // what is no point is taken for one without anything, and rejected as that
    peek: () => (place < points.length ? (points[place] ?? nothing) : undefined),
    take() {
      place++;
    },
    *values() {
      for (const point of points) yield point?.value;
    },
  };
}

function overBatch(batch: PointBatch): PointCursor {
  let row = 0;
  return {
    length: batch.length,
    peek: () =>
      row < batch.length ? { series: batch.refs[batch.series[row]!]!, time: batch.times[row]!, value: valueAt(batch, row) } : undefined,
    take() {
      row++;
    },
    values: () => batch.others.values(),
  };
}

function overIterable(points: Iterable<PointInput>): PointCursor {
  const iterator = points[Symbol.iterator]();
  let current: PointInput | undefined;
  let isAtEnd = false;
  return {
    length: undefined,
    peek() {
      if (current !== undefined || isAtEnd) return current;
      try {
        const next = iterator.next();
        if (next.done) isAtEnd = true;
        else current = next.value ?? nothing;
      } catch (cause) {
        isAtEnd = true;
        throw new AnySeriesError('invalid', 'points: the iterable failed; the points that it gave before were admitted', { cause });
      }
      return current;
    },
    take() {
      current = undefined;
    },
    values: () => [],
  };
}

const nothing = {} as PointInput;
