import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { open, points } from './open.ts';

/** The bound of the search for `bad` points among `count`. */
function mostRequests(count: number, bad: number): number {
  return 2 * bad * Math.ceil(Math.log2(count / bad)) + 4 * bad + 3;
}

async function deliver(count: number, poison: ReadonlySet<number>, series = (i: number) => `s${i % 7}`) {
  const opened = open({}, { poison });
  // so that points are numbered otherwise than in their ticket
  opened.put({ series: 'before', time: 0, value: -1 });
  await opened.clock.advance(1000);
  const ticket = opened.writer.offer(Array.from({ length: count }, (_, i) => ({ series: series(i), time: i, value: i })));
  await opened.clock.advance(1000);
  return { rejected: opened.rejected, requests: opened.server.requests.slice(1), outcome: await ticket.done };
}

describe('poison in a batch whose answer does not say where', () => {
  test('one bad point of 5,000 costs itself, and a few requests', async () => {
    const { outcome, requests, rejected } = await deliver(5000, new Set([3210]));
    expect(outcome).toMatchObject({ stored: 4999, rejected: [{ index: 3210 }] });
    expect(rejected).toMatchObject([{ value: 3210, reason: 'refused' }]);
    expect(requests.length).toBeLessThanOrEqual(27);
  });

  test('a few bad points are told once each, their neighbours are stored, and the search keeps to its bound', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 600 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 9 }),
        async (count, places, series) => {
          const poison = new Set(places.map((place) => place % count));
          const { outcome, requests, rejected } = await deliver(count, poison, (i) => `s${i % series}`);
          const told = rejected.map(({ value }) => Number(value));
          expect(new Set(told).size).toBe(told.length);
          for (const bad of poison) expect(told).toContain(bad);
          const lost = rejected.filter(({ value }) => !poison.has(Number(value)));
          expect(lost.every(({ reason }) => reason === 'unisolated' || reason === 'uniform')).toBe(true);
          expect(outcome.stored).toBe(count - told.length);
          expect(outcome.rejected.map(({ index }) => index)).toEqual(told.toSorted((a, b) => a - b));
          expect(requests.length).toBeLessThanOrEqual(Math.min(64, mostRequests(count, poison.size)));
          // two bad points are always found within the budget
          if (poison.size <= 2 && count > 40) expect(lost).toEqual([]);
        },
      ),
    ));

  test('no point is stored before an earlier one of its series, however the search goes', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 200 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        fc.integer({ min: 1, max: 4 }),
        async (count, places, series) => {
          const { requests } = await deliver(count, new Set(places.map((place) => place % count)), (i) => `s${i % series}`);
          const last = new Map<string, number>();
          for (const { applied } of requests) {
            for (const id of applied) {
              expect(id).toBeGreaterThan(last.get(`s${id % series}`) ?? -1);
              last.set(`s${id % series}`, id);
            }
          }
        },
      ),
    ));

  test('a batch that is bad as a whole is given up after six requests', async () => {
    const { outcome, requests, rejected } = await deliver(5000, new Set(Array(5000).keys()));
    expect(requests).toHaveLength(6);
    expect(outcome.rejected).toHaveLength(5000);
    expect(new Set(rejected.map(({ reason }) => reason))).toEqual(new Set(['refused', 'uniform']));
  });

  test('one series of many that is bad costs none of the others', async () => {
    const bad = new Set(Array.from({ length: 50 }, (_, i) => i * 100));
    const { rejected } = await deliver(5000, bad, (i) => `s${i % 100}`);
    expect(rejected.filter(({ reason }) => reason === 'uniform')).toEqual([]);
    for (const { value, reason } of rejected) if (reason === 'refused') expect(bad).toContain(value);
  });

  test('many bad points end the search at 64 requests; what is not told apart is given up together', async () => {
    const poison = new Set(Array.from({ length: 60 }, (_, i) => 40 + i * 80));
    const { outcome, requests, rejected } = await deliver(5000, poison);
    expect(requests.length).toBeLessThanOrEqual(64);
    expect(outcome.stored + outcome.rejected.length).toBe(5000);
    expect(rejected.some(({ reason }) => reason === 'unisolated')).toBe(true);
    for (const bad of poison) expect(rejected.filter(({ value }) => value === bad)).toHaveLength(1);
  });

  test('the search never takes more than a quarter of the recent requests, beyond the first few', async () => {
    const poison = new Set(Array.from({ length: 400 }, (_, i) => i * 50 + 25));
    const { put, clock, server, rejected } = open({ maxBatchPoints: 50, linger: 0 }, { poison });
    for (let i = 0; i < 400; i++) {
      put(Array.from({ length: 50 }, (_, k) => ({ series: 's', time: k, value: i * 50 + k })));
      await clock.advance(10);
    }
    const whole = server.requests.filter(({ ids }) => ids.length === 50).length;
    expect(whole).toBe(400);
    expect(server.requests.length - whole).toBeLessThanOrEqual(64 + (0.25 / 0.75) * whole + 20);
    expect(rejected.some(({ reason }) => reason === 'unisolated')).toBe(true);
  });

  test('a backend that names the bad points is believed: nothing else is sent again', async () => {
    const { put, clock, server, rejected, writer } = open({}, { poison: new Set([3, 5]), granularity: 'item' });
    put(points(10));
    await clock.advance(1000);
    expect(server.requests).toHaveLength(1);
    expect(rejected.map(({ value }) => value)).toEqual([3, 5]);
    expect(writer.report()).toMatchObject({ stored: 8, rejected: 2 });
  });

  test('an outage in the middle of the search changes nothing', async () => {
    const { put, clock, server, rejected, writer } = open({}, { poison: new Set([77]) });
    server.script.push({ kind: 'judge' }, { kind: 'down' }, { kind: 'doubt', applied: true }, ...Array(70).fill({ kind: 'down' }));
    put(points(200));
    await clock.advance(3_600_000);
    expect(writer.report()).toMatchObject({ pending: 0, rejected: 1, stored: 199 });
    expect(rejected.map(({ value }) => value)).toEqual([77]);
  });
});

