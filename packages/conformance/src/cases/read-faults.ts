import type { ErrorCode } from '@anyseries/core';
import { equal, ok } from '../assertion.ts';
import { type Case, defineCase, type Need } from '../case.ts';
import { answer, cutAnswer, type Fault, hang, htmlPage, loseAnswer, refuseConnection } from '../network.ts';
import { nextTurn } from '../virtual-clock.ts';
import { epoch, type World } from '../world.ts';

const needs: readonly Need[] = ['read', 'read.windows=any', 'server'];
const at = (i: number) => epoch + i * 1000;
const expected = Array.from({ length: 50 }, (_, i) => [at(i), i]);

/** Stores 50 points and reads them once, so that sign-ins and look-ups are over. */
async function prepare(world: World): Promise<void> {
  await world.write(expected.map(([time, value]) => ({ series: 'alpha', time: time!, value: value! })));
  equal(await world.readSeries('alpha'), expected, 'the first read');
}

/** Faults that pass, and are not seen by the caller. */
const passing: readonly (readonly [string, Fault])[] = [
  ['a lost connection', loseAnswer],
  ['a refused connection', refuseConnection],
  ['a status 500', answer(500)],
  ['a status 502', answer(502)],
  ['a status 503', answer(503)],
  ['a request that hangs', hang],
];

/** Faults that stay, and the code of the failure. */
const lasting: readonly (readonly [string, Fault, ErrorCode | readonly ErrorCode[]])[] = [
  ['connections are refused', refuseConnection, 'unavailable'],
  ['every request hangs', hang, 'timeout'],
  ['every answer is 500', answer(500), 'unavailable'],
  ['every answer is an HTML page with status 200', htmlPage, 'protocol'],
  ['every answer is empty with status 200', answer(200, { 'content-type': 'application/json' }, ''), 'protocol'],
  ['every answer is broken JSON', answer(200, { 'content-type': 'application/json' }, '{"points":[[1,'), 'protocol'],
  ['every answer is JSON of another form', answer(200, { 'content-type': 'application/json' }, '"hello"'), 'protocol'],
  ['every answer breaks off', cutAnswer, ['protocol', 'unavailable']],
];

/** Reading is always safe to repeat; what cannot be read is an error, never a shorter answer. */
export const readFaultCases: readonly Case[] = [
  ...passing.map(([what, fault]) =>
    defineCase(`after ${what} a read is tried again`, needs, async (world) => {
      await prepare(world);
      world.network.strike('any', fault);
      equal(await world.readSeries('alpha'), expected);
    }),
  ),

  defineCase('a read whose answer breaks off is whole or fails', needs, async (world) => {
    await prepare(world);
    world.network.strike('any', cutAnswer);
    try {
      equal(await world.readSeries('alpha'), expected);
    } catch (error) {
      await world.failure(['protocol', 'unavailable'], () => Promise.reject(error));
    }
  }),

  ...lasting.map(([what, fault, codes]) =>
    defineCase(`a read fails as ${[codes].flat().join(' or ')} when ${what}`, needs, async (world) => {
      await prepare(world);
      world.network.strikeAll('any', fault);
      await world.failure(codes, () => world.readSeries('alpha'));
      world.network.strikeAll('any', undefined);
      equal(await world.readSeries('alpha'), expected, 'the read after the fault');
    }),
  ),

  ...([401, 403, 404] as const).map((status) =>
    defineCase(`a read that is answered with ${status} fails, and is not tried for ever`, needs, async (world) => {
      if (world.subject.missingSeriesStatus === status) return;
      await prepare(world);
      const before = world.network.requests.length;
      world.network.strikeAll('any', answer(status));
      const codes = { 401: 'unauthenticated', 403: 'forbidden', 404: 'not-found' } as const;
      const error = await world.failure(codes[status], () => world.readSeries('alpha'));
      equal(error.retryable, false, 'retryable');
      ok(world.network.requests.length - before <= 3, `${world.network.requests.length - before} requests are too many`);
    }),
  ),

  defineCase('a 429 with Retry-After is waited for by reads as well', needs, async (world) => {
    await prepare(world);
    const before = world.network.requests.length;
    world.network.strike('any', answer(429, { 'retry-after': '11' }));
    equal(await world.readSeries('alpha'), expected);
    const [refused, again] = world.network.requests.slice(before);
    const waited = again!.at - refused!.at;
    ok(waited >= 11_000 && waited <= 14_000, `the wait is between 11 and 14 seconds, got ${waited} ms`);
  }),

  defineCase('a read that is aborted while its request hangs fails at once as aborted', needs, async (world) => {
    await prepare(world);
    world.network.strikeAll('any', hang);
    const controller = new AbortController();
    const before = world.network.requests.length;
    const started = world.clock.now();
    const failed = world.failure('aborted', () => world.source.read({ series: 'alpha', signal: controller.signal }).toArray());
    while (world.network.requests.length === before) await nextTurn();
    controller.abort();
    await failed;
    equal(world.clock.now(), started, 'the time of the failure');
  }),

  defineCase('nothing is asked for before a stream is iterated', needs, async (world) => {
    await prepare(world);
    const before = world.network.requests.length;
    const stream = world.source.read({ series: 'alpha' });
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    equal(world.network.requests.length, before, 'the number of requests');
    equal((await stream.toArray()).length, 50, 'the number of points');
  }),

  defineCase('check() tells what is wrong', ['server'], async (world) => {
    const before = world.network.requests.length;
    await world.provider.check();
    if (world.network.requests.length === before) return;
    world.network.strikeAll('any', answer(401));
    await world.failure('unauthenticated', () => world.provider.check());
    world.network.strikeAll('any', refuseConnection);
    await world.failure('unavailable', () => world.provider.check());
    world.network.strikeAll('any', undefined);
    await world.provider.check();
  }),
];
