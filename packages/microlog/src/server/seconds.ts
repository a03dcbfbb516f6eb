import type { Json, PointBatch, Store, Value } from '@anyseries/core';
import { valueAt } from '@anyseries/core';
import { addValues } from '@anyseries/core/provider';
import { amountOf, secondsOf } from '../wire/count.ts';
import type { Graph } from './graphs.ts';
import { hourKey, hourOf, listCollection } from './list-keys.ts';

/** A point as a graph has it. */
export interface Row {
  /** Seconds, fractions included. */
  readonly time: number;
  /** As it was sent, or as the series holds it. */
  readonly count: unknown;
  /** What it adds. */
  readonly amount: number | bigint;
  readonly text: string;
}

/** All that a graph has within one second. */
export interface Second {
  /** Whole seconds. */
  readonly second: number;
  /** By time, and then as they arrived. */
  readonly rows: readonly Row[];
  /** Whether the rows are what was sent; else they are what the series holds, which another protocol has written. */
  readonly isListed: boolean;
  /** Points of the series that have no number to show. */
  readonly omitted: number;
}

const lastSecond = 8.64e12;

/**
 * What a graph has in `[start, end)`, second by second. The series says what is there: a second of which the list accounts for its whole value
 * is told row by row; where another protocol has written or deleted, the series is right.
 *
 * @param start whole seconds; may be infinite, as `end`
 */
export async function* readSeconds(graph: Graph, start: number, end: number): AsyncGenerator<Second> {
  const [from, to] = [Math.max(start, -lastSecond), Math.min(end, lastSecond + 1)];
  if (!(from < to)) return;
  if (!graph.hasList) return yield* seriesSeconds(graph, from, to);
  const listed = listedSeconds(graph, from, to);
  let next = await listed.next();
  try {
    for await (const second of seriesSeconds(graph, from, to)) {
      while (!next.done && next.value.second < second.second) next = await listed.next();
      const own = !next.done && next.value.second === second.second ? next.value : undefined;
      yield own !== undefined && accountsFor(own.rows, second) ? own : second;
    }
  } finally {
    await listed.return(undefined);
  }
}

/** Whether the rows add up to what the series has, which then is one point at the whole second. */
function accountsFor(rows: readonly Row[], { second, rows: present, omitted }: Second): boolean {
  const [only, ...others] = present;
  if (only === undefined || others.length > 0 || omitted > 0 || only.time !== second) return false;
  try {
    const sum = rows.reduce<Value>((total, { amount }) => addValues(total, amount), 0);
    return isSameNumber(sum as number | bigint, only.amount);
  } catch {
    return false;
  }
}

/** Sums of fractions depend on the order of adding, which the store may have chosen otherwise. */
function isSameNumber(a: number | bigint, b: number | bigint): boolean {
  if (a === b) return true;
  const [x, y] = [Number(a), Number(b)];
  return !(Number.isInteger(x) && Number.isInteger(y)) && Math.abs(x - y) <= 1e-9 * Math.max(Math.abs(x), Math.abs(y));
}

async function* seriesSeconds({ series, store }: Graph, start: number, end: number): AsyncGenerator<Second> {
  let current: { second: number; rows: Row[]; omitted: number } | undefined;
  for await (const page of pagesOf(store, series, start, end)) {
    for (let place = 0; place < page.length; place++) {
      const time = page.times[place]! / 1000;
      const second = Math.floor(time);
      if (current?.second !== second) {
        if (current !== undefined) yield { ...current, isListed: false };
        current = { second, rows: [], omitted: 0 };
      }
      const amount = numberOf(valueAt(page, place));
      if (amount === undefined) current.omitted++;
      else current.rows.push({ time, count: amount, amount, text: '' });
    }
  }
  if (current !== undefined) yield { ...current, isListed: false };
}

function pagesOf(store: Store, series: string, start: number, end: number): AsyncIterable<PointBatch> {
  return store.read({ series, start: start * 1000, end: end > lastSecond ? undefined : end * 1000 }).pages();
}

/** Booleans are 1 and 0 where numbers are wanted; texts are none. */
function numberOf(value: Value): number | bigint | undefined {
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'string' ? undefined : value;
}

async function* listedSeconds({ id, store }: Graph, start: number, end: number): AsyncGenerator<Second> {
  const lastHour = hourKey(Math.min(end, lastSecond));
  let hour = '';
  let rows: Row[] = [];
  // ids of an hour come after its name
  for await (const record of store.records.list<Json[]>(listCollection(id), { after: hourKey(start) })) {
    const recordHour = hourOf(record.id);
    if (recordHour > lastHour) break;
    if (recordHour !== hour) {
      yield* bySecond(rows, start);
      rows = [];
      hour = recordHour;
    }
    for (const point of record.value) rows.push(toRow(point as { time?: unknown; count?: unknown; text?: unknown }));
  }
  yield* bySecond(rows, start);
}

function toRow({ time, count, text }: { time?: unknown; count?: unknown; text?: unknown }): Row {
  return { time: secondsOf(time), count, amount: amountOf(count), text: textOf(text) };
}

function textOf(text: unknown): string {
  if (text === undefined || text === null) return '';
  return typeof text === 'string' ? text : JSON.stringify(text);
}

/** The rows of one hour, in the order in which they arrived. */
function* bySecond(rows: Row[], start: number): Generator<Second> {
  // sorting keeps the order of equals
  rows.sort((a, b) => a.time - b.time);
  for (const [second, group] of Map.groupBy(rows, ({ time }) => Math.floor(time))) {
    if (second >= start) yield { second, rows: group, isListed: true, omitted: 0 };
  }
}
