import type { ErrorCode } from '@anyseries/core';
import { equal, ok } from '../assertion.ts';
import { type Case, defineCase, type Need } from '../case.ts';
import { answer } from '../network.ts';
import { epoch, type World } from '../world.ts';

const needs: readonly Need[] = ['write', 'server'];
const at = (i: number) => epoch + i * 1000;
const three = [1, 2, 3].map((value, i) => ({ series: 'alpha', time: at(i), value }));

async function warmUp(world: World): Promise<void> {
  await world.write([{ series: 'alpha', time: at(-100), value: 0 }]);
}

function pointRequests(world: World): number {
  return world.network.requests.filter(({ carriesPoints }) => carriesPoints).length;
}

async function checkNothingStored(world: World): Promise<void> {
  world.network.strikeAll('any', undefined);
  world.network.strikeAll('points', undefined);
  await world.settle();
  equal(
    (await world.readSeries('alpha')).filter(([time]) => time >= epoch),
    [],
    'what is stored',
  );
}

const final: readonly (readonly [status: number, code: ErrorCode, most: number])[] = [
  [401, 'unauthenticated', 2],
  [403, 'forbidden', 1],
  [404, 'not-found', 1],
];

/** Answers after which trying again makes no sense. */
export const failureFaultCases: readonly Case[] = [
  ...final.map(([status, code, most]) =>
    defineCase(`a write that is answered with ${status} fails as ${code}, and is not tried again`, needs, async (world) => {
      await warmUp(world);
      const before = pointRequests(world);
      world.network.strikeAll('points', answer(status));
      const error = await world.failure(code, () => world.sink.write(three));
      equal([error.outcome?.unknown, error.outcome?.unsent, error.retryable], [[], [0, 1, 2], false], '[unknown, unsent, retryable]');
      const sent = pointRequests(world) - before;
      ok(sent >= 1 && sent <= most, `${sent} requests with points, at most ${most}`);
      await checkNothingStored(world);
    }),
  ),

  defineCase('after a 401 the provider works again as soon as it is let in', needs, async (world) => {
    await warmUp(world);
    world.network.strikeAll('points', answer(401));
    await world.failure('unauthenticated', () => world.sink.write(three));
    world.network.strikeAll('points', undefined);
    world.checkResult(await world.sink.write(three), 3);
  }),

  defineCase('a write that is answered with 400 is rejected with the indices of the caller', needs, async (world) => {
    await warmUp(world);
    world.network.strikeAll('points', answer(400, {}, 'no good'));
    const bad = { series: 'alpha', time: at(9), value: Number.NaN };
    const result = await world.sink.write([three[0]!, bad, three[1]!, three[2]!]);
    equal(
      result.rejected.map(({ index }) => index),
      [0, 1, 2, 3],
      'the indices of the rejections',
    );
    equal([result.stored, result.unconfirmed], [0, 0], '[stored, unconfirmed]');
    await checkNothingStored(world);
  }),

  defineCase('an error page as the body of a refusal does no harm', needs, async (world) => {
    await warmUp(world);
    const page = `<!doctype html><html><head><title>403</title></head><body>${'<p>Forbidden</p>'.repeat(5000)}</body></html>`;
    for (const body of [page, '', '{"error":', '\0\0\0', '\ud800']) {
      world.network.strikeAll('points', answer(403, { 'content-type': 'text/html' }, body));
      const error = await world.failure('forbidden', () => world.sink.write(three));
      ok(error.message.length < 1000, `the message is short, not ${error.message.length} characters`);
    }
    await checkNothingStored(world);
  }),

  defineCase('a redirect is not followed with points and credentials', needs, async (world) => {
    await warmUp(world);
    const before = world.network.requests.length;
    world.network.strikeAll('points', answer(307, { location: 'https://elsewhere.example/' }));
    try {
      const result = await world.sink.write(three);
      equal(result.rejected.length, 3, 'the number of rejections');
    } catch (error) {
      await world.failure(['protocol', 'invalid', 'not-found', 'unavailable'], () => Promise.reject(error));
    }
    equal(world.network.requests.slice(before).filter(({ host }) => host === 'elsewhere.example').length, 0, 'requests to elsewhere');
    await checkNothingStored(world);
  }),
];
