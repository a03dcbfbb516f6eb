import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { laneOf } from '../../src/writer/series.ts';
import { open } from './open.ts';

/** Keys of series that share no lane. */
const [a, b, c] = keysOfOwnLanes(3) as [string, string, string];

function keysOfOwnLanes(count: number): string[] {
  const found = new Map<number, string>();
  for (let i = 0; found.size < count; i++) found.set(laneOf(`key ${i}`, 32), `key ${i}`);
  return [...found.values()];
}

describe('lanes', () => {
  test('a series always has the same lane, and many series use all of them', () => {
    const keys = Array.from({ length: 1000 }, (_, i) => `cpu{host="${i}"}`);
    const lanes = keys.map((key) => laneOf(key, 32));
    expect(keys.map((key) => laneOf(key, 32))).toEqual(lanes);
    for (let lane = 0; lane < 32; lane++) expect(lanes.filter((other) => other === lane).length).toBeGreaterThan(10);
  });

  test('a quiet writer sends all series in one request', async () => {
    const { put, server, clock } = open();
    for (const [value, series] of [a, b, c, a].entries()) put({ series, time: value, value });
    await clock.advance(200);
    expect(server.requests.map(({ ids }) => ids.toSorted())).toEqual([[0, 1, 2, 3]]);
  });

  test('a busy writer sends disjoint batches at a time, up to maxInFlight', async () => {
    const { put, server, clock } = open({ maxBatchPoints: 10, maxInFlight: 3 });
    server.always = { kind: 'judge', ms: 1000 };
    const keys = keysOfOwnLanes(32);
    for (let value = 0; value < 320; value++) put({ series: keys[value % 32]!, time: value, value });
    await clock.advance(3000);
    expect(server.mostAtOnce()).toBe(3);
    const [, ...later] = server.requests;
    for (const [i, { series, at }] of later.entries())
      for (const other of later.slice(i + 1).filter((request) => request.at === at))
        expect(series.filter((key) => other.series.includes(key))).toEqual([]);
  });

  test('a retry is not overtaken by newer points of its series; other series go on', async () => {
    const { put, server, clock } = open({ linger: 0 });
    put({ series: a, time: 0, value: 0 });
    server.script.push({ kind: 'down', ms: 10 }, { kind: 'judge' }, { kind: 'down' });
    await clock.advance(5);
    put([
      { series: a, time: 1, value: 1 },
      { series: b, time: 1, value: 2 },
    ]);
    await clock.advance(50);
    expect(server.requests.map(({ ids }) => ids)).toEqual([[0], [2]]);
    await clock.advance(60_000);
    expect(server.requests.map(({ ids }) => ids)).toEqual([[0], [2], [0], [0], [1]]);
  });

  test('a series whose batch waits is held until all pieces of it have had their end', async () => {
    const { put, server, clock } = open({ linger: 0 }, { limits: { maxSeries: 1 } });
    server.script.push({ kind: 'judge', ms: 100 }, { kind: 'down' });
    put([a, b, a].map((series, value) => ({ series, time: value, value })));
    await clock.advance(150);
    put({ series: a, time: 9, value: 9 });
    await clock.advance(60_000);
    expect(server.requests.map(({ ids }) => ids)).toEqual([[0, 2], [1], [1], [9]]);
  });
});

describe('order', () => {
  test('total: one request at a time, every point in the order of its admission', async () => {
    const { put, server, clock } = open({ order: 'total', maxBatchPoints: 4 }, { limits: { maxSeries: 2 } });
    server.script.push({ kind: 'judge', ms: 500 }, { kind: 'down' }, { kind: 'judge', ms: 500 });
    for (let value = 0; value < 30; value++) put({ series: [a, b, c][value % 3]!, time: value, value });
    await clock.advance(60_000);
    expect(server.mostAtOnce()).toBe(1);
    const first = [...new Set(server.requests.flatMap(({ ids }) => ids))];
    expect(first).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });

  test('none: a batch that waits holds up nothing, not even its own series', async () => {
    const { put, server, clock } = open({ order: 'none', linger: 0 });
    server.script.push({ kind: 'down' });
    put({ series: a, time: 0, value: 0 });
    await clock.advance(10);
    put({ series: a, time: 1, value: 1 });
    await clock.advance(10);
    expect(server.requests.map(({ ids }) => ids)).toEqual([[0], [1]]);
  });

  test('none: what one request cannot hold goes in several at a time', async () => {
    const { put, server, clock } = open({ order: 'none' }, { limits: { maxSeries: 1 } });
    server.always = { kind: 'judge', ms: 100 };
    put([a, b, c].map((series, value) => ({ series, time: 0, value })));
    await clock.advance(250);
    expect([server.mostAtOnce(), server.requests.length]).toEqual([3, 3]);
  });
});

describe('batches', () => {
  test('keep to the limits by points, bytes and series, and hold every point once in order', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 80 }),
        fc.record({
          maxPoints: fc.integer({ min: 1, max: 20 }),
          maxSeries: fc.integer({ min: 1, max: 5 }),
          maxBytes: fc.integer({ min: 20, max: 150 }),
        }),
        fc.constantFrom('series' as const, 'total' as const),
        async (series, limits, order) => {
          const { put, server, clock, writer } = open({ order }, { limits });
          put(series.map((key, value) => ({ series: `s${key}`, time: value, value })));
          await clock.advance(10_000);
          expect(writer.report().stored).toBe(series.length);
          for (const { ids, series: keys } of server.requests) {
            expect(ids.length).toBeLessThanOrEqual(limits.maxPoints);
            expect(new Set(keys).size).toBeLessThanOrEqual(limits.maxSeries);
            // a point that is too large alone goes alone
            if (ids.length > 1) expect(2 + ids.length * 12).toBeLessThanOrEqual(limits.maxBytes);
          }
          const arrived = server.requests.flatMap(({ ids, series: keys }) => ids.map((id, row) => [keys[row]!, id] as const));
          for (const key of new Set(arrived.map(([one]) => one))) {
            const ids = arrived.filter(([one]) => one === key).map(([, id]) => id);
            expect(ids).toEqual(series.flatMap((one, id) => (`s${one}` === key ? [id] : [])));
          }
        },
      ),
    ));

  test('leave when they are full by points or by bytes, or when their oldest point has waited for linger', async () => {
    const byPoints = open({ maxBatchPoints: 3 });
    byPoints.put([0, 1, 2].map((value) => ({ series: a, time: value, value })));
    await byPoints.clock.advance(0);
    expect(byPoints.server.requests).toHaveLength(1);
    const byBytes = open({ maxBatchBytes: 4000 });
    byBytes.put({ series: a, time: 0, value: 'x'.repeat(1000) });
    await byBytes.clock.advance(0);
    expect(byBytes.server.requests).toHaveLength(0);
    byBytes.put({ series: a, time: 1, value: 'x'.repeat(1000) });
    await byBytes.clock.advance(0);
    expect(byBytes.server.requests).toHaveLength(1);
    const byTime = open({ linger: 300 });
    byTime.put({ series: a, time: 0, value: 0 });
    await byTime.clock.advance(200);
    byTime.put({ series: b, time: 0, value: 1 });
    await byTime.clock.advance(99);
    expect(byTime.server.requests).toHaveLength(0);
    await byTime.clock.advance(1);
    expect(byTime.server.requests).toHaveLength(1);
  });
});