describe('a request that is too large', () => {
  test('is halved until it fits, in order', async () => {
    const { put, clock, server, writer } = open();
    server.always = { kind: 'too-large', above: 6 };
    put(Array.from({ length: 40 }, (_, i) => ({ series: 's', time: i, value: i })));
    await clock.advance(1000);
    expect(writer.report().stored).toBe(40);
    const stored = server.requests.flatMap(({ applied }) => applied);
    expect(stored).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });

  test('teaches the limit by bytes, which rises again as requests pass', async () => {
    const { put, clock, server } = open({ maxBatchPoints: 40, linger: 0 }, { limits: { maxBytes: 100_000 }, pointBytes: 1000 });
    const send = async (count: number) => {
      put(Array.from({ length: count }, (_, i) => ({ series: 's', time: i, value: i })));
      await clock.advance(1000);
    };
    server.script.push({ kind: 'too-large', above: 20 });
    await send(40);
    const before = server.requests.length;
    await send(40);
    expect(server.requests.slice(before).map(({ ids }) => ids.length)).toEqual([19, 19, 2]);
    for (let i = 0; i < 800; i++) await send(1);
    const after = server.requests.length;
    await send(40);
    expect(server.requests.slice(after).length).toBeLessThan(3);
    expect(server.requests[after]!.ids.length).toBeGreaterThan(25);
  });

  test('with one point in it is given up, and teaches nothing', async () => {
    const { put, clock, server, rejected, writer } = open({ linger: 0 }, { limits: { maxBytes: 100_000 }, pointBytes: 1000 });
    server.always = { kind: 'too-large', above: 0 };
    put({ series: 's', time: 0, value: 0 });
    await clock.advance(1000);
    expect(rejected).toMatchObject([{ value: 0, reason: 'too-large' }]);
    server.always = undefined;
    put(Array.from({ length: 40 }, (_, i) => ({ series: 's', time: i, value: i })));
    await clock.advance(1000);
    expect(server.requests.at(-1)!.ids).toHaveLength(40);
    expect(writer.report()).toMatchObject({ stored: 40, rejected: 1 });
  });
});
