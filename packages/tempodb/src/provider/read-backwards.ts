import { AnySeriesError } from '@anyseries/core';
import type { DataPoint } from '../client/model.ts';

/** One series, as the service lets it be read: in ascending order, and one point at a time in either direction. */
export interface Backwards {
  /** The latest point before a time. */
  newestBefore(time: number): Promise<DataPoint | undefined>;
  /** The first points of [start, end), at most `rows`, in order of time; whether these are all. */
  window(start: number, end: number, rows: number): Promise<{ readonly points: readonly DataPoint[]; readonly isWhole: boolean }>;
}

export interface BackwardsRequest {
  /** Whole milliseconds, as all times here. */
  readonly start: number;
  readonly end: number;
  readonly limit: number;
  /** The most points that are held at a time. */
  readonly pageRows: number;
}

const firstWidthMs = 600_000;
const fewestRows = 100;

/**
 * Points of [start, end), latest first, out of a protocol that knows no such order: window by window from the end, each read whole and turned
 * around. Windows grow and shrink with the density of the points so that each holds most of a page; stretches without points are leapt over.
 */
export async function* readBackwards(series: Backwards, request: BackwardsRequest): AsyncGenerator<readonly DataPoint[]> {
  const { start, pageRows } = request;
  let left = request.limit;
  let width = firstWidthMs;
  let end = request.end;
  while (left > 0 && end > start) {
    const newest = await series.newestBefore(end);
    if (newest === undefined || newest.t < start) return;
    if (left === 1) return yield [newest];
    end = newest.t + 1;
    for (let isEmpty = false; !isEmpty && left > 0 && end > start; ) {
      const rows = Math.min(pageRows, Math.max(2 * left, fewestRows));
      const from = Math.max(start, end - width);
      const { points, isWhole } = await series.window(from, end, rows);
      if (!isWhole) {
        width = narrower(end - from, points);
        continue;
      }
      yield points.slice(-left).reverse();
      left -= points.length;
      end = from;
      width = wider(width, points.length, rows);
      isEmpty = points.length === 0;
    }
  }
}

/** A window that the points seen at its beginning suggest, and half of it at most. */
function narrower(width: number, points: readonly DataPoint[]): number {
  if (width === 1) throw new AnySeriesError('protocol', 'the answer holds several points of one millisecond');
  const [first, last] = [points.at(0)?.t ?? 0, points.at(-1)?.t ?? 0];
  return Math.max(1, Math.min(Math.floor(width / 2), Math.floor((last - first) * 0.8)));
}

/** A window that would hold four fifths of a page if the points went on as densely. */
function wider(width: number, count: number, rows: number): number {
  const factor = (0.8 * rows) / Math.max(count, 1);
  return Math.ceil(width * Math.min(factor, 16));
}
