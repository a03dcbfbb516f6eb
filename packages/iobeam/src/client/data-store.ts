import { type Clock, systemClock, type TimeInput, toTime, type Value } from '@anyseries/core';
import { checkObject, invalid, show } from '@anyseries/core/provider';
import { firstTime, fromMicroseconds, lastTime, type TimeUnit, toMicroseconds } from '../wire/time.ts';
import { cellOf, checkColumns, checkName } from './import-calls.ts';
import type { DataSeries, DataStore } from './model.ts';

/** A row that waits. A cell that is stored, or that never had a value, is `null`. */
export interface Row {
  /** Epoch milliseconds. */
  readonly time: number;
  readonly values: (Value | null)[];
}

const rowsByStore = new WeakMap<DataStore, Row[]>();

/**
 * Rows of several streams at the same times. A client sends it as a table, once it was told of it by `addDataStore`.
 *
 * @throws AnySeriesError `invalid` for names that no stream can have, or that are the same but for the case of their letters
 */
export function dataStore(columns: readonly string[]): DataStore {
  return createDataStore(columns, systemClock);
}

export function createDataStore(given: readonly string[], clock: Clock): DataStore {
  const columns = checkColumns(given, 'columns');
  if (columns.length === 0) throw invalid('columns', 'a data store has at least one column');
  const rows: Row[] = [];
  const store: DataStore = {
    columns,
    get size() {
      return rows.reduce((sum, { values }) => sum + values.filter((value) => value !== null).length, 0);
    },
    add(time, values) {
      const cells = checkObject(values, columns, 'values');
      const row = columns.map((column) => (Object.hasOwn(cells, column) ? cellOf(cells[column], `values.${column}`) : null));
      rows.push({ time: checkedTime(time, clock), values: row });
    },
  };
  rowsByStore.set(store, rows);
  return store;
}

/** The rows that wait in a store; they may be changed. @throws AnySeriesError `invalid` */
export function rowsOf(store: DataStore): Row[] {
  const rows = rowsByStore.get(store);
  if (rows === undefined) throw invalid('store', `${show(store)} is no data store: make it by dataStore() or createDataStore()`);
  return rows;
}

/** A time that is kept to the microsecond; left out, it is now. @throws AnySeriesError `invalid` */
export function checkedTime(time: TimeInput | undefined, clock: Clock): number {
  const told = time === undefined ? clock.now() : toTime(time, 'time');
  if (told >= firstTime && told <= lastTime) return told;
  throw invalid('time', `${show(told)} is outside of what the service keeps (${firstTime} to ${lastTime})`);
}

/** Epoch milliseconds of a time in another unit. @throws AnySeriesError `invalid` */
export function timestamp(value: number, unit: TimeUnit): number {
  const perUnit = { sec: 1_000_000, msec: 1000, usec: 1 }[unit];
  if (!Number.isFinite(value) || perUnit === undefined)
    throw invalid('timestamp', `${show(value)} ${show(unit)} is no time in sec, msec or usec`);
  return fromMicroseconds(Math.floor(value * perUnit));
}

/** A series of values that are evenly spread from `start` to `end`, both included. @throws AnySeriesError `invalid` */
export function uniformSeries(name: string, start: TimeInput, end: TimeInput, values: readonly Value[]): DataSeries {
  const [from, to] = [toTime(start, 'start'), toTime(end, 'end')];
  if (to <= from) throw invalid('end', `${show(to)} is not after start (${from})`);
  const step = values.length > 1 ? (to - from) / (values.length - 1) : 0;
  const points = values.map((value, i) => ({ time: fromMicroseconds(Math.floor(toMicroseconds(from) + i * step * 1000)), value }));
  return { name: checkName(name, 'name'), points };
}
