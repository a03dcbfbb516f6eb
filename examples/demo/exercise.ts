import { setTimeout as wait } from 'node:timers/promises';
import { createWriter, type Point } from '@anyseries/core';
import { type DemoBackend, type DemoProvider, whyUnsuited } from './backends.ts';
import { type Comparison, compare } from './compare.ts';
import { byDay, type DataPoint, type DataSeries, type Dataset } from './datasets.ts';
import { monthlyFromFile, monthlyFunctions, tolerances } from './monthly.ts';
import type { Progress } from './progress.ts';

/** What became of the points of one backend. */
export interface Tally {
  /** Points whose storage the backend confirmed. */
  readonly written: number;
  /** Points that came back and were compared. */
  readonly readBack: number;
  /** Points that were to be written and did not come back. */
  readonly lost: number;
  /** Points and monthly buckets that came back other than the file says. */
  readonly wrong: number;
  /** Everything that went wrong, in sentences. */
  readonly problems: readonly string[];
  /** The highest value of each month of the series to draw, as the backend gives it. */
  readonly drawn: readonly Point[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/**
 * Writes the tables to a fresh backend, reads them back raw and by month, and compares everything with the files. `draw` is the key of the
 * series to draw.
 */
export async function exercise(backend: DemoBackend, datasets: readonly Dataset[], draw: string, progress: Progress): Promise<Tally> {
  const tally: Mutable<Tally> = { written: 0, readBack: 0, lost: 0, wrong: 0, problems: [], drawn: [] };
  try {
    const { provider, close } = await backend.open();
    try {
      const suited = datasets.map((dataset) => leaveOutUnsuited(dataset, provider, progress));
      await writeAll(provider, suited.flatMap(byDay), tally, progress);
      await wait(provider.capabilities.visibleWithinMs);
      const series = suited.flatMap((dataset) => dataset.series);
      await readPoints(provider, series, tally, progress);
      await readMonths(provider, series, tally, progress);
      tally.drawn = await provider.read({ series: draw, rollup: { every: '1month', fn: 'max' } }).toArray();
    } finally {
      await close();
    }
  } catch (error) {
    tally.problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    tally.lost = Math.max(tally.lost, tally.written - tally.readBack);
  }
  return tally;
}

function leaveOutUnsuited(dataset: Dataset, provider: DemoProvider, progress: Progress): Dataset {
  const series = dataset.series.filter((one) => {
    const why = whyUnsuited(provider, one);
    if (why !== undefined) progress.line(`  ${one.key} left out: ${why}`);
    return why === undefined;
  });
  return { ...dataset, series };
}

async function writeAll(provider: DemoProvider, points: readonly DataPoint[], tally: Mutable<Tally>, progress: Progress): Promise<void> {
  const begun = performance.now();
  progress.begin('writing points', points.length);
  const writer = createWriter(provider, {
    onReject(rejected, { reason, excerpt }) {
      for (const { series } of rejected) tally.problems.push(`${String(series)} was rejected as ${reason}: ${excerpt}`);
    },
  });
  for (const point of points) {
    await writer.write(point);
    progress.advance(1);
  }
  const { stored, unconfirmed } = await writer.close();
  const accepted = stored + unconfirmed;
  tally.written += stored;
  progress.end(`${count(accepted)} points written, ${rate(accepted, begun)}`);
  if (accepted !== points.length) tally.problems.push(`${points.length} points were sent and ${accepted} accepted`);
}

async function readPoints(provider: DemoProvider, series: readonly DataSeries[], tally: Mutable<Tally>, progress: Progress): Promise<void> {
  const begun = performance.now();
  progress.begin(
    'reading points',
    series.reduce((sum, { points }) => sum + points.length, 0),
  );
  for (const { key, points } of series) {
    const expected = { series: key, values: new Map(points.map(({ time, value }) => [time, value])), tolerance: 0 };
    const comparison = await compare(expected, provider.read({ series: key }));
    tally.readBack += comparison.compared;
    tally.lost += comparison.lost;
    record(comparison, tally);
    progress.advance(points.length);
  }
  progress.end(`${count(tally.readBack)} points read back and compared, ${rate(tally.readBack, begun)}`);
}

async function readMonths(provider: DemoProvider, series: readonly DataSeries[], tally: Mutable<Tally>, progress: Progress): Promise<void> {
  const computedBy = new Set<string>();
  let buckets = 0;
  progress.begin('reading monthly rollups', series.length * monthlyFunctions.length);
  for (const one of series) {
    for (const fn of monthlyFunctions) {
      const stream = provider.read({ series: one.key, rollup: { every: '1month', fn } });
      const comparison = await compare({ series: one.key, values: monthlyFromFile(one, fn), tolerance: tolerances[fn] }, stream);
      computedBy.add(stream.rollupBy === 'backend' ? 'the backend' : 'core');
      buckets += comparison.compared;
      if (comparison.lost > 0) tally.problems.push(`${one.key}: ${comparison.lost} monthly buckets of ${fn} are missing`);
      tally.wrong += comparison.lost;
      record({ ...comparison, wrong: comparison.wrong.map((problem) => `${fn} by month: ${problem}`) }, tally);
      progress.advance(1);
    }
  }
  const by = computedBy.size === 0 ? '' : `, computed by ${[...computedBy].join(' and ')}`;
  progress.end(`${count(buckets)} monthly buckets (${monthlyFunctions.join(', ')}) compared${by}`);
}

function record({ wrong }: Comparison, tally: Mutable<Tally>): void {
  tally.wrong += wrong.length;
  tally.problems.push(...wrong);
}

function count(number: number): string {
  return number.toLocaleString('en');
}

function rate(points: number, begun: number): string {
  const seconds = (performance.now() - begun) / 1000;
  return `${seconds.toFixed(2)} s (${count(Math.round(points / seconds / 1000))}k/s)`;
}
