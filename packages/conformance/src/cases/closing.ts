import type { ProviderIdentity } from '@anyseries/core';
import { equal, ok } from '../assertion.ts';
import { type Case, defineCase } from '../case.ts';
import { epoch, type World } from '../world.ts';

const at = (i: number) => epoch + i * 1000;

/** What is stored behind a closed provider: seen through the server's store, or through a new connection. */
async function readAfterClose(world: World, series: string): Promise<number | undefined> {
  const { subject, provider, options } = world;
  const reopen = subject.reopen && (async () => world.use(await subject.reopen?.(provider as ProviderIdentity, options)));
  const source = subject.server === undefined ? await reopen?.() : world.server.store;
  if (source === undefined) return undefined;
  await world.settle();
  const points = await source.read({ series }).toArray();
  return points.length;
}

/** The life of a provider. */
export const closingCases: readonly Case[] = [
  defineCase('a provider names itself, its contract and its capabilities', [], async (world) => {
    equal(world.provider.specVersion, 1);
    ok(typeof world.provider.id === 'string' && world.provider.id !== '', 'it has an id');
    equal(world.provider.capabilities, world.subject.capabilities, 'its capabilities');
  }),

  defineCase('check() succeeds on a sound connection and tells how long it took', [], async (world) => {
    const { latencyMs, clockSkewMs } = await world.provider.check();
    ok(Number.isFinite(latencyMs) && latencyMs >= 0, `latencyMs is a time, got ${latencyMs}`);
    ok(clockSkewMs === undefined || Number.isFinite(clockSkewMs), `clockSkewMs is a time or absent, got ${clockSkewMs}`);
  }),

  defineCase('close() may be called again, and answers the same', [], async (world) => {
    await Promise.all([world.provider.close(), world.provider.close()]);
    await world.provider.close();
    await world.provider[Symbol.asyncDispose]();
  }),

  defineCase('a provider that was never used closes', [], async (world) => {
    await world.provider.close();
  }),

  defineCase('await using closes the provider', [], async (world) => {
    await world.provider[Symbol.asyncDispose]();
    await world.failure('closed', () => world.provider.check());
  }),

  defineCase('every call after close() fails as closed', [], async (world) => {
    const { provider } = world;
    const { write, read } = world.capabilities;
    await provider.close();
    await world.failure('closed', () => provider.check());
    const points = [{ series: 'alpha', time: at(0), value: 1 }];
    if (write) await world.failure('closed', () => provider.write(points));
    if (write?.increment) await world.failure('closed', () => provider.increment(points));
    if (write?.deletes) await world.failure('closed', () => provider.delete({ series: 'alpha' }));
    if (write?.putSeries) await world.failure('closed', () => provider.putSeries({ key: 'alpha' }));
    if (read) await world.failure('closed', () => provider.read({ series: 'alpha' }).toArray());
    if (read?.series) await world.failure('closed', () => provider.series().toArray());
    if (read?.latest) await world.failure('closed', () => provider.latest('alpha'));
    if (read?.subscribe)
      await world.failure('closed', async () => {
        for await (const _ of provider.subscribe()) break;
        return 'the loop ended';
      });
  }),

  defineCase('close() waits for the writes under way', ['write'], async (world) => {
    const writes = Array.from({ length: 5 }, (_, w) =>
      world.provider.write(Array.from({ length: 2000 }, (_, i) => ({ series: 'alpha', time: at(w * 2000 + i), value: i + 1 }))),
    );
    let settled = 0;
    for (const write of writes) {
      const count = () => {
        settled++;
      };
      write.then(count, count);
    }
    await world.provider.close();
    // a wrapper hears of the end of its writes some microtasks later
    for (let i = 0; i < 20; i++) await Promise.resolve();
    equal(settled, 5, 'the writes that had ended when close() resolved');
    for (const write of writes) world.checkResult(await write, 2000);
    const kept = await readAfterClose(world, 'alpha');
    if (kept !== undefined) equal(kept, 10_000, 'the points that were stored');
  }),

  defineCase('a write that was begun at once before close() is stored', ['write'], async (world) => {
    const write = world.provider.write([{ series: 'alpha', time: at(0), value: 1 }]);
    const closed = world.provider.close();
    world.checkResult(await write, 1);
    await closed;
    const kept = await readAfterClose(world, 'alpha');
    if (kept !== undefined) equal(kept, 1, 'the points that were stored');
  }),

  defineCase('a read under way ends when the provider closes, whole or as closed', ['read', 'read.windows=any'], async (world) => {
    await world.write(Array.from({ length: 5000 }, (_, i) => ({ series: 'alpha', time: at(i), value: i })));
    const reading = world.provider.read({ series: 'alpha' }).toArray();
    const ended = reading.then(
      (points) => points.length,
      (error: { code?: string }) => error.code,
    );
    await world.provider.close();
    const answer = await ended;
    ok(answer === 5000 || answer === 'closed', `the read answers all points or fails as closed, got ${answer}`);
  }),

  defineCase('what is stored is there after closing and opening again', ['write', 'read', 'reopen'], async (world) => {
    const points = Array.from({ length: 3000 }, (_, i) => ({ series: `series-${i % 3}`, time: at(i), value: i }));
    await world.write(points);
    await world.provider.close();
    const again = world.use(await world.subject.reopen!(world.provider as ProviderIdentity, world.options));
    for (const k of [0, 1, 2]) {
      const { values } = await again.read({ series: `series-${k}` }).columns();
      equal(
        Array.from(values),
        Array.from({ length: 1000 }, (_, i) => i * 3 + k),
        `the values of series-${k}`,
      );
    }
  }),
];
