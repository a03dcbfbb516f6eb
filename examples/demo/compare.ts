import type { Point } from '@anyseries/core';

/** What is expected of one series: its values by time. */
export interface Expected {
  readonly series: string;
  readonly values: ReadonlyMap<number, number>;
  /** By how much a value may differ, as a part of its size; 0: not at all. */
  readonly tolerance: number;
}

export interface Comparison {
  /** Points that came back, right or wrong. */
  readonly compared: number;
  /** Points that did not come back. */
  readonly lost: number;
  /** Points that came back with another value, twice, out of order, or that were never written: one sentence each. */
  readonly wrong: readonly string[];
}

/** Compares every point that is read with what was written. */
export async function compare(expected: Expected, actual: AsyncIterable<Point>): Promise<Comparison> {
  const missing = new Map(expected.values);
  const wrong: string[] = [];
  let compared = 0;
  let previous = Number.NEGATIVE_INFINITY;
  for await (const point of actual) {
    compared++;
    const problem = findProblem(expected, point, previous);
    if (problem !== undefined) wrong.push(`${point.series} at ${new Date(point.time).toISOString()}: ${problem}`);
    missing.delete(point.time);
    previous = Math.max(previous, point.time);
  }
  return { compared, lost: missing.size, wrong };
}

function findProblem(expected: Expected, point: Point, previous: number): string | undefined {
  if (point.series !== expected.series) return `belongs to another series than ${expected.series}`;
  const value = expected.values.get(point.time);
  if (value === undefined) return `${point.value} was never written`;
  if (point.time <= previous) return 'came twice, or out of order';
  if (!isWithin(point.value, value, expected.tolerance)) return `is ${point.value} instead of ${value}`;
  return undefined;
}

function isWithin(actual: unknown, expected: number, tolerance: number): boolean {
  return actual === expected || (typeof actual === 'number' && Math.abs(actual - expected) <= tolerance * Math.abs(expected));
}
