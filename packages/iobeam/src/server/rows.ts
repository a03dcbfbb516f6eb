import { type PointBatch, type Store, type Value, valueAt } from '@anyseries/core';
import { compareCodePoints } from '@anyseries/core/provider';
import { endAfter } from './query.ts';
import type { Placed } from './series-lookup.ts';

/** What a namespace holds at one time for one value of what partitions it. */
export interface Row {
  /** Epoch milliseconds. */
  readonly time: number;
  readonly partition: string;
  /** By name of the field, in lower case. */
  readonly cells: ReadonlyMap<string, Value>;
}

export interface RowRange {
  /** Epoch milliseconds; both included, `to` with its whole millisecond. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** The newest points of each series that can matter. */
  readonly limit: number;
  /** Whether points of several series make one row, so that they have to come by time. */
  readonly merge: boolean;
}

/** The rows of some series, the newest first where they are merged; rows of the same time by what partitions them. */
export async function* readRows(store: Store, series: readonly Placed[], { from, to, limit, merge }: RowRange): AsyncGenerator<Row> {
  const byKey = new Map(series.map((placed) => [placed.key, placed]));
  const range = { start: from, end: endAfter(to) };
  const points = store.read({ series: [...byKey.keys()], ...range, order: 'descending', limit, merge });
  let time = Number.NaN;
  let rows = new Map<string, Map<string, Value>>();
  for await (const page of points.pages()) {
    for (let row = 0; row < page.length; row++) {
      if (page.times[row] !== time) {
        yield* inOrder(time, rows);
        rows = new Map();
        time = page.times[row]!;
      }
      const { partition, name } = byKey.get(keyAt(page, row))!;
      const cells = rows.get(partition) ?? new Map<string, Value>();
      rows.set(partition, cells.set(name.toLowerCase(), valueAt(page, row)));
    }
  }
  yield* inOrder(time, rows);
}

function keyAt({ refs, series }: PointBatch, row: number): string {
  return refs[series[row]!]!.key;
}

function* inOrder(time: number, rows: ReadonlyMap<string, ReadonlyMap<string, Value>>): Generator<Row> {
  const sorted = rows.size < 2 ? rows : [...rows].sort(([a], [b]) => compareCodePoints(a, b));
  for (const [partition, cells] of sorted) yield { time, partition, cells };
}
