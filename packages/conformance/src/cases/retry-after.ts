import { equal, ok } from '../assertion.ts';
import { type Case, defineCase, type Need } from '../case.ts';
import { answer, type Fault } from '../network.ts';
import { nextTurn } from '../virtual-clock.ts';
import { epoch, type World } from '../world.ts';

const needs: readonly Need[] = ['write', 'server'];
const at = (i: number) => epoch + i * 1000;
const three = [1, 2, 3].map((value, i) => ({ series: 'alpha', time: at(i), value }));

/** Writes against the fault; answers how long the provider waited before it came again, by the virtual clock. */
async function waitedAfter(world: World, fault: Fault, deadlineMs = 3_600_000): Promise<number> {
  await world.write([{ series: 'alpha', time: at(-100), value: 0 }]);
  const before = world.network.requests.length;
  world.network.strike('points', fault);
  world.checkResult(await world.sink.write(three, { deadlineMs }), 3);
  await world.settle();
  const stored = (await world.readSeries('alpha')).filter(([time]) => time >= epoch);
  equal(
    stored,
    three.map(({ time, value }) => [time, value]),
    'what is stored',
  );
  const [refused, again] = world.network.requests.slice(before).filter(({ carriesPoints }) => carriesPoints);
  ok(refused !== undefined && again !== undefined, 'the points were sent again');
  return again.at - refused.at;
}

function checkWait(waited: number, from: number, to: number): void {
  ok(waited >= from && waited <= to, `the wait is between ${from} and ${to} ms, got ${waited}`);
}

/** `Retry-After`: no request comes before, and none is lost. */
export const retryAfterCases: readonly Case[] = [
  ...[429, 503].map((status) =>
    defineCase(`a ${status} with Retry-After in seconds is waited for, whatever a resend would do`, needs, async (world) => {
      checkWait(await waitedAfter(world, answer(status, { 'retry-after': '17' })), 17_000, 20_000);
    }),
  ),

  defineCase('a 429 with Retry-After as a date is waited for', needs, async (world) => {
    const fault: Fault = (exchange) => answer(429, { 'retry-after': new Date(world.clock.now() + 23_000).toUTCString() })(exchange);
    checkWait(await waitedAfter(world, fault), 22_000, 27_000);
  }),

  defineCase('a date in Retry-After is read by the clock of the server that sent it', needs, async (world) => {
    const skew = 3_600_000;
    const fault: Fault = (exchange) => {
      const now = world.clock.now() + skew;
      return answer(429, { date: new Date(now).toUTCString(), 'retry-after': new Date(now + 23_000).toUTCString() })(exchange);
    };
    checkWait(await waitedAfter(world, fault), 22_000, 27_000);
  }),

  defineCase('a date in Retry-After that is over is no wait for ever', needs, async (world) => {
    const fault: Fault = (exchange) => answer(429, { 'retry-after': new Date(world.clock.now() - 60_000).toUTCString() })(exchange);
    checkWait(await waitedAfter(world, fault), 0, 10_000);
  }),

  ...['soon', '-5', '', '1e999', '99999999999999999999'].map((nonsense) =>
    defineCase(`a Retry-After of ${JSON.stringify(nonsense)} is no obstacle`, needs, async (world) => {
      checkWait(await waitedAfter(world, answer(429, { 'retry-after': nonsense })), 0, 331_000);
    }),
  ),

  defineCase('a Retry-After of a day is cut to minutes', needs, async (world) => {
    checkWait(await waitedAfter(world, answer(429, { 'retry-after': '86400' })), 60_000, 331_000);
  }),

  defineCase('a 429 without Retry-After is tried again after a while', needs, async (world) => {
    checkWait(await waitedAfter(world, answer(429)), 50, 60_000);
  }),

  defineCase('a wait that was asked for holds every write to the backend', needs, async (world) => {
    await world.write(['alpha', 'beta'].map((series) => ({ series, time: at(-100), value: 0 })));
    const before = world.network.requests.length;
    world.network.strike('points', answer(429, { 'retry-after': '30' }));
    const first = world.sink.write(three);
    while (world.network.requests.length === before) await nextTurn();
    const refusedAt = world.network.requests[before]!.at;
    const release = world.clock.hold();
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    const second = world.sink.write([{ series: 'beta', time: at(0), value: 1 }]);
    release();
    world.checkResult(await first, 3);
    world.checkResult(await second, 1);
    const early = world.network.requests.slice(before + 1).filter((request) => request.carriesPoints && request.at < refusedAt + 30_000);
    equal(early.length, 0, 'the number of requests before the time');
  }),
];
