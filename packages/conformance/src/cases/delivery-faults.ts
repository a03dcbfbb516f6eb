import type { AnySeriesError } from '@anyseries/core';
import { equal, ok } from '../assertion.ts';
import { type Case, defineCase, type Need } from '../case.ts';
import { answer, cutAnswer, hang, loseAnswer, refuseConnection } from '../network.ts';
import { nextTurn } from '../virtual-clock.ts';
import { epoch, type World } from '../world.ts';

const needs: readonly Need[] = ['write', 'server'];
const at = (i: number) => epoch + i * 1000;
const three = [1, 2, 3].map((value, i) => ({ series: 'alpha', time: at(i), value }));
const storedOnce = three.map(({ time, value }) => [time, value]);

/** Whether the same points may be sent again although they may be stored. */
function isResendSafe({ capabilities: { write } }: World): boolean {
  return write?.idempotencyKey === true || write?.onDuplicate === 'overwrites' || write?.onDuplicate === 'keeps-first';
}

/** Does what a provider has to do once before its first write of a series, so that faults meet nothing but writes. */
async function warmUp(world: World): Promise<void> {
  await world.write(['alpha', 'beta'].map((series) => ({ series, time: at(-100), value: 0 })));
}

async function readSince(world: World, series = 'alpha'): Promise<[number, unknown][]> {
  await world.settle();
  return (await world.readSeries(series)).filter(([time]) => time >= epoch);
}

function pointRequests(world: World): number {
  return world.network.requests.filter(({ carriesPoints }) => carriesPoints).length;
}

function checkUnknown(error: AnySeriesError, indices: readonly number[]): void {
  equal(error.outcome?.unknown, indices, 'the indices of what may be stored');
  equal(error.indices, indices, 'the indices that the error is about');
  equal([error.outcome?.stored, error.outcome?.unconfirmed], [0, 0], '[stored, unconfirmed]');
  equal(error.outcome?.unsent, [], 'the indices of what was not sent');
}

/** After a doubtful failure: sent again where that is safe, never where it is not. */
async function checkDoubtful(world: World, strike: () => void, stored: 'by the first request' | 'by a later request'): Promise<void> {
  await warmUp(world);
  const before = pointRequests(world);
  strike();
  if (isResendSafe(world)) {
    world.checkResult(await world.sink.write(three), 3);
    equal(await readSince(world), storedOnce, 'what is stored');
    ok(pointRequests(world) - before >= 2, 'the points were sent again');
    return;
  }
  const error = await world.failure('unknown-outcome', () => world.sink.write(three));
  checkUnknown(error, [0, 1, 2]);
  equal(error.retryable, false, 'retryable');
  await world.clock.advance(600_000);
  equal(pointRequests(world) - before, 1, 'the number of requests with points');
  equal(await readSince(world), stored === 'by the first request' ? storedOnce : [], 'what is stored');
}

