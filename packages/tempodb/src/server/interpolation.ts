import { type PointBatch, type SeriesRef, valueAt } from '@anyseries/core';
import { createBatchBuilder } from '@anyseries/core/provider';
import type { Range } from './parameters.ts';
import type { Portions, ShownPoint, ShownPoints } from './shown-points.ts';

/** A grid of times `start + n * periodMs`, and how the values between two points are made (section 5.12). */
export interface Interpolation {
  readonly periodMs: number;
  readonly between: (before: ShownPoint, after: ShownPoint, time: number) => number | bigint;
  /** Whether the last value holds up to the end of the range. */
  readonly holdsLast: boolean;
}

export const linear: Omit<Interpolation, 'periodMs'> = {
  holdsLast: false,
  between(before, after, time) {
    const share = (time - before.time) / (after.time - before.time);
    const [from, to] = [Number(before.value), Number(after.value)];
    const value = from + (to - from) * share;
    return Number.isFinite(value) ? value : from * (1 - share) + to * share;
  },
};

export const zeroOrderHold: Omit<Interpolation, 'periodMs'> = { holdsLast: true, between: (before) => before.value };

const rowsPerPage = 1000;

/**
 * The points of a series on the grid of a range, from the first at or after `from` on. Only points of the range support them: there is nothing
 * before the first, and behind the last only what it holds.
 */
export async function* interpolate(
  points: ShownPoints,
  key: string,
  range: Range,
  from: number,
  { periodMs, between, holdsLast }: Interpolation,
  portions?: Portions,
): AsyncGenerator<PointBatch> {
  const { start, end } = range;
  const ref: SeriesRef = { key, slot: undefined };
  const builder = createBatchBuilder(rowsPerPage);
  let time = start + Math.ceil((Math.max(from, start) - start) / periodMs) * periodMs;
  let before = await points.last(key, { start, end: Math.min(time, end) });

  /** What lies on the grid between `before` and a later point, or the end. */
  function* gridBefore(after: ShownPoint | undefined): Generator<PointBatch> {
    if (before === undefined) return;
    const until = after?.time ?? end;
    for (; time < until; time += periodMs) {
      const value = time === before.time || after === undefined ? before.value : between(before, after, time);
      builder.add(ref, time, value);
      if (builder.length >= rowsPerPage) yield builder.build();
    }
  }

  for await (const page of points.pages(key, { start: time, end }, portions)) {
    for (let row = 0; row < page.length; row++) {
      const after = { time: page.times[row]!, value: valueAt(page, row) as number | bigint };
      yield* gridBefore(after);
      if (before === undefined && after.time > time) time += Math.ceil((after.time - time) / periodMs) * periodMs;
      before = after;
    }
    if (builder.length > 0) yield builder.build();
  }
  if (holdsLast) yield* gridBefore(undefined);
  else if (before !== undefined && before.time === time && time < end) builder.add(ref, time, before.value);
  if (builder.length > 0) yield builder.build();
}
