import { join } from 'node:path';
import type { Store } from '@anyseries/core';
import { connect } from '@anyseries/sqlite';
import { type BareSqlite, createBareSqlite } from './bare-sqlite.ts';
import { comparePaired, timed } from './measure.ts';
import { pairedRows, type Row, type Suite } from './row.ts';
import { withFolder } from './scratch.ts';
import { sensorBatches, sensorKeys } from './workload.ts';

const hourMs = 3_600_000;

export const suite: Suite = {
  title: 'hourly means of 100 series, computed in @anyseries/sqlite and by a loop over bare rows',
  async *run(size) {
    yield* await withFolder((folder) => hourlyMeans(size, folder));
  },
};

async function hourlyMeans(size: number, folder: string): Promise<Row[]> {
  const database = createBareSqlite(join(folder, 'bare.db'));
  const store: Store = connect({ path: join(folder, 'ours.db') });
  for (const batch of sensorBatches(size)) {
    database.write(batch);
    await store.write(batch);
  }
  const expected = bareMeans(database);
  const check = (means: readonly number[]) => {
    const isSame =
      means.length === expected.length && means.every((mean, i) => Math.abs(mean - expected[i]!) <= 1e-12 * Math.abs(expected[i]!));
    if (!isSame) throw new Error('the hourly means differ');
  };
  const paired = await comparePaired(
    () => timed(() => check(bareMeans(database))),
    () => timed(async () => check(await storeMeans(store))),
  );
  database.close();
  await store.close();
  return pairedRows({ bare: 'hourly mean: bare loop', ours: 'hourly mean: read({ rollup })' }, size, paired);
}

function bareMeans(database: BareSqlite): number[] {
  const means: number[] = [];
  for (const key of sensorKeys) {
    let [hour, sum, count] = [Number.NaN, 0, 0];
    for (const rows of database.read(key, -8.64e15, 8.64e15)) {
      for (const row of rows) {
        const next = Math.floor(row[0] / hourMs);
        if (next !== hour) {
          if (count > 0) means.push(sum / count);
          [hour, sum, count] = [next, 0, 0];
        }
        sum += row[1];
        count++;
      }
    }
    if (count > 0) means.push(sum / count);
  }
  return means;
}

async function storeMeans(store: Store): Promise<number[]> {
  const means: number[] = [];
  for await (const page of store.read({ series: sensorKeys, rollup: { every: '1h', fn: 'mean' } }).pages()) means.push(...page.values);
  return means;
}
