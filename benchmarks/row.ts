import { median, type PairedResult, type Spread, type Timing } from './measure.ts';

/** A line of the report. */
export interface Row {
  readonly name: string;
  /** The median: points per second, or whatever the row measures, with its unit. */
  readonly result: string;
  /** Processors kept busy. */
  readonly cpus?: number;
  /** Speed compared with the bare loop. */
  readonly ratio?: Spread;
  /** What must hold, and whether it does. */
  readonly bound?: { readonly text: string; readonly met: boolean };
}

/** A suite gives its rows as it measures them; `size` is the number of points of its ordinary runs. */
export interface Suite {
  readonly title: string;
  run(size: number): AsyncIterable<Row>;
}

/** A row of points per second. */
export function rateRow(name: string, points: number, timings: readonly Timing[]): Row {
  const ms = median(timings.map((timing) => timing.ms));
  const cpus = median(timings.map((timing) => timing.cpuMs / timing.ms));
  return { name, result: `${Math.round(points / ms).toLocaleString('en')}k points/s`, cpus };
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
