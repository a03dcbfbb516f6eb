import { connect } from '@anyseries/memory';
import { expect, test } from 'vitest';
import { AnySeriesError, copy, mirror } from '../src/index.ts';
import { defineProvider } from '../src/provider.ts';

const numbersOnly = {
  write: { limits: { maxPoints: 100 }, onDuplicate: 'overwrites', outcome: 'unconfirmed', granularity: 'item' },
  values: ['number'],
  times: { resolution: 's', min: 0, max: 4e12 },
  keys: { maxBytes: 1024, caseSensitive: true },
  visibleWithinMs: 0,
} as const;

const narrow = (fail?: Error) =>
  defineProvider({
    id: 'narrow',
    capabilities: numbersOnly,
    open: () => ({
      async send() {
        if (fail) throw fail;
        return { kind: 'ok', outcome: 'unconfirmed' };
      },
    }),
  });

test('a mirror writes, increments, deletes and describes in both, and closes both', async () => {
  const [first, second] = [connect(), connect()];
  const both = mirror(first, second);
  await both.write([
    { series: 'a', time: 1, value: 1 },
    { series: 'a', time: 2, value: 2 },
  ]);
  await both.increment([{ series: 'a', time: 2, value: 5 }]);
  await both.delete({ series: 'a', start: 1, end: 1 });
  await both.putSeries({ key: 'a', tags: ['x'] });
  for (const store of [first, second]) {
    expect(await store.read({ series: 'a' }).toArray()).toEqual([{ series: 'a', time: 2, value: 7 }]);
    expect((await store.series().toArray())[0]!.tags).toEqual(['x']);
  }
  await both.close();
  await expect(second.write([])).rejects.toMatchObject({ code: 'closed' });
});

test('a point counts as stored in a mirror when both have stored it, also from an iterator that runs once', async () => {
  const both = mirror(connect(), narrow());
  function* points() {
    yield { series: 'a', time: 1000, value: 1 };
    yield { series: 'a', time: 2000, value: 'text' };
    yield { series: 'a', time: 3000, value: Number.NaN };
  }
  const result = await both.write(points());
  expect([result.stored, result.unconfirmed, result.rejected.map(({ index }) => index)]).toEqual([0, 1, [1, 2]]);
  expect(() => both.increment([])).toThrow(/increment/);
});

test('a mirror fails with the error of its second sink, or hands it over', async () => {
  const first = connect();
  const failing = () => narrow(new AnySeriesError('forbidden', 'read-only'));
  await expect(mirror(first, failing()).write([{ series: 'a', time: 1, value: 1 }])).rejects.toMatchObject({ code: 'forbidden' });
  const seen: unknown[] = [];
  const tolerant = mirror(first, failing(), { onSecondaryError: (error) => seen.push(error) });
  expect((await tolerant.write([{ series: 'a', time: 2, value: 1 }])).stored).toBe(1);
  expect(seen).toHaveLength(1);
});

test('copy takes points and metadata of a range, reports progress and what the sink refused', async () => {
  const [source, target] = [connect(), connect()];
  await source.putSeries({ key: 'a', name: 'first', attributes: { unit: 'K' }, tags: ['x'] });
  await source.write(Array.from({ length: 25_000 }, (_, time) => ({ series: time % 2 ? 'a' : 'b', time, value: time })));
  const seen: number[] = [];
  const report = await copy(source, target, { start: 5000, onProgress: ({ pointsWritten }) => seen.push(pointsWritten) });
  expect(report).toEqual({ series: 2, pointsRead: 20_000, pointsWritten: 20_000, rejected: [] });
  expect(seen.at(-1)).toBe(20_000);
  expect(await target.read({ series: ['a', 'b'] }).toArray()).toEqual(await source.read({ series: ['a', 'b'], start: 5000 }).toArray());
  expect(await target.series({ tags: ['x'] }).toArray()).toEqual(await source.series({ tags: ['x'] }).toArray());
  await source.write([{ series: 'c', time: 1000, value: 'text' }]);
  const partly = await copy(source, narrow(), { series: ['c'] });
  expect([partly.pointsRead, partly.pointsWritten, partly.rejected[0]!.message]).toEqual([1, 0, expect.stringContaining('"c" at 1000')]);
});

test('copy says which side failed', async () => {
  const source = connect();
  await source.write([{ series: 'a', time: 1000, value: 1 }]);
  await expect(copy(source, narrow(new AnySeriesError('forbidden', 'read-only')))).rejects.toMatchObject({
    code: 'forbidden',
    message: 'sink: read-only',
  });
  await source.close();
  await expect(copy(source, connect(), { series: 'a' })).rejects.toMatchObject({ code: 'closed' });
});

test('a provider of another version of the contract is refused with what to update', () => {
  const newer = Object.assign(Object.create(null), connect(), { specVersion: 2 });
  expect(() => mirror(connect(), newer)).toThrow(/version 2.*update @anyseries\/core/);
  expect(() => mirror(connect(), {} as never)).toThrow(/secondary/);
});
