import type { Store } from '@anyseries/core';
import { equal, ok } from './assertion.ts';

const points = 200;
const start = 1_704_067_200_000;

/**
 * Runs in the process that is to be killed: commits transactions that change points, a counter and records together, one after another and
 * without end, and reports how many are done. The killing process counts the reports.
 */
export async function commitUntilKilled(store: Store, acknowledge: (commits: number) => void): Promise<never> {
  for (let commit = 1; ; commit++) {
    await store.transaction((transaction) => {
      transaction.write([{ series: 'left', time: start + commit, value: commit }]);
      transaction.write(Array.from({ length: points }, (_, i) => ({ series: 'many', time: start + commit * points + i, value: commit })));
      transaction.increment([{ series: 'count', time: start, value: 1 }]);
      transaction.records.put('commits', 'last', commit);
      transaction.write([{ series: 'right', time: start + commit, value: commit }]);
    });
    acknowledge(commit);
  }
}

/** Checks that every acknowledged commit is there and each commit is there as a whole. */
export async function checkRemains(store: Store, acknowledged: number): Promise<void> {
  const last = (await store.records.get<number>('commits', 'last'))?.value ?? 0;
  ok(last >= acknowledged, `commit ${acknowledged} was acknowledged; the last one found is ${last}`);
  ok(last <= acknowledged + 1, `at most one commit was under way after ${acknowledged}; the last one found is ${last}`);
  const { values: left } = await store.read({ series: 'left' }).columns();
  const { values: right } = await store.read({ series: 'right' }).columns();
  const { values: many } = await store.read({ series: 'many' }).columns();
  const [count] = await store.read({ series: 'count' }).toArray();
  const expected = Array.from({ length: last }, (_, i) => i + 1);
  equal(Array.from(left), expected, 'the first points of the commits');
  equal(Array.from(right), expected, 'the last points of the commits');
  equal(many.length, last * points, 'the number of points between them');
  equal(count?.value ?? 0, last, 'the counter');
}
