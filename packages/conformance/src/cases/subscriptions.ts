import type { Point, Subscription } from '@anyseries/core';
import { equal, fail } from '../assertion.ts';
import { type Case, defineCase, type Need } from '../case.ts';
import { nextTurn } from '../virtual-clock.ts';
import { epoch } from '../world.ts';

const needs: readonly Need[] = ['write', 'read.subscribe'];
const at = (i: number) => epoch + i * 1000;

/** The next points of a subscription, gaps left out. */
async function take(subscription: Subscription, count: number): Promise<Point[]> {
  const points: Point[] = [];
  if (count === 0) return points;
  for await (const item of subscription) {
    if ('gap' in item) continue;
    points.push(item);
    if (points.length === count) return points;
  }
  return fail(`the subscription ended after ${points.length} of ${count} points`);
}

/** All that comes until the subscription ends. */
async function drain(subscription: Subscription): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const item of subscription) if (!('gap' in item)) values.push(item.value);
  return values;
}

/** Lets what the backend does beside its answers happen. */
async function someTurns(): Promise<void> {
  for (let i = 0; i < 20; i++) await nextTurn();
}

/** Live points. */
export const subscriptionCases: readonly Case[] = [
  defineCase('a subscription gives the points that are stored after the call, in order', needs, async (world) => {
    await world.write([{ series: 'alpha', time: at(0), value: 0 }]);
    const subscription = world.source.subscribe();
    const taken = take(subscription, 30);
    await someTurns();
    for (let i = 1; i <= 10; i++)
      await world.sink.write([i, i + 100, i + 200].map((value) => ({ series: 'alpha', time: at(value), value })));
    const expected = Array.from({ length: 10 }, (_, i) => [i + 1, i + 101, i + 201]).flat();
    equal(
      await taken,
      expected.map((value) => ({ series: 'alpha', time: at(value), value })),
    );
  }),

  defineCase('a subscription gives only the series of its filter', needs, async (world) => {
    const byName = world.source.subscribe({ name: 'cpu' });
    const byKey = world.source.subscribe({ keys: ['disk'] });
    const takenByName = take(byName, 3);
    const takenByKey = take(byKey, 1);
    await someTurns();
    await world.write(
      ['cpu{host="a"}', 'memory', 'cpu{host="b"}', 'disk', 'cpu'].map((series, value) => ({ series, time: at(value), value })),
    );
    equal(
      (await takenByName).map(({ series }) => series),
      ['cpu{host="a"}', 'cpu{host="b"}', 'cpu'],
      "the series with the name 'cpu'",
    );
    equal(
      (await takenByKey).map(({ series }) => series),
      ['disk'],
      "the series with the key 'disk'",
    );
  }),

  defineCase('every subscription gets every point', needs, async (world) => {
    const taken = [0, 1, 2].map(() => take(world.source.subscribe(), 5));
    await someTurns();
    await world.write([0, 1, 2, 3, 4].map((value) => ({ series: 'alpha', time: at(value), value })));
    for (const points of taken)
      equal(
        (await points).map(({ value }) => value),
        [0, 1, 2, 3, 4],
      );
  }),

  defineCase('closing a subscription ends its loop', needs, async (world) => {
    const subscription = world.source.subscribe();
    const drained = drain(subscription);
    await someTurns();
    await world.write([{ series: 'alpha', time: at(0), value: 1 }]);
    await someTurns();
    await subscription.close();
    await subscription.close();
    await world.write([{ series: 'alpha', time: at(1), value: 2 }]);
    equal(await drained, [1]);
  }),

  defineCase('breaking out of a subscription ends it, and the source goes on', needs, async (world) => {
    const subscription = world.source.subscribe();
    const taken = take(subscription, 1);
    await someTurns();
    await world.write([0, 1, 2].map((value) => ({ series: 'alpha', time: at(value), value })));
    equal((await taken).length, 1);
    equal(await drain(subscription), [], 'what comes after the break');
    equal((await world.readSeries('alpha')).length, 3, 'the number of stored points');
  }),

  defineCase('an aborted subscription ends with an aborted error', needs, async (world) => {
    const controller = new AbortController();
    const drained = world.failure('aborted', () => drain(world.source.subscribe({}, { signal: controller.signal })));
    await someTurns();
    controller.abort();
    await drained;
    await world.failure('aborted', () => drain(world.source.subscribe({}, { signal: AbortSignal.abort() })));
  }),

  defineCase('closing the provider ends its subscriptions', needs, async (world) => {
    const drained = drain(world.source.subscribe());
    await someTurns();
    await world.provider.close();
    equal(await drained, []);
  }),

  defineCase(
    'values come as they are stored',
    [...needs, 'values=number', 'values=bigint', 'values=string', 'values=boolean', 'times=us'],
    async (world) => {
      const values = [-0, 2n ** 53n + 1n, 'text', true, 0.1];
      const taken = take(world.source.subscribe(), values.length);
      await someTurns();
      await world.write(values.map((value, i) => ({ series: 'alpha', time: at(i) + 0.001, value })));
      equal(
        (await taken).map(({ time, value }) => [time, value]),
        values.map((value, i) => [at(i) + 0.001, value]),
      );
    },
  ),

  defineCase('an increment is announced with the sum', [...needs, 'write.increment'], async (world) => {
    await world.write([{ series: 'alpha', time: at(0), value: 40 }]);
    const taken = take(world.source.subscribe(), 1);
    await someTurns();
    await world.sink.increment([{ series: 'alpha', time: at(0), value: 2 }]);
    equal(await taken, [{ series: 'alpha', time: at(0), value: 42 }]);
  }),
];
