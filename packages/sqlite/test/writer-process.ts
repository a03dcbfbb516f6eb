import { writeSync } from 'node:fs';
import { connect } from '@anyseries/sqlite';

/** Writes until it is killed, several calls at a time, and says each acknowledged one on a line: `w` a batch of points, `t` a transaction. */
const [path, from] = [process.argv[2]!, Number(process.argv[3])];
const store = connect({ path });

async function writeBatches(lane: number): Promise<never> {
  for (let i = from; ; i++) {
    const points = Array.from({ length: 50 }, (_, p) => ({ series: `batch-${lane}-${p}`, time: i, value: i + p / 100 }));
    await store.write(points);
    writeSync(1, `w ${lane} ${i}\n`);
  }
}

async function runTransactions(): Promise<never> {
  while (true) {
    const count = await store.transaction(async ({ records, write, increment }) => {
      const next = ((await records.get<number>('counts', 'transactions'))?.value ?? 0) + 1;
      records.put('counts', 'transactions', next);
      write([
        { series: 'left', time: next, value: next },
        { series: 'right', time: next, value: -next },
      ]);
      increment([{ series: 'total', time: 0, value: 1 }]);
      return next;
    });
    writeSync(1, `t 0 ${count}\n`);
  }
}

await Promise.all([writeBatches(0), writeBatches(1), writeBatches(2), runTransactions()]);
