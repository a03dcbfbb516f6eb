import { type PointBatch, type SeriesRef, type Store, type Value, valueAt } from '@anyseries/core';
import { createBatchBuilder } from '@anyseries/core/provider';
import type { Range } from './parameters.ts';

/** A point as this protocol shows it. */
export interface ShownPoint {
  readonly time: number;
  readonly value: number | bigint;
}

/**
 * The points of a store as this protocol can say them: times floored to milliseconds, and of several in one the last; booleans as 1 and 0; texts
 * left out, and counted.
 */
export interface ShownPoints {
  /** The points of a range by time, in pages. They are read as they are asked for. */
  pages(key: string, range: Range, portions?: Portions): AsyncGenerator<PointBatch>;
  first(key: string, range: Range): Promise<ShownPoint | undefined>;
  last(key: string, range: Range): Promise<ShownPoint | undefined>;
  /** How many points of a range were met and left out. */
  omitted(range: Range): number;
}

/** How many rows are read of a store at once: at first, and at most when more and more are wanted. */
export interface Portions {
  readonly first: number;
  readonly most: number;
}

const whole: Portions = { first: Number.POSITIVE_INFINITY, most: Number.POSITIVE_INFINITY };
const growing: Portions = { first: 2, most: 10_000 };

export function createShownPoints(store: Store, signal: AbortSignal): ShownPoints {
  const omittedTimes: number[] = [];

  /** What is stored, in portions: who wants few rows does not cause many to be read. */
  async function* storedPages(key: string, { start, end }: Range, order: 'ascending' | 'descending', portions: Portions) {
    if (start >= end) return;
    let last: number | undefined;
    for (let limit = portions.first; ; limit = Math.min(limit * 2, portions.most)) {
      const from = order === 'ascending' ? (last ?? start) : start;
      const until = order === 'descending' ? (last ?? end) : end;
      const skipsFirst = order === 'ascending' && last !== undefined;
      const wanted = limit + Number(skipsFirst);
      let rows = 0;
      for await (const page of store.read({ series: key, start: from, end: until, order, limit: wanted, signal }).pages()) {
        yield { page, firstRow: skipsFirst && rows === 0 ? 1 : 0 };
        rows += page.length;
        last = page.times[page.length - 1]!;
      }
      if (rows < wanted) return;
    }
  }

  function shown(page: PointBatch, row: number): number | bigint | undefined {
    const value = toNumeric(valueAt(page, row));
    if (value === undefined) omittedTimes.push(page.times[row]!);
    return value;
  }

  async function* pages(key: string, range: Range, portions = whole): AsyncGenerator<PointBatch> {
    const ref: SeriesRef = { key, slot: undefined };
    const builder = createBatchBuilder();
    let time = Number.NaN;
    let value: number | bigint | undefined;
    for await (const { page, firstRow } of storedPages(key, range, 'ascending', portions)) {
      for (let row = firstRow; row < page.length; row++) {
        const next = shown(page, row);
        if (next === undefined) continue;
        const nextTime = Math.floor(page.times[row]!);
        if (value !== undefined && nextTime !== time) builder.add(ref, time, value);
        time = nextTime;
        value = next;
      }
      if (builder.length > 0) yield builder.build();
    }
    if (value === undefined) return;
    builder.add(ref, time, value);
    yield builder.build();
  }

  return {
    pages,
    async first(key, range) {
      for await (const page of pages(key, range, growing)) return { time: page.times[0]!, value: valueAt(page, 0) as number | bigint };
      return undefined;
    },
    async last(key, range) {
      for await (const { page } of storedPages(key, range, 'descending', growing)) {
        for (let row = 0; row < page.length; row++) {
          const value = shown(page, row);
          if (value !== undefined) return { time: Math.floor(page.times[row]!), value };
        }
      }
      return undefined;
    },
    omitted: ({ start, end }) => omittedTimes.filter((time) => time >= start && time < end).length,
  };
}

function toNumeric(value: Value): number | bigint | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'string' ? undefined : value;
}
