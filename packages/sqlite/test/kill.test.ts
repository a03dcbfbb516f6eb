import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { connect, type SqliteStore } from '@anyseries/sqlite';
import { expect, test } from 'vitest';
import { temporaryPath } from './temporary-folder.ts';

const kills = Number(process.env.ANYSERIES_KILLS || 5);
const writer = fileURLToPath(new URL('./writer-process.ts', import.meta.url));

interface Acknowledged {
  /** Per lane, the times whose batches were acknowledged. */
  readonly batches: Map<number, Set<number>>;
  transactions: number;
}

/** Runs the writer and kills it with SIGKILL after so many acknowledgements. */
async function writeAndKill(path: string, from: number, until: number, acknowledged: Acknowledged): Promise<void> {
  const child = spawn(process.execPath, ['--conditions=anyseries-source', writer, path, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let lines = 0;
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const complete = (rest + text).split('\n');
    rest = complete.pop()!;
    for (const line of complete) {
      const [kind, lane, number] = line.split(' ');
      if (kind === 't') acknowledged.transactions = Number(number);
      else acknowledged.batches.set(Number(lane), (acknowledged.batches.get(Number(lane)) ?? new Set()).add(Number(number)));
      if (++lines === until) child.kill('SIGKILL');
    }
  });
  const [, signal] = await once(child, 'close');
  expect(signal).toBe('SIGKILL');
}

async function expectBatches(store: SqliteStore, acknowledged: Acknowledged): Promise<void> {
  for (const [lane, times] of acknowledged.batches) {
    const points = new Map<number, number>();
    const keys = Array.from({ length: 50 }, (_, p) => `batch-${lane}-${p}`);
    for await (const { time } of store.read({ series: keys })) points.set(time, (points.get(time) ?? 0) + 1);
    expect([...points.values()].filter((count) => count !== 50)).toEqual([]);
    expect([...times].filter((time) => !points.has(time))).toEqual([]);
  }
}

async function expectTransactions(store: SqliteStore, acknowledged: Acknowledged): Promise<void> {
  const count = (await store.records.get<number>('counts', 'transactions'))?.value ?? 0;
  expect(count).toBeGreaterThanOrEqual(acknowledged.transactions);
  const [left, right] = [await store.read({ series: 'left' }).columns(), await store.read({ series: 'right' }).columns()];
  const all = Array.from({ length: count }, (_, i) => i + 1);
  expect([...left.times]).toEqual(all);
  expect([...left.values]).toEqual(all);
  expect([...right.values]).toEqual(all.map((value) => -value));
  expect((await store.latest('total'))?.value ?? 0).toBe(count);
}

test(`a process killed ${kills} times in the middle of its writes loses nothing that was acknowledged and leaves nothing half done`, {
  timeout: 20_000 + kills * 10_000,
}, async () => {
  const path = temporaryPath();
  const acknowledged: Acknowledged = { batches: new Map(), transactions: 0 };
  for (let kill = 0; kill < kills; kill++) {
    await writeAndKill(path, kill * 1_000_000, 40 + ((kill * 37) % 160), acknowledged);
    const store = connect({ path });
    await expectBatches(store, acknowledged);
    await expectTransactions(store, acknowledged);
    await store.close();
    const database = new DatabaseSync(path, { readOnly: true });
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    database.close();
  }
  expect(acknowledged.transactions).toBeGreaterThan(0);
});