/** Answers that never come, or come broken. */
export const deliveryFaultCases: readonly Case[] = [
  defineCase('a write whose answer is lost is stored once: sent again where that is safe, else told as unknown', needs, (world) =>
    checkDoubtful(world, () => world.network.strike('points', loseAnswer), 'by the first request'),
  ),

  defineCase('a write whose answer is lost twice is stored once', needs, (world) =>
    checkDoubtful(world, () => world.network.strike('points', loseAnswer, loseAnswer), 'by the first request'),
  ),

  ...[500, 502, 503, 504].map((status) =>
    defineCase(`after a status ${status} a write is sent again where that is safe, else told as unknown`, needs, (world) =>
      checkDoubtful(world, () => world.network.strike('points', answer(status)), 'by a later request'),
    ),
  ),

  defineCase('a write whose request hangs is sent again where that is safe, else told as unknown', needs, (world) =>
    checkDoubtful(world, () => world.network.strike('points', hang), 'by a later request'),
  ),

  defineCase('a write whose answer breaks off is stored once', needs, async (world) => {
    await warmUp(world);
    const before = pointRequests(world);
    world.network.strike('points', cutAnswer);
    try {
      world.checkResult(await world.sink.write(three), 3);
    } catch (error) {
      // a provider that needs the answer and may not ask again
      await world.failure('unknown-outcome', () => Promise.reject(error));
      checkUnknown(error as AnySeriesError, [0, 1, 2]);
    }
    equal(await readSince(world), storedOnce, 'what is stored');
    if (!isResendSafe(world)) equal(pointRequests(world) - before, 1, 'the number of requests with points');
  }),

  defineCase('an increment whose answer is lost is counted once', [...needs, 'write.increment'], async (world) => {
    await warmUp(world);
    const before = pointRequests(world);
    world.network.strike('points', loseAnswer);
    if (world.capabilities.write?.idempotencyKey === true) {
      world.checkResult(await world.sink.increment(three), 3);
    } else {
      checkUnknown(await world.failure('unknown-outcome', () => world.sink.increment(three)), [0, 1, 2]);
      equal(pointRequests(world) - before, 1, 'the number of requests with points');
    }
    equal(await readSince(world), storedOnce, 'what is stored');
  }),

  defineCase('what was rejected before the doubt keeps its index, and the doubt has its own', needs, async (world) => {
    await warmUp(world);
    const bad = { series: 'alpha', time: at(9), value: Number.NaN };
    world.network.strikeAll('points', loseAnswer);
    const error = await world.failure(['unknown-outcome', 'unavailable'], () => world.sink.write([bad, ...three, bad]));
    checkUnknown(error, [1, 2, 3]);
    equal(
      error.outcome?.rejected.map(({ index }) => index),
      [0, 4],
      'the indices of the rejections',
    );
    world.network.strikeAll('points', undefined);
    equal(await readSince(world), storedOnce, 'what is stored');
  }),

  defineCase('of a write in several requests, every point is told as stored, unknown or not sent', needs, async (world) => {
    await warmUp(world);
    const points = Array.from({ length: 12_000 }, (_, i) => ({ series: i % 2 === 0 ? 'alpha' : 'beta', time: at(i), value: 1 }));
    const passing = 1;
    world.network.strike(
      'points',
      ...Array.from(
        { length: passing },
        () =>
          ({ forward }: { forward: () => Promise<Response> }) =>
            forward(),
      ),
    );
    world.network.strikeAll('points', loseAnswer);
    const error = await world.failure(['unknown-outcome', 'unavailable'], () => world.sink.write(points));
    world.network.strikeAll('points', undefined);
    const { stored, unconfirmed, unknown, unsent, rejected } = error.outcome!;
    ok(stored + unconfirmed > 0, 'the first request was counted');
    ok(unknown.length > 0 && unsent.length > 0, 'the second request is unknown and the rest was not sent');
    equal(rejected, [], 'the rejections');
    equal(stored + unconfirmed + unknown.length + unsent.length, points.length, 'the number of points accounted for');
    await world.settle();
    const present = new Set<string>();
    for (const series of ['alpha', 'beta']) {
      for (const [time, value] of await readSince(world, series)) {
        present.add(`${series} ${time}`);
        if (value !== 1) equal(value, 1, `the value of ${series} at ${time}, which was written once`);
      }
    }
    const isPresent = (index: number) => present.has(`${points[index]!.series} ${points[index]!.time}`);
    equal(unsent.filter(isPresent), [], 'points that were not sent and are there');
    equal(unknown.filter(isPresent).length, unknown.length, 'points whose answer was lost after they were stored');
    equal(present.size, stored + unconfirmed + unknown.length, 'the number of stored points');
  }),

  defineCase('a write that found no connection is sent again, whatever a resend would do', needs, async (world) => {
    await warmUp(world);
    world.network.strike('points', refuseConnection, refuseConnection);
    world.checkResult(await world.sink.write(three), 3);
    equal(await readSince(world), storedOnce, 'what is stored');
  }),

  defineCase('a write that never finds a connection fails as unavailable, with nothing in doubt', needs, async (world) => {
    await warmUp(world);
    world.network.strikeAll('points', refuseConnection);
    const error = await world.failure('unavailable', () => world.sink.write(three));
    equal([error.outcome?.unknown, error.outcome?.unsent, error.retryable], [[], [0, 1, 2], true], '[unknown, unsent, retryable]');
    world.network.strikeAll('points', undefined);
    equal(await readSince(world), [], 'what is stored');
  }),

  defineCase('a write that is aborted while its request hangs fails at once as aborted, its points unknown', needs, async (world) => {
    await warmUp(world);
    const controller = new AbortController();
    world.network.strikeAll('points', hang);
    const before = pointRequests(world);
    const started = world.clock.now();
    const failed = world.failure('aborted', () => world.sink.write(three, { signal: controller.signal }));
    while (pointRequests(world) === before) await nextTurn();
    controller.abort();
    checkUnknown(await failed, [0, 1, 2]);
    equal(pointRequests(world) - before, 1, 'the number of requests with points');
    equal(world.clock.now(), started, 'the time of the failure');
  }),

  defineCase('a write that is aborted while it waits to try again fails as aborted', needs, async (world) => {
    await warmUp(world);
    const controller = new AbortController();
    world.network.strikeAll('points', () => {
      // the clock is told to stand still: the wait would be over before anybody could abort it
      queueMicrotask(() => setTimeout(() => controller.abort(), 0));
      return answer(429, { 'retry-after': '20' })({} as never);
    });
    const release = world.clock.hold();
    const error = await world.failure('aborted', () => world.sink.write(three, { signal: controller.signal }));
    release();
    equal(error.outcome?.unsent, [0, 1, 2], 'the indices of what was not sent');
  }),

  defineCase('deadlineMs ends a write whose requests hang', needs, async (world) => {
    await warmUp(world);
    world.network.strikeAll('points', hang);
    const started = world.clock.now();
    const error = await world.failure(isResendSafe(world) ? 'timeout' : ['timeout', 'unknown-outcome'], () =>
      world.sink.write(three, { deadlineMs: 2500 }),
    );
    checkUnknown(error, [0, 1, 2]);
    ok(world.clock.now() - started <= 2500, `the write ended within its deadline, after ${world.clock.now() - started} ms`);
  }),

  defineCase('deadlineMs ends a write that is told to wait for longer', needs, async (world) => {
    await warmUp(world);
    world.network.strikeAll('points', answer(429, { 'retry-after': '60' }));
    const started = world.clock.now();
    const error = await world.failure(['timeout', 'rate-limited'], () => world.sink.write(three, { deadlineMs: 5000 }));
    equal([error.outcome?.unknown, error.outcome?.unsent], [[], [0, 1, 2]], '[unknown, unsent]');
    ok(world.clock.now() - started <= 5000, `the write ended within its deadline, after ${world.clock.now() - started} ms`);
  }),

  defineCase('a write whose requests hang for ever ends by itself', needs, async (world) => {
    await warmUp(world);
    world.network.strikeAll('points', hang);
    const error = await world.failure(['timeout', 'unknown-outcome'], () => world.sink.write(three));
    checkUnknown(error, [0, 1, 2]);
  }),

  defineCase('close() waits for a write that is being tried again', needs, async (world) => {
    await warmUp(world);
    world.network.strike('points', refuseConnection, answer(429, { 'retry-after': '3' }));
    const write = world.provider.write(three);
    let ended = false;
    void write.finally(() => {
      ended = true;
    });
    await world.provider.close();
    for (let i = 0; i < 20; i++) await Promise.resolve();
    ok(ended, 'the write had ended when close() resolved');
    world.checkResult(await write, 3);
  }),
];
