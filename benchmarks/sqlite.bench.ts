import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Store } from '@anyseries/core';
import { connect } from '@anyseries/sqlite';
import { type BareSqlite, createBareSqlite } from './bare-sqlite.ts';
import type { ManyPointsReport } from './many-points.ts';
import { comparePaired, type Run, repeat, timed } from './measure.ts';
import { memoryRow, pairedRows, type Row, rateRow, type Suite } from './row.ts';
import { withFolder } from './scratch.ts';
import { pointsPerBatch, type SensorPoint, sensorBatches, sensorKeys, sumOfValues } from './workload.ts';

export const suite: Suite = {
  title: `@anyseries/sqlite and bare prepared statements on the same table; 100 series, ${pointsPerBatch.toLocaleString('en')} points a batch`,
  async *run(size) {
    const batches = [...sensorBatches(size)];
    yield* writes(size, batches);
    yield* reads(size, batches);
    yield* manyPoints(size * 10);
  },
};

async function* writes(size: number, batches: readonly SensorPoint[][]): AsyncGenerator<Row> {
  const bare: Run = () =>
    withFolder(async (folder) => {
      const database = createBareSqlite(join(folder, 'bare.db'));
      const timing = await timed(() => batches.forEach(database.write));
      database.close();
      return timing;
    });
  const ours: Run = () =>
    withFolder(async (folder) => {
      const store = connect({ path: join(folder, 'ours.db') });
      await store.check();
      const timing = await timed(async () => {
        for (const batch of batches) await store.write(batch);
      });
      await store.close();
      return timing;
    });
  yield* pairedRows({ bare: 'write: bare, one run() per point', ours: 'write: sink.write' }, size, await comparePaired(bare, ours), 0.6);
}

async function* reads(size: number, batches: readonly SensorPoint[][]): AsyncGenerator<Row> {
  const expected = sumOfValues(batches);
  const start = batches[0]![0]!.time;
  const end = batches.at(-1)!.at(-1)!.time + 1;
  yield* await withFolder(async (folder) => {
    const database = createBareSqlite(join(folder, 'bare.db'));
    const store: Store = connect({ path: join(folder, 'ours.db') });
    for (const batch of batches) {
      database.write(batch);
      await store.write(batch);
    }
    const everySeries = (sumOne: (key: string) => Promise<number> | number): Run => {
      return () =>
        timed(async () => {
          let sum = 0;
          for (const key of sensorKeys) sum += await sumOne(key);
          if (Math.abs(sum - expected) > 1e-9 * expected) throw new Error(`the values read add up to ${sum}, those written to ${expected}`);
        });
    };
    const query = (key: string) => ({ series: key, start, end });
    const bare = everySeries((key) => sumBare(database, key, start, end));
    const pages = everySeries((key) => sumPages(store, query(key)));
    const rows = [
      ...pairedRows({ bare: 'range read: bare, rows as arrays', ours: 'range read: pages()' }, size, await comparePaired(bare, pages), 0.5),
      rateRow(
        'range read: pages(), all series in one query',
        size,
        await repeat(() => timed(async () => void (await sumPages(store, { series: sensorKeys, start, end })))),
      ),
      rateRow(
        'range read: columns()',
        size,
        await repeat(everySeries(async (key) => sumOf((await store.read(query(key)).columns()).values))),
      ),
      rateRow('range read: for await (point of ...)', size, await repeat(everySeries((key) => sumPoints(store, query(key))))),
      rateRow(
        'range read: toArray()',
        size,
        await repeat(
          everySeries(async (key) => (await store.read(query(key)).toArray()).reduce((sum, point) => sum + (point.value as number), 0)),
        ),
      ),
    ];
    database.close();
    await store.close();
    return rows;
  });
}

function sumBare(database: BareSqlite, key: string, start: number, end: number): number {
  let sum = 0;
  for (const rows of database.read(key, start, end)) for (const row of rows) sum += row[1];
  return sum;
}

type Query = Parameters<Store['read']>[0];

async function sumPages(store: Store, query: Query): Promise<number> {
  let sum = 0;
  for await (const page of store.read(query).pages()) for (let row = 0; row < page.length; row++) sum += page.values[row]!;
  return sum;
}

async function sumPoints(store: Store, query: Query): Promise<number> {
  let sum = 0;
  for await (const point of store.read(query)) sum += point.value as number;
  return sum;
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}

/** In fresh processes, so that nothing else counts. */
async function* manyPoints(total: number): AsyncGenerator<Row> {
  yield* await withFolder(async (folder) => {
    const path = join(folder, 'many.db');
    const written = await runManyPoints('write', path, total);
    const read = await runManyPoints('read', path, total);
    const many = `${total.toLocaleString('en')} points`;
    return [
      rateRow(`${many}: write`, total, [written]),
      memoryRow(`${many}: peak memory while writing`, written.peakBytes, 400),
      rateRow(`${many}: read`, total, [read]),
      memoryRow(`${many}: peak memory while reading`, read.peakBytes, 400),
      memoryRow(`${many}: reading, above idle`, read.peakBytes - read.idleBytes, 200),
    ];
  });
}

async function runManyPoints(task: 'write' | 'read', path: string, total: number): Promise<ManyPointsReport> {
  const program = join(import.meta.dirname, 'many-points.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=anyseries-source',
    '--expose-gc',
    program,
    task,
    path,
    String(total),
  ]);
  return JSON.parse(stdout);
}
