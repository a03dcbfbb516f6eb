import type { Store } from '@anyseries/core';
import { connect } from '@anyseries/memory';
import { comparePaired, timed } from './measure.ts';
import { pairedRows, type Suite } from './row.ts';
import { type SensorPoint, sensorBatches, sensorKeys, sumOfValues } from './workload.ts';

/** The least that a store in memory can be: per series, two arrays that grow. */
type BareStore = Map<string, { times: number[]; values: number[] }>;

export const suite: Suite = {
  title: '@anyseries/memory and bare arrays in a Map (for information)',
  async *run(size) {
    const batches = [...sensorBatches(size)];
    const expected = sumOfValues(batches);
    const check = (sum: number) => {
      if (Math.abs(sum - expected) > 1e-9 * expected) throw new Error(`the values read add up to ${sum}, those written to ${expected}`);
    };
    const writes = await comparePaired(
      () => timed(() => void fillBare(batches)),
      async () => {
        const store = connect();
        const timing = await timed(() => fill(store, batches));
        await store.close();
        return timing;
      },
    );
    yield* pairedRows({ bare: 'write: bare', ours: 'write: sink.write' }, size, writes);

    const bare = fillBare(batches);
    const store: Store = connect();
    await fill(store, batches);
    const reads = await comparePaired(
      () => timed(() => check(sumBare(bare))),
      () => timed(async () => check(await sumPages(store))),
    );
    yield* pairedRows({ bare: 'range read: bare', ours: 'range read: pages()' }, size, reads);
    await store.close();
  },
};

function fillBare(batches: readonly SensorPoint[][]): BareStore {
  const bare: BareStore = new Map();
  for (const batch of batches) {
    for (const { series, time, value } of batch) {
      const columns = bare.get(series);
      if (columns === undefined) {
        bare.set(series, { times: [time], values: [value] });
        continue;
      }
      columns.times.push(time);
      columns.values.push(value);
    }
  }
  return bare;
}

async function fill(store: Store, batches: readonly SensorPoint[][]): Promise<void> {
  for (const batch of batches) await store.write(batch);
}

function sumBare(bare: BareStore): number {
  let sum = 0;
  for (const { values } of bare.values()) for (const value of values) sum += value;
  return sum;
}

async function sumPages(store: Store): Promise<number> {
  let sum = 0;
  for (const key of sensorKeys) {
    for await (const page of store.read({ series: key }).pages()) for (let row = 0; row < page.length; row++) sum += page.values[row]!;
  }
  return sum;
}
