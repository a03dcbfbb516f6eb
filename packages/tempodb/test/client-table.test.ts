import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createClient, type TempoDBClient } from '../src/index.ts';
import { type Service, startService } from './service.ts';

const hour = 3_600_000;
const midnight = Date.UTC(2012, 0, 1);
const range = { start: midnight, end: '2012-01-02' };
const at = (hours: number) => midnight + hours * hour;

let service: Service;
let client: TempoDBClient;

beforeEach(async () => {
  service = await startService();
  client = createClient(service.settings);
});

afterEach(async () => {
  await client.close();
  await service.close();
});

/** Two series with hourly points: 10, 20, 30 and, from the second hour on, 5, 6. */
async function fill(): Promise<void> {
  await client.write(
    'tank',
    [10, 20, 30].map((v, i) => ({ t: at(i), v })),
  );
  await client.write(
    'vat',
    [5, 6].map((v, i) => ({ t: at(i + 1), v })),
  );
}

async function valuesOf(series: string): Promise<unknown[]> {
  return (await client.readSegment(series, range).toArray()).map(({ v }) => v);
}

/** What each call of the table does, against the protocol server; named by the first column. */
const rows: Readonly<Record<string, () => Promise<void>>> = {
  async 'createSeries(fields)'() {
    const series = await client.createSeries({ key: 'tank', name: 'Tank', tags: ['hot'], attributes: { site: 'north' } });
    expect(series).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      key: 'tank',
      name: 'Tank',
      tags: ['hot'],
      attributes: { site: 'north' },
    });
    const nameless = await client.createSeries();
    expect(nameless.key).toBe(nameless.id);
    await expect(client.createSeries({ key: 'tank' })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('key tank'),
    });
  },
  async 'listSeries(selection)'() {
    for (const [key, tags] of [
      ['c', ['x']],
      ['a', ['x']],
      ['b', []],
    ] as const)
      await client.createSeries({ key, tags });
    const keys = async (...input: Parameters<TempoDBClient['listSeries']>) =>
      (await client.listSeries(...input).toArray()).map(({ key }) => key);
    expect(await keys()).toEqual(['a', 'b', 'c']);
    expect(await keys({ tags: ['x'] }, { limit: 1 })).toEqual(['a', 'c']);
    expect(await keys({ keys: ['b', 'c', 'd'], tags: ['x'] })).toEqual(['c']);
  },
  async 'getSeries(series)'() {
    const made = await client.createSeries({ key: 'rack 1/fan?' });
    expect(await client.getSeries('rack 1/fan?')).toEqual(made);
    expect(await client.getSeries({ id: made.id })).toEqual(made);
    await expect(client.getSeries('gone')).rejects.toMatchObject({ code: 'not-found' });
  },
  async 'updateSeries(series, fields)'() {
    const made = await client.createSeries({ key: 'tank', name: 'Tank', tags: ['hot'] });
    const changed = { ...made, name: 'The tank', tags: [], attributes: { site: 'north' } };
    expect(await client.updateSeries('tank', changed)).toEqual(changed);
    expect(await client.updateSeries({ id: made.id }, { tags: ['b', 'a'] })).toEqual({ ...changed, tags: ['b', 'a'] });
    await expect(client.updateSeries('tank', { attributes: { site: '' } })).rejects.toMatchObject({ code: 'invalid' });
  },
  async 'deleteSeries(series)'() {
    await fill();
    await client.deleteSeries('tank');
    await expect(client.deleteSeries('tank')).rejects.toMatchObject({ code: 'not-found' });
    expect(await valuesOf('vat')).toEqual([5, 6]);
  },
  async 'deleteSeriesWhere(selection)'() {
    await fill();
    expect(await client.deleteSeriesWhere({ keys: ['tank', 'gone'] })).toEqual({ deleted: 1 });
    expect(await valuesOf('vat')).toEqual([5, 6]);
  },
  async 'deleteAllSeries()'() {
    await fill();
    expect(await client.deleteAllSeries()).toEqual({ deleted: 2 });
    expect(await client.listSeries().toArray()).toEqual([]);
  },
  async 'write(series, points)'() {
    await client.write('tank', [
      { t: at(1), v: 2 },
      { t: new Date(at(0)), v: 1.5 },
      { t: '2012-01-01T02:00:00', v: 2n ** 53n + 1n },
    ]);
    expect(await valuesOf('tank')).toEqual([1.5, 2, 2n ** 53n + 1n]);
    await client.write('tank', [{ v: 3 }]);
    expect((await client.singleValue('tank', { direction: 'before' })).data?.v).toBe(3);
    await expect(client.write({ id: 'f'.repeat(32) }, [{ v: 1 }])).rejects.toMatchObject({ code: 'not-found' });
  },
  async 'writeBulk(time, values)'() {
    const { id } = await client.createSeries({ key: 'tank' });
    const statuses = await client.writeBulk(at(0), [{ id, v: 1 }, { key: 'vat', v: 2 }, { v: 3 } as never]);
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 422]);
    expect([await valuesOf('tank'), await valuesOf('vat')]).toEqual([[1], [2]]);
  },
  async 'writeMulti(points)'() {
    const statuses = await client.writeMulti([
      { key: 'tank', t: at(0), v: 1 },
      { id: 'f'.repeat(32), t: at(0), v: 2 },
      { t: at(0), v: 3 },
    ]);
    expect(statuses).toEqual([
      { status: 200, messages: [] },
      { status: 403, messages: ['Forbidden'] },
      { status: 422, messages: ['Must provide a series ID or key'] },
    ]);
    expect(await client.writeMulti([{ key: 'tank', t: at(1), v: 2 }])).toEqual([{ status: 200, messages: [] }]);
    expect(await valuesOf('tank')).toEqual([1, 2]);
  },
  async 'increment(series, points)'() {
    await client.increment(
      'clicks',
      [12.94, -3.7].map((v) => ({ t: at(0), v })),
    );
    await client.increment('clicks', [{ t: at(0), v: 2n ** 53n }]);
    expect(await valuesOf('clicks')).toEqual([2n ** 53n + 9n]);
  },
  async 'incrementBulk(time, values)'() {
    await client.incrementBulk(at(0), [
      { key: 'a', v: 1 },
      { key: 'b', v: 2 },
      { key: 'a', v: 3 },
    ]);
    expect([await valuesOf('a'), await valuesOf('b')]).toEqual([[4], [2]]);
  },
  async 'incrementMulti(points)'() {
    const statuses = await client.incrementMulti([
      { key: 'a', t: at(0), v: 1 },
      { t: at(0), v: 1 },
      { key: 'a', t: at(1), v: 2 },
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([200, 422, 200]);
    expect(await valuesOf('a')).toEqual([1, 2]);
  },
  async 'deletePoints(series, range)'() {
    await fill();
    await client.deletePoints('tank', { start: at(1), end: at(1) });
    expect(await valuesOf('tank')).toEqual([10, 30]);
    await client.deletePoints('tank', { start: at(0), end: at(2) });
    expect(await valuesOf('tank')).toEqual([30]);
    await expect(client.deletePoints('gone', range)).rejects.toMatchObject({ code: 'not-found' });
  },
  async 'readData(series, query)'() {
    await fill();
    const whole = await client.readData('tank', range);
    expect(whole).toMatchObject({ series: { key: 'tank' }, start: midnight, end: at(24), rollup: null });
    expect(whole.data.map(({ v }) => v)).toEqual([10, 20, 30]);
    expect(whole.summary).toMatchObject({ sum: 60, mean: 20, max: 30, min: 10, count: 3, ss: 200, stddev: 10 });
    const rolled = await client.readData('tank', { ...range, interval: '1day', function: 'max', tz: 'America/Chicago' });
    expect(rolled.rollup).toEqual({ interval: 'P1D', function: 'max', tz: 'America/Chicago' });
    expect(rolled.data).toEqual([{ t: at(-18), v: 30 }]);
  },
  async 'readDataSets(selection, query)'() {
    await fill();
    const sets = await client.readDataSets({}, { ...range, interval: 'raw' });
    expect(sets.map(({ series, data }) => [series.key, data.length])).toEqual([
      ['tank', 3],
      ['vat', 2],
    ]);
  },
  async 'readSegment(series, query)'() {
    await fill();
    const cursor = client.readSegment('tank', { ...range, limit: 2 });
    expect(await cursor.head()).toMatchObject({ series: { key: 'tank' }, rollup: null, tz: 'UTC' });
    expect((await cursor.toArray()).map(({ v }) => v)).toEqual([10, 20, 30]);
    const rolled = client.readSegment('tank', { ...range, rollup: { period: '2hour', fold: 'avg' } });
    expect((await rolled.head()).rollup).toEqual({ period: 'PT2H', fold: 'mean' });
    expect(await rolled.toArray()).toEqual([
      { t: at(0), v: 15 },
      { t: at(2), v: 30 },
    ]);
    const drawn = client.readSegment('tank', { start: midnight, end: at(1), interpolation: { period: 'PT30M', function: 'zoh' } });
    expect((await drawn.toArray()).map(({ v }) => v)).toEqual([10, 10]);
    await expect(client.readSegment('gone', range).toArray()).rejects.toMatchObject({ code: 'not-found' });
  },
  async 'aggregate(selection, query)'() {
    await fill();
    const cursor = client.aggregate({ keys: ['tank', 'vat'] }, { ...range, aggregation: 'sum' });
    expect((await cursor.toArray()).map(({ v }) => v)).toEqual([10, 25, 36]);
  },
  async 'readMulti(selection, query)'() {
    await fill();
    const cursor = client.readMulti({ keys: ['tank', 'vat'] }, { ...range, limit: 2 });
    expect((await cursor.head()).series.map(({ key }) => key)).toEqual(['tank', 'vat']);
    expect(await cursor.toArray()).toEqual([
      { t: at(0), v: { tank: 10 } },
      { t: at(1), v: { tank: 20, vat: 5 } },
      { t: at(2), v: { tank: 30, vat: 6 } },
    ]);
  },
  async 'readRollups(series, query)'() {
    await fill();
    const cursor = client.readRollups('tank', { ...range, period: '1day', folds: ['min', 'max', 'percentile,50'] });
    expect((await cursor.head()).rollup).toEqual({ period: 'P1D', folds: ['min', 'max', 'percentile(0.5)'] });
    expect(await cursor.toArray()).toEqual([{ t: midnight, v: { min: 10, max: 30, percentile: 20 } }]);
  },
  async 'find(series, query)'() {
    await fill();
    const cursor = client.find('tank', { ...range, function: 'max', period: '2hour' });
    expect((await cursor.head()).predicate).toEqual({ function: 'max', period: 'PT2H' });
    expect(await cursor.toArray()).toEqual([
      { interval: { start: at(0), end: at(2) }, found: { t: at(1), v: 20 } },
      { interval: { start: at(2), end: at(4) }, found: { t: at(2), v: 30 } },
    ]);
  },
  async 'singleValue(series, query)'() {
    await fill();
    expect((await client.singleValue('tank', { ts: at(1.6), direction: 'nearest' })).data).toEqual({ t: at(2), v: 30 });
    expect(await client.singleValue('tank', { ts: at(1.6) })).toMatchObject({ series: { key: 'tank' }, data: null, tz: 'UTC' });
  },
  async 'singleValues(selection, query)'() {
    await fill();
    const found = await client.singleValues({}, { ts: at(0), direction: 'before', limit: 1 }).toArray();
    expect(found.map(({ series, data }) => [series.key, data?.v])).toEqual([
      ['tank', 10],
      ['vat', undefined],
    ]);
  },
  async 'summary(series, query)'() {
    await fill();
    const summary = await client.summary('tank', { ...range, tz: 'Asia/Tokyo' });
    expect(summary).toMatchObject({ series: { key: 'tank' }, start: midnight, end: at(24), tz: 'Asia/Tokyo' });
    expect(summary.summary).toEqual({ count: 3, mean: 20, min: 10, max: 30, stddev: 10, sum: 60 });
  },
  async 'ping()'() {
    await client.ping();
    expect(service.requests.at(-1)?.headers.has('authorization')).toBe(false);
  },
  async 'createDatabase(name)'() {
    await expect(client.createDatabase('mine')).rejects.toMatchObject({ code: 'forbidden' });
  },
};

const table = readFileSync(new URL('../../../docs/clients/tempodb.md', import.meta.url), 'utf8');
const calls = [...table.matchAll(/^\| `([^`]+\))` \|/gm)].map(([, call]) => call!);

describe('each row of docs/clients/tempodb.md works against the protocol server', () => {
  test.each(calls)('%s', async (call) => {
    expect(Object.keys(rows)).toContain(call);
    await rows[call]!();
  });

  test('the table and these tests tell of the same calls, and of every method of the client', () => {
    expect(Object.keys(rows)).toEqual(calls);
    const methods = Object.keys(client).filter((name) => name !== 'close');
    expect(calls.map((call) => call.slice(0, call.indexOf('('))).sort()).toEqual(methods.sort());
  });
});
