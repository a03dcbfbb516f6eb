import type { Transaction } from '@anyseries/core';
import { equal, fail, ok } from '../assertion.ts';
import { type Case, defineCase } from '../case.ts';
import { checkRemains } from '../crash.ts';
import { epoch, type World } from '../world.ts';

const at = (i: number) => epoch + i * 1000;

/** A change of everything that a transaction can change. */
async function changeEverything(transaction: Transaction): Promise<void> {
  transaction.write([0, 1, 2].map((i) => ({ series: 'alpha', time: at(i), value: i })));
  transaction.increment([{ series: 'counter', time: at(0), value: 1 }]);
  transaction.putSeries({ key: 'described', tags: ['x'] });
  transaction.records.put('things', 'new', 1);
  transaction.records.delete('things', 'old');
  transaction.delete({ series: 'beta', start: at(0), end: at(1) });
}

async function prepare(world: World): Promise<void> {
  await world.store.records.put('things', 'old', 1);
  await world.write([0, 1].map((i) => ({ series: 'beta', time: at(i), value: i })));
}

async function checkUnchanged(world: World): Promise<void> {
  equal(await world.readSeries('alpha'), [], 'the points');
  equal(await world.readSeries('counter'), [], 'the counter');
  equal((await world.readSeries('beta')).length, 2, 'the number of points to be deleted');
  equal(await world.source.series({ keys: ['described'] }).toArray(), [], 'the series to be put');
  equal(await world.store.records.get('things', 'new'), undefined, 'the record to be put');
  equal((await world.store.records.get('things', 'old'))?.value, 1, 'the record to be deleted');
}

