import { openDatabase } from '../packages/sqlite/src/schema.ts';
import { pointsPerBatch, type SensorPoint, sensorKeys } from './workload.ts';

/** The tables and settings of `@anyseries/sqlite`, used with nothing but prepared statements, on the main thread. */
export interface BareSqlite {
  /** One transaction; one `run()` per point, in the order in which they come. */
  write(points: readonly SensorPoint[]): void;
  /** Pages of `[time, value]` of one series in `[start, end)`. */
  read(key: string, start: number, end: number): Generator<BareRow[]>;
  close(): void;
}

export type BareRow = [time: number, value: number];

export function createBareSqlite(path: string): BareSqlite {
  const database = openDatabase({ path, synchronous: 'full', busyTimeoutMs: 5000 });
  const insertSeries = database.prepare('INSERT INTO series (key) VALUES (?)');
  const ids = new Map(sensorKeys.map((key) => [key, Number(insertSeries.run(key).lastInsertRowid)]));
  const insert = database.prepare(
    'INSERT INTO point (series, time, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  );
  const page = database.prepare(
    `SELECT time, value FROM point WHERE series = ? AND time > ? AND time < ? ORDER BY time LIMIT ${pointsPerBatch}`,
  );
  page.setReturnArrays(true);

  return {
    write(points) {
      database.exec('BEGIN IMMEDIATE');
      for (const { series, time, value } of points) insert.run(ids.get(series)!, time, value);
      database.exec('COMMIT');
    },
    *read(key, start, end) {
      const id = ids.get(key)!;
      let after = start - 1;
      while (true) {
        const rows = page.all(id, after, end) as unknown as BareRow[];
        if (rows.length > 0) yield rows;
        if (rows.length < pointsPerBatch) return;
        after = rows.at(-1)![0];
      }
    },
    close: () => database.close(),
  };
}
