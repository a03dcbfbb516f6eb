import { type PointBatch, type SeriesRef, valueAt } from '@anyseries/core';
import { createBatchBuilder } from '@anyseries/core/provider';
import { createAccumulator, createSeriesFold, type SeriesFold } from '@anyseries/core/server';
import type { Fold } from '../wire/fold.ts';
import type { Period } from '../wire/period.ts';
import { type Interpolation, interpolate, linear, zeroOrderHold } from './interpolation.ts';
import { parseFoldOf, type Range, readPeriod, readRange } from './parameters.ts';
import type { Query } from './query.ts';
import { badParameter, Refusal } from './refusal.ts';
import type { Portions, ShownPoints } from './shown-points.ts';
import { readZone, type Zone } from './zone.ts';

/** What the rows of one series are made of, in this order: its points, put on a grid, rolled up (section 5.12). */
export interface RowsRequest {
  readonly range: Range;
  readonly zone: Zone;
  readonly interpolation: Interpolation | undefined;
  readonly rollup: Rollup | undefined;
}

/** Without a period: one row at the start of the range that folds all of it. */
export interface Rollup {
  readonly period: Period | undefined;
  readonly fold: Fold;
}

/** @throws Refusal 400 */
export function readRowsRequest(query: Query): RowsRequest {
  return { range: readRange(query), zone: readZone(query), interpolation: readInterpolation(query), rollup: readRollup(query) };
}

function readRollup(query: Query): Rollup | undefined {
  const period = readPeriod(query, 'rollup.period', 'interval');
  const fold = query.getAny('rollup.fold', 'function');
  if (period === undefined && fold === undefined) return undefined;
  return { period, fold: parseFoldOf('rollup.fold', fold ?? 'mean') };
}

const interpolations: ReadonlyMap<string, Omit<Interpolation, 'periodMs'>> = new Map([
  ['linear', linear],
  ['zoh', zeroOrderHold],
]);
const dayMs = 86_400_000;

/** @throws Refusal 400 */
export function readInterpolation(query: Query): Interpolation | undefined {
  const period = readPeriod(query, 'interpolation.period');
  const name = query.get('interpolation.function');
  if (period === undefined && name === undefined) return undefined;
  const interpolation = interpolations.get(name ?? '');
  if (interpolation === undefined) throw badParameter('interpolation.function', name);
  if (period === undefined) throw badParameter('interpolation.period', undefined);
  if (period.unit === 'month') throw badParameter('interpolation.period', `${period.iso} has no fixed length`);
  return { ...interpolation, periodMs: period.unit === 'd' ? period.count * dayMs : period.count };
}

/** What a rollup may have to walk through at most: rows that a grid makes up cost nothing to ask for. */
const mostGridRows = 10_000_000;

/** @throws Refusal 400 where so many series with so fine a grid are more than a request may ask to be folded */
export function checkGrid({ start, end }: Range, interpolation: Interpolation | undefined, seriesCount: number): void {
  if (interpolation === undefined) return;
  if (((end - start) / interpolation.periodMs) * seriesCount > mostGridRows)
    throw new Refusal(400, 'Invalid interpolation.period: too short to roll up so long a range of so many series');
}

/** The rollup as answers echo it. */
export function rollupText(rollup: Rollup | undefined): string {
  return rollup === undefined ? 'null' : JSON.stringify({ period: rollup.period?.iso ?? null, fold: rollup.fold.text });
}

/** The points of a series before they are rolled up, from those that a row at `from` is made of on. */
export function gridOrPoints(
  points: ShownPoints,
  key: string,
  { range, interpolation }: Pick<RowsRequest, 'range' | 'interpolation'>,
  from = Number.NEGATIVE_INFINITY,
  portions?: Portions,
): AsyncGenerator<PointBatch> {
  if (interpolation !== undefined) return interpolate(points, key, range, from, interpolation, portions);
  return points.pages(key, { start: Math.max(range.start, from), end: range.end }, portions);
}

/** The rows of a series with times from `from` on, by time; read as they are asked for. A bucket's row may have a time before the range. */
export function rowsOf(
  points: ShownPoints,
  key: string,
  request: RowsRequest,
  from?: number,
  portions?: Portions,
): AsyncGenerator<PointBatch> {
  const unfolded = gridOrPoints(points, key, request, from, portions);
  const { rollup, range, zone } = request;
  if (rollup === undefined) return unfolded;
  const { period, fold } = rollup;
  if (period === undefined) return foldAll(unfolded, key, fold, range.start);
  return rollUp(unfolded, key, { period, fold }, zone, from);
}

/** One row for each bucket that has points, from `from` on. */
export async function* rollUp(
  pages: AsyncIterable<PointBatch>,
  key: string,
  { period, fold }: { readonly period: Period; readonly fold: Fold },
  zone: Zone,
  from?: number,
): AsyncGenerator<PointBatch> {
  const ref: SeriesRef = { key, slot: undefined };
  const builder = createBatchBuilder();
  const folding = createSeriesFold({ every: period, fn: fold.fn, timeZone: zone.name }, false);
  for await (const { times, values } of foldBuckets(pages, [folding], from)) {
    for (const [i, time] of times.entries()) builder.add(ref, time, values[0]![i]!);
    yield builder.build();
  }
}

/** Buckets with the values of several folds. */
export interface FoldedBuckets<R> {
  readonly times: readonly number[];
  /** Per fold, a value for each bucket. */
  readonly values: readonly (readonly R[])[];
}

/**
 * Folds numeric points into buckets, each fold on its own; all give the same buckets. Those that begin before `from` are left out: an earlier
 * page had them, and around a shift of the clock some of their points come later.
 */
export async function* foldBuckets<R>(
  pages: AsyncIterable<PointBatch>,
  folds: readonly SeriesFold<R>[],
  from = Number.NEGATIVE_INFINITY,
): AsyncGenerator<FoldedBuckets<R>> {
  function* take(): Generator<FoldedBuckets<R>> {
    const taken = folds.map((fold) => fold.take());
    const times = taken[0]!.times;
    const first = times.findIndex((time) => time >= from);
    if (first >= 0) yield { times: times.slice(first), values: taken.map(({ values }) => values.slice(first)) };
  }

  for await (const page of pages) {
    for (let row = 0; row < page.length; row++) {
      const value = valueAt(page, row);
      for (const fold of folds) fold.add(page.times[row]!, value);
    }
    yield* take();
  }
  for (const fold of folds) fold.finish();
  yield* take();
}

async function* foldAll(pages: AsyncIterable<PointBatch>, key: string, { fn }: Fold, start: number): AsyncGenerator<PointBatch> {
  const accumulator = createAccumulator(fn, false);
  for await (const page of pages) for (let row = 0; row < page.length; row++) accumulator.add(valueAt(page, row), page.times[row]!);
  const value = accumulator.result();
  if (value === undefined) return;
  const builder = createBatchBuilder(1);
  builder.add({ key, slot: undefined }, start, value);
  yield builder.build();
}
