import { createClient } from '@anyseries/microlog';
import { afterEach, expect, test } from 'vitest';
import { ada, requests, type Service, type SettableClock, standingClock, startService } from './service.ts';

const users = [{ ...ada, graphs: [{ id: requests, name: 'Requests' }] }];
const minute = 1_478_221_320;

let service: Service;
afterEach(() => service.close());

/** A client whose clock is the server's, where something happens between the moment that the server looked at the clock and the one of its `Date`. */
async function visit(seconds: number, between: (clock: SettableClock, time: number) => void) {
  const clock = standingClock(seconds);
  service = await startService({ clock, users });
  await service.write([{ graph: requests, points: [{ time: minute - 3600, count: 7 }] }]);
  let times = 0;
  const { settings } = service;
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const answer = await settings.fetch(input, init);
    between(clock, ++times);
    const headers = new Headers(answer.headers);
    headers.set('date', new Date(clock.now()).toUTCString());
    return new Response(await answer.text(), { status: answer.status, headers });
  };
  const client = createClient({ url: settings.url, fetch, clock });
  return { client, times: () => times };
}

test('a page is certain where no bucket began before its date', async () => {
  const { client, times } = await visit(minute + 3, (clock) => (clock.seconds += 5));
  const { buckets, isCertain } = await client.readGraph(requests, { interval: 60 });
  expect([isCertain, times()]).toEqual([true, 1]);
  expect(buckets.at(-1)?.time).toBe(minute);
  expect(buckets.filter(({ sum }) => sum !== 0 && sum !== undefined)).toEqual([{ time: minute - 3600, sum: 7 }]);
});

test('where one did, labels tell which bucket is the last one', async () => {
  const { client, times } = await visit(minute + 58, (clock) => (clock.seconds += 5));
  const { buckets, isCertain } = await client.readGraph(requests, { interval: 60 });
  expect([isCertain, times()]).toEqual([true, 1]);
  expect(buckets.at(-1)?.time).toBe(minute);
  expect(buckets.find(({ sum }) => sum === 7)?.time).toBe(minute - 3600);
});

test('labels tell minutes: with shorter buckets the page is asked for again', async () => {
  const { client, times } = await visit(minute + 19, (clock, time) => (clock.seconds += time === 1 ? 2 : 0));
  const { buckets, isCertain } = await client.readGraph(requests, { interval: 20 });
  expect([isCertain, times()]).toEqual([true, 2]);
  expect(buckets.at(-1)?.time).toBe(minute + 20);
});

test('three times, then it says that it is not certain', async () => {
  const { client, times } = await visit(minute + 19, (clock) => (clock.seconds += 20));
  const { buckets, isCertain } = await client.readGraph(requests, { interval: 20 });
  expect([isCertain, times()]).toEqual([false, 3]);
  expect(buckets).toHaveLength(121);
});

test('a page that is late by many buckets is asked for again', async () => {
  const { client, times } = await visit(minute, (clock, time) => (clock.seconds += time === 1 ? 7200 : 0));
  const { buckets, isCertain } = await client.readGraph(requests, { interval: 60 });
  expect([isCertain, times()]).toEqual([true, 2]);
  expect(buckets.at(-1)?.time).toBe(minute + 7200);
});
