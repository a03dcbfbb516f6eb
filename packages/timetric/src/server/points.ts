import { allTimes, type PointBatch, type Store, type Value, valueAt } from '@anyseries/core';
import { createBatchBuilder } from '@anyseries/core/provider';
import { readCsv } from '../wire/csv.ts';
import type { TimetricValue } from '../wire/value.ts';
import type { Change, SeriesEntry } from './directory.ts';
import { addNulls, clearNulls, readNulls } from './nulls.ts';

/** A row as this protocol shows it. */
export interface Row {
  /** Epoch milliseconds. */
  readonly time: number;
  readonly value: TimetricValue;
}

/** Rows to be put into a series: of several at one time the last is left. */
export interface Upload {
  readonly points: PointBatch;
  /** The times of rows without a value. */
  readonly nulls: readonly number[];
}

/** @throws CsvFault */
export function readUpload(csv: string, key: string): Upload {
  const ref = { key, slot: undefined };
  const builder = createBatchBuilder();
  /** With the number of points that come before. */
  const nulls = new Map<number, number>();
  readCsv(csv, (time, value) => {
    if (value === null) nulls.set(time, builder.length);
    else builder.add(ref, time, value);
  });
  const points = builder.build();
  return nulls.size === 0 ? { points, nulls: [] } : withoutOvertaken(points, nulls);
}

function withoutOvertaken(points: PointBatch, nulls: Map<number, number>): Upload {
  const builder = createBatchBuilder(points.length);
  for (let row = 0; row < points.length; row++) {
    const time = points.times[row]!;
    const before = nulls.get(time);
    if (before !== undefined && row < before) continue;
    nulls.delete(time);
    builder.add(points.refs[points.series[row]!]!, time, valueAt(points, row));
  }
  return { points: builder.build(), nulls: [...nulls.keys()] };
}

/** One row. */
export function uploadOf({ time, value }: Row, key: string): Upload {
  const builder = createBatchBuilder(1);
  if (value !== null) builder.add({ key, slot: undefined }, time, value);
  return { points: builder.build(), nulls: value === null ? [time] : [] };
}

export async function putRows(change: Change, { points, nulls }: Upload): Promise<void> {
  if (nulls.length > 0) await addNulls(change, nulls);
  if (points.length > 0) change.transaction.write(points);
}

export async function replaceRows(change: Change, upload: Upload): Promise<void> {
  const { transaction, key } = change;
  await clearNulls(change);
  transaction.delete({ series: key, start: allTimes.min, end: allTimes.max });
  transaction.delete({ series: key, start: allTimes.max, end: allTimes.max });
  await putRows(change, upload);
}

/** What a store has, as this protocol can say it. */
export interface ShownRows {
  /** All rows by time, in pages. */
  pages(): AsyncGenerator<readonly Row[]>;
  newest(): Promise<Row | undefined>;
  /** How many points were met and left out, because there is no type for their values. */
  omitted(): number;
}

type Place = Pick<Change, 'store' | 'key' | 'id'>;

export function shownRows({ store, key, id }: Place): ShownRows {
  let left = 0;

  function shown(page: PointBatch, row: number): number | boolean | undefined {
    const value = valueAt(page, row);
    if (isShown(value)) return value;
    left++;
    return undefined;
  }

  return {
    omitted: () => left,

    async *pages() {
      const nulls = await readNulls(store, id);
      let next = 0;
      for await (const page of store.read({ series: key }).pages()) {
        const rows: Row[] = [];
        for (let row = 0; row < page.length; row++) {
          const time = page.times[row]!;
          for (; nulls[next]! < time; next++) rows.push({ time: nulls[next]!, value: null });
          if (nulls[next] === time) next++;
          const value = shown(page, row);
          if (value !== undefined) rows.push({ time, value });
        }
        yield rows;
      }
      yield nulls.slice(next).map((time) => ({ time, value: null }));
    },

    async newest() {
      const time = (await readNulls(store, id)).at(-1);
      const point = await newestPoint(store, key);
      return time !== undefined && (point === undefined || time > point.time) ? { time, value: null } : point;
    },
  };
}

/** Asked for one after another where the newest cannot be shown, which is seldom. */
async function newestPoint(store: Store, key: string): Promise<Row | undefined> {
  for (let limit = 1, end: { end?: number } = {}; ; limit = 100) {
    const points = await store.read({ series: key, order: 'descending', limit, ...end }).toArray();
    for (const { time, value } of points) if (isShown(value)) return { time, value };
    if (points.length < limit) return undefined;
    end = { end: points.at(-1)!.time };
  }
}

function isShown(value: Value): value is number | boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

export function placeOf({ store, series, id }: SeriesEntry): Place {
  return { store, key: series.key, id };
}