/** Transactions: everything or nothing, and no update is lost. */
export const transactionCases: readonly Case[] = [
  defineCase('points, increments, deletes, series and records commit together', ['store'], async (world) => {
    await prepare(world);
    equal(
      await world.store.transaction(async (transaction) => {
        await changeEverything(transaction);
        return 'the answer';
      }),
      'the answer',
    );
    equal(await world.readSeries('alpha'), [
      [at(0), 0],
      [at(1), 1],
      [at(2), 2],
    ]);
    equal(await world.readSeries('counter'), [[at(0), 1]]);
    equal(await world.readSeries('beta'), [[at(1), 1]]);
    equal((await world.source.series({ tags: ['x'] }).toArray()).length, 1, "the number of series tagged 'x'");
    equal((await world.store.records.get('things', 'new'))?.value, 1);
    equal(await world.store.records.get('things', 'old'), undefined);
  }),

  defineCase('work that throws leaves nothing, and its error comes back', ['store'], async (world) => {
    await prepare(world);
    const own = new Error('the work has a problem');
    let thrown: unknown;
    await world.store
      .transaction(async (transaction) => {
        await changeEverything(transaction);
        throw own;
      })
      .catch((error: unknown) => {
        thrown = error;
      });
    ok(
      thrown === own || (thrown as Error | undefined)?.cause === own,
      'the error of the work comes back, or is the cause of what comes back',
    );
    await checkUnchanged(world);
  }),

  defineCase('a conflict of the last change leaves nothing of those before', ['store'], async (world) => {
    await prepare(world);
    await world.failure('conflict', () =>
      world.store.transaction(async (transaction) => {
        await changeEverything(transaction);
        transaction.records.put('things', 'old too', 1, { ifVersion: 12_345 });
      }),
    );
    await checkUnchanged(world);
  }),

  defineCase('an increment that cannot be added leaves nothing of the transaction', ['store'], async (world) => {
    await prepare(world);
    await world.write([{ series: 'text', time: at(0), value: 'no number' }]);
    await world.failure('conflict', () =>
      world.store.transaction(async (transaction) => {
        await changeEverything(transaction);
        transaction.increment([{ series: 'text', time: at(0), value: 1 }]);
        transaction.records.put('things', 'last', 1);
      }),
    );
    await checkUnchanged(world);
    equal(await world.store.records.get('things', 'last'), undefined, 'the record behind the increment');
  }),

  defineCase('an increment that truncates cuts both summands toward zero and adds them as integers', ['store'], async (world) => {
    const values = [0.9, -3.7, 41, 2 ** 53, 2n ** 63n - 3n];
    await world.write(values.map((value, i) => ({ series: 'counter', time: at(i), value })));
    await world.store.transaction((transaction) =>
      transaction.increment(
        [-0.9, 2.5, 1.999, 1.5, 2.5, 4.164].map((value, i) => ({ series: 'counter', time: at(i), value })),
        { truncate: true },
      ),
    );
    equal(await world.readSeries('counter'), [
      [at(0), 0],
      [at(1), -1],
      [at(2), 42],
      [at(3), 2n ** 53n + 1n],
      [at(4), 2n ** 63n - 1n],
      [at(5), 4],
    ]);
  }),

  defineCase(
    'an increment that truncates is a conflict outside 64 bits and over texts, with the indices of the points',
    ['store'],
    async (world) => {
      await world.write([
        { series: 'counter', time: at(0), value: 1 },
        { series: 'counter', time: at(1), value: 'no number' },
        { series: 'counter', time: at(2), value: 1e300 },
        { series: 'counter', time: at(3), value: 2n ** 63n - 1n },
      ]);
      const points = Array.from({ length: 12_000 }, (_, i) => ({ series: i % 2 === 0 ? 'counter' : 'other', time: at(i), value: 0 }));
      for (const i of [1, 2, 3]) points.push({ series: 'counter', time: at(i), value: 1 });
      const error = await world.failure('conflict', () =>
        world.store.transaction((transaction) => transaction.increment(points, { truncate: true })),
      );
      equal(error.indices, [2, 12_000, 12_001, 12_002], 'the indices');
      equal((await world.readSeries('other')).length, 0, 'the number of points of the other series');
    },
  ),

  defineCase('a rejected point leaves nothing of the transaction', ['store'], async (world) => {
    await prepare(world);
    await world.failure('invalid', () =>
      world.store.transaction(async (transaction) => {
        await changeEverything(transaction);
        transaction.write([
          { series: 'alpha', time: at(5), value: 5 },
          { series: 'alpha', time: at(6), value: Number.NaN },
        ]);
      }),
    );
    await checkUnchanged(world);
  }),

  defineCase('a transaction reads its own puts and deletes, which others do not see before the end', ['store'], async (world) => {
    const { store } = world;
    await store.records.put('things', 'old', 1);
    await store.transaction(async ({ records }) => {
      equal(await records.get('things', 'new'), undefined, 'a record that is not there yet');
      records.put('things', 'new', 2);
      records.delete('things', 'old');
      equal((await records.get('things', 'new'))?.value, 2, 'its own put');
      equal(await records.get('things', 'old'), undefined, 'its own delete');
      equal(await store.records.get('things', 'new'), undefined, 'the put, seen from outside');
      equal((await store.records.get('things', 'old'))?.value, 1, 'the delete, seen from outside');
    });
    equal((await store.records.get('things', 'new'))?.value, 2, 'the put, after the end');
  }),

  defineCase('50 transactions at once that change one record are all counted', ['store'], async (world) => {
    const { store } = world;
    await store.records.put('counters', 'a', 0);
    const changes = Array.from({ length: 50 }, (_, i) =>
      store.transaction(async ({ records, increment }) => {
        const present = await records.get<number>('counters', 'a');
        records.put('counters', 'a', (present?.value ?? fail('the record is there')) + 1);
        increment([{ series: 'count', time: at(0), value: 1 }]);
        return i;
      }),
    );
    equal(await Promise.all(changes), Array.from(changes.keys()), 'the answers');
    equal((await store.records.get('counters', 'a'))?.value, 50, 'the record');
    equal(await world.readSeries('count'), [[at(0), 50]], 'the increments beside it');
  }),

  defineCase('50 transactions at once that create one record make one', ['store'], async (world) => {
    const { store } = world;
    const made = Array.from({ length: 50 }, (_, i) =>
      store.transaction(async ({ records }) => {
        const present = await records.get<number>('ids', 'next');
        if (present !== undefined) return present.value;
        records.put('ids', 'next', i);
        return i;
      }),
    );
    const answers = new Set(await Promise.all(made));
    equal(answers.size, 1, 'the number of different answers');
  }),

  defineCase('work runs again when another commit has changed what it has read', ['store'], async (world) => {
    const { store } = world;
    await store.records.put('things', 'a', 1);
    let runs = 0;
    const answer = await store.transaction(async ({ records }) => {
      runs++;
      const present = await records.get<number>('things', 'a');
      if (runs === 1) await store.records.put('things', 'a', 10);
      records.put('things', 'b', present!.value + 1);
      return present!.value;
    });
    equal(runs, 2, 'the number of runs');
    equal(answer, 10, 'the answer of the run that was committed');
    equal((await store.records.get('things', 'b'))?.value, 11);
  }),

  defineCase('a record that was not there when it was read must still not be there', ['store'], async (world) => {
    const { store } = world;
    let runs = 0;
    const answer = await store.transaction(async ({ records }) => {
      runs++;
      const present = await records.get<number>('things', 'a');
      if (runs === 1) await store.records.put('things', 'a', 5);
      records.put('things', 'b', 1);
      return present?.value ?? 'none';
    });
    equal([runs, answer], [2, 5], '[runs, answer]');
  }),

  defineCase('an expired record is none for a transaction', ['store'], async (world) => {
    const { store } = world;
    await store.records.put('nonces', 'a', 1, { expiresAt: world.clock.now() + 1000 });
    await world.clock.advance(1000);
    await store.transaction(async ({ records }) => {
      equal(await records.get('nonces', 'a'), undefined);
      records.put('nonces', 'a', 2, { ifVersion: null });
    });
    equal((await store.records.get('nonces', 'a'))?.value, 2);
  }),

  defineCase('a transaction without changes succeeds', ['store'], async (world) => {
    equal(await world.store.transaction(() => 5), 5);
  }),

  defineCase('an aborted transaction leaves nothing', ['store'], async (world) => {
    await prepare(world);
    await world.failure('aborted', () => world.store.transaction(changeEverything, { signal: AbortSignal.abort() }));
    await checkUnchanged(world);
  }),

  defineCase('close() waits for a transaction under way', ['store', 'reopen'], async (world) => {
    const commit = world.store.transaction(changeEverything);
    const closed = world.store.close();
    await commit;
    await closed;
    const again = world.use(await world.subject.reopen!(world.provider, world.options));
    equal((await again.read({ series: 'alpha' }).toArray()).length, 3, 'the number of points');
  }),

  defineCase('a killed process leaves every acknowledged commit, whole, and no half of another', ['store', 'crash'], async (world) => {
    const { store, acknowledged } = await world.subject.crash!(world.options);
    world.use(store);
    await checkRemains(store, acknowledged);
  }),
];
