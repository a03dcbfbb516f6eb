import type { DatabaseSync } from 'node:sqlite';
import { AnySeriesError, isAnySeriesError, type Value } from '@anyseries/core';
import { addIntegers, addValues } from '@anyseries/core/provider';
import type { WireBatch } from './protocol.ts';
import { decodeValue, encodeValue } from './value-codec.ts';

/** A row as `setReturnArrays` gives it: time and stored value. */
export type PointRow = readonly [time: number, value: number | bigint | string | Uint8Array];

/** Points by series (its number in the file) and time. */
export interface PointTable {
  write(batch: WireBatch, ids: readonly number[]): void;
  /** Adds the values, cut to integers if so wanted; answers the batch with the sums in their place. @throws AnySeriesError `conflict` with the rows as `indices` */
  increment(batch: WireBatch, ids: readonly number[], truncate: boolean): WireBatch;
  /** `start` = `end` is one instant. */
  delete(id: number, start: number, end: number): void;
  deleteAll(id: number): void;
  /** At most `limit` points of `[start, end)`, or of `(start, end)` where `after`. */
  page(id: number, start: number, end: number, after: boolean, limit: number): readonly PointRow[];
  /** The same from the end. */
  pageBack(id: number, start: number, end: number, limit: number): readonly PointRow[];
}

export function createPointTable(database: DatabaseSync): PointTable {
  const put = database.prepare('INSERT INTO point (series, time, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value');
  const get = reading('SELECT time, value FROM point WHERE series = ? AND time = ?');
  const from = reading('SELECT time, value FROM point WHERE series = ? AND time >= ? AND time < ? ORDER BY time LIMIT ?');
  const beyond = reading('SELECT time, value FROM point WHERE series = ? AND time > ? AND time < ? ORDER BY time LIMIT ?');
  const back = reading('SELECT time, value FROM point WHERE series = ? AND time >= ? AND time < ? ORDER BY time DESC LIMIT ?');
  const deleteInstant = database.prepare('DELETE FROM point WHERE series = ? AND time = ?');
  const deleteRange = database.prepare('DELETE FROM point WHERE series = ? AND time >= ? AND time < ?');
  const deleteSeries = database.prepare('DELETE FROM point WHERE series = ?');

  function reading(sql: string) {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    statement.setReadBigInts(true);
    return statement;
  }

  return {
    write({ series, times, values, others }, ids) {
      const order = orderBySeries(series, ids.length);
      for (let i = 0; i < times.length; i++) {
        const row = order === undefined ? i : order[i]!;
        const value = values[row]!;
        put.run(ids[series[row]!]!, times[row]!, Number.isNaN(value) ? encodeValue(others.get(row)!) : value);
      }
    },
    increment(batch, ids, truncate) {
      const add = truncate ? addIntegers : addValues;
      const { keys, series, times, values } = batch;
      const sums = new Float64Array(times.length);
      const others = new Map<number, Exclude<Value, number>>();
      const refused: number[] = [];
      let problem = '';
      for (let row = 0; row < times.length; row++) {
        const id = ids[series[row]!]!;
        const amount = values[row]!;
        const present = get.get(id, times[row]!) as PointRow | undefined;
        try {
          const sum = add(present === undefined ? 0 : decodeValue(present[1]), Number.isNaN(amount) ? batch.others.get(row)! : amount);
          put.run(id, times[row]!, sum);
          if (typeof sum === 'number') {
            sums[row] = sum;
          } else {
            sums[row] = Number.NaN;
            others.set(row, sum);
          }
        } catch (error) {
          if (!isAnySeriesError(error)) throw error;
          problem ||= error.message;
          refused.push(row);
        }
      }
      if (refused.length > 0) throw new AnySeriesError('conflict', problem, { indices: refused, provider: 'sqlite' });
      return { keys, series, times, values: sums, others };
    },
    delete(id, start, end) {
      if (start === end) deleteInstant.run(id, start);
      else deleteRange.run(id, start, end);
    },
    deleteAll(id) {
      deleteSeries.run(id);
    },
    page: (id, start, end, after, limit) => (after ? beyond : from).all(id, start, end, limit) as unknown as readonly PointRow[],
    pageBack: (id, start, end, limit) => back.all(id, start, end, limit) as unknown as readonly PointRow[],
  };
}

/** The rows grouped by series, in their order within each: neighbours in the file are written together. `undefined`: they are already. */
function orderBySeries(series: Uint32Array, count: number): Uint32Array | undefined {
  if (count < 2 || isGrouped(series)) return undefined;
  const places = new Uint32Array(count + 1);
  for (let row = 0; row < series.length; row++) places[series[row]! + 1]!++;
  for (let i = 0; i < count; i++) places[i + 1]! += places[i]!;
  const order = new Uint32Array(series.length);
  for (let row = 0; row < series.length; row++) order[places[series[row]!]!++] = row;
  return order;
}

function isGrouped(series: Uint32Array): boolean {
  for (let row = 1; row < series.length; row++) if (series[row]! < series[row - 1]!) return false;
  return true;
}
