import { median, type PairedResult, type Spread, type Timing } from './measure.ts';

/** A line of the report. */
export interface Row {
  readonly name: string;
  /** What it is listed under. */
  readonly group?: string;
  /** The median: points per second, or whatever the row measures, with its unit. */
  readonly result: string;
  /** The median where it is a rate: points per second. */
  readonly perSecond?: number;
  /** Processors kept busy. */
  readonly cpus?: number;
  /** What the suite's own columns hold. */
  readonly more?: readonly string[];
  /** Speed compared with the bare loop. */
  readonly ratio?: Spread;
  /** What must hold, and whether it does. */
  readonly bound?: { readonly text: string; readonly met: boolean };
}

/** A suite gives its rows as it measures them; `size` is the number of points of its ordinary runs. */
export interface Suite {
  readonly title: string;
  /** Columns that only this suite has. */
  readonly columns?: readonly string[];
  run(size: number): AsyncIterable<Row>;
  /** Writes what was measured to `docs/benchmarks`. `machine` is the line that names it. */
  save?(rows: readonly Row[], machine: string): Promise<void>;
}

/** A row of points per second. */
export function rateRow(name: string, points: number, timings: readonly Timing[]): Row {
  const ms = median(timings.map((timing) => timing.ms));
  const cpus = median(timings.map((timing) => timing.cpuMs / timing.ms));
  return { name, result: `${Math.round(points / ms).toLocaleString('en')}k points/s`, perSecond: (points / ms) * 1000, cpus };
}

/** The bare loop and ours; the ratio, and its bound if there is one, stand with ours. */
export function pairedRows(
  names: { readonly bare: string; readonly ours: string },
  points: number,
  paired: PairedResult,
  atLeast?: number,
): Row[] {
  const { ratio } = paired;
  const bound = atLeast === undefined ? {} : { bound: { text: `≥ ${atLeast}`, met: ratio.median >= atLeast } };
  return [rateRow(names.bare, points, paired.bare), { ...rateRow(names.ours, points, paired.ours), ratio, ...bound }];
}

/** A row of memory, in megabytes of 10^6 bytes. */
export function memoryRow(name: string, bytes: number, below: number): Row {
  const megabytes = bytes / 1e6;
  return { name, result: `${megabytes.toFixed(0)} MB`, bound: { text: `< ${below} MB`, met: megabytes < below } };
}
