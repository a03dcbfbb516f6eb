import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRawClient } from '../../../../tooling/vectors/raw-client.ts';
import { type ClientRun, now, pointsOf, runClient, storeNames } from './run-client.ts';

const at = (time: string) => `2012-01-01T${time}Z`;
const hex = /^[0-9a-f]{32}$/;
const ok = { status: 200, successful: 1 };
const failed = (status: number) => ({ status, successful: 0, json: null });

const tank = [
  { t: at('00:00:00.000'), v: 10 },
  { t: at('00:20:00.250'), v: 14.5 },
  { t: at('00:40:00.000'), v: 12 },
  { t: at('01:00:00.000'), v: 20 },
  { t: at('01:30:00.000'), v: 26 },
  { t: at('03:00:00.000'), v: 5 },
];

const series = (key: string) => expect.objectContaining({ id: expect.stringMatching(hex), key });

describe.each(storeNames)('tempodb 1.0.0 for Node, unmodified, over %s', (storeName) => {
  let run: ClientRun;
  let told: ClientRun['told'];

  beforeAll(async () => {
    run = await runClient('second-generation.ts', storeName);
    told = run.told;
  });
  afterAll(() => run?.close());

  test('was called by every method that it has', () => {
    expect(told.notCalled).toEqual([]);
  });

  test('creates series, with metadata made from the key, and gets them', () => {
    const made = { name: '', tags: ['plant'], attributes: { unit: '7' } };
    expect(told.created).toEqual({ ...ok, json: { id: expect.stringMatching(hex), key: 'plant.unit:7.temperature', ...made } });
    expect(told.got).toEqual(told.created);
    expect(told.createdByAlias.json).toEqual({ id: expect.stringMatching(hex), key: 'fan', name: '', tags: [], attributes: {} });
    expect(told.gotByAlias).toEqual(told.createdByAlias);
    expect(told.createdWithoutKey.json.key).toBe(told.createdWithoutKey.json.id);
    expect(told.createdTwice).toEqual(failed(409));
    expect(told.gotUnknown).toEqual(failed(403));
  });

  test('updates series, as a whole and in part', () => {
    const { id } = told.createdByAlias.json;
    const changed = { id, key: 'fan', name: 'Fan', tags: ['round', 'loud'], attributes: { room: 'north wing' } };
    expect(told.updated).toEqual({ ...ok, json: changed });
    expect(told.updatedInPart).toEqual({ ...ok, json: { ...changed, name: 'The fan' } });
  });

  test('writes points, one series or several', () => {
    const nothing = { ...ok, json: null };
    expect(told).toMatchObject({ written: nothing, writtenByAlias: nothing, writtenToBareSlash: nothing, writtenMulti: nothing });
    expect(told.writtenWrong).toEqual(failed(422));
  });

  test('takes a write that is stored in part for a partial success', () => {
    const { multistatus } = told.writtenInPart.json;
    expect(told.writtenInPart).toMatchObject({ status: 207, successful: 2 });
    expect(multistatus.map(({ status }: { status: string }) => status)).toEqual(['200', '422', '422']);
  });

  test('lists series, whole or in pages, however its cursor is driven', () => {
    const keys = [told.createdWithoutKey.json.key, 'fan', 'plant.unit:7.temperature', 'rack 1/fan', 'tank', 'tank2'].sort();
    expect(told.all.data.map(({ key }: { key: string }) => key)).toEqual(keys);
    expect(told.pagesOfAll).toEqual([3, 3]);
    expect(told.furtherPagesOfAll).toEqual([3]);
    expect(told.keysOfAll).toEqual(keys);
  });

  test('lists series by key, tag and attribute', () => {
    expect(told.namedInPages).toEqual({ status: 200, data: [series('fan'), series('rack 1/fan'), series('tank')] });
    expect(told.tagged.data).toEqual([told.updatedInPart.json]);
  });

  test('reads points, whole or in pages, however its cursor is driven', () => {
    expect(told.points).toEqual({ status: 200, series: series('tank'), data: tank, rollup: null, tz: 'UTC' });
    expect(told.pointsInPages).toEqual(told.points);
    expect(told.pageSizes).toEqual([4, 2]);
    expect(told.pointsOneByOne).toEqual(tank);
    expect(told.pointsOfBareSlash.data).toEqual([{ t: at('00:00:00.000'), v: 1 }]);
    expect(told.readUnknown).toEqual(failed(403));
  });

  test('reads rollups in a zone, page after page', () => {
    expect(told.rolledUp).toMatchObject({ rollup: { period: 'PT1H', fold: 'max' }, tz: 'America/Chicago' });
    expect(told.rolledUp.data).toEqual([
      { t: '2011-12-31T18:00:00.000-06:00', v: 14.5 },
      { t: '2011-12-31T19:00:00.000-06:00', v: 26 },
      { t: '2011-12-31T21:00:00.000-06:00', v: 5 },
    ]);
    expect(told.rolledUpAsInReadme).toMatchObject({ rollup: { period: 'PT1H', fold: 'sum' } });
    expect(told.rolledUpAsInReadme.data.map(({ v }: { v: number }) => v)).toEqual([36.5, 46, 5]);
  });

  test('asks for whole seconds by dates, and for milliseconds by texts', () => {
    expect(told.fromMilliseconds.data).toEqual([tank[1]]);
    expect(told.fromText.data).toEqual([]);
    expect(told.singleAtMilliseconds.json.data).toBeNull();
    expect(told.singleAtText.json.data).toEqual(tank[1]);
  });

  test('reads several series side by side', () => {
    expect(told.several).toMatchObject({ series: [series('tank'), series('tank2')], rollup: null, tz: 'UTC' });
    expect(told.several.data).toEqual([
      { t: at('00:20:00.250'), v: { tank: 14.5, tank2: 1.5 } },
      { t: at('00:40:00.000'), v: { tank: 12 } },
      { t: at('01:00:00.000'), v: { tank: 20 } },
      { t: at('01:30:00.000'), v: { tank: 26 } },
      { t: at('03:00:00.000'), v: { tank: 5, tank2: 2.5 } },
    ]);
    expect(told.severalByAlias.data).toEqual(told.several.data.slice(4));
  });

  test('aggregates several series', () => {
    expect(told.aggregated).toMatchObject({ status: 200, rollup: null, tz: 'UTC' });
    expect(told.aggregated.data.map(({ v }: { v: number }) => v)).toEqual([10, 16, 12, 20, 26, 7.5, 3.5]);
  });

  test('reads several folds at once', () => {
    expect(told.folds).toMatchObject({ series: series('tank'), rollup: { period: 'PT1H', folds: ['max', 'count'] }, tz: 'UTC' });
    expect(told.folds.data).toEqual([
      { t: at('00:00:00.000'), v: { max: 14.5, count: 3 } },
      { t: at('01:00:00.000'), v: { max: 26, count: 2 } },
      { t: at('03:00:00.000'), v: { max: 5, count: 1 } },
    ]);
    expect(told.foldsByAlias.data).toEqual([{ t: at('00:00:00.000'), v: { min: 5 } }]);
  });

  test('reads summaries', () => {
    const bounds = { start: at('00:00:00.000'), end: at('23:59:59.000'), tz: 'UTC' };
    const mean = expect.closeTo(87.5 / 6, 12);
    const stddev = expect.closeTo(7.472728194352225, 10);
    expect(told.summary).toEqual({
      ...ok,
      json: { ...bounds, series: series('tank'), summary: { count: 6, mean, min: 5, max: 26, stddev, sum: 87.5 } },
    });
    expect(told.summaryByAlias.json.summary).toEqual({ count: 3, mean: 2.5, min: 1.5, max: 3.5, stddev: 1, sum: 7.5 });
  });

  test('finds a point of each period', () => {
    expect(told.found).toMatchObject({ predicate: { function: 'max', period: 'PT1H' }, tz: 'UTC' });
    expect(told.found.data).toEqual([
      { interval: { start: at('00:00:00.000'), end: at('01:00:00.000') }, found: tank[1] },
      { interval: { start: at('01:00:00.000'), end: at('02:00:00.000') }, found: tank[4] },
      { interval: { start: at('03:00:00.000'), end: at('04:00:00.000') }, found: tank[5] },
    ]);
    expect(told.foundByAlias.data.map(({ found }: { found: { v: number } }) => found.v)).toEqual([1.5, 2.5, 3.5]);
  });

  test('reads single values, of one series or of several', () => {
    expect(told.single).toEqual({ ...ok, json: { series: series('tank'), data: tank[4], tz: 'UTC' } });
    expect(told.singleByAlias.json.data).toBeNull();
    expect(told.singles.data).toEqual([
      { series: series('fan'), data: null, tz: 'UTC' },
      { series: series('tank'), data: tank[1], tz: 'UTC' },
      { series: series('tank2'), data: { t: at('00:20:00.250'), v: 1.5 }, tz: 'UTC' },
    ]);
    expect(told.singlesByAlias.data).toEqual([{ series: series('tank'), data: tank[0], tz: 'UTC' }]);
  });

  test('deletes points and series', async () => {
    const nothing = { ...ok, json: null };
    expect(told).toMatchObject({
      deleted: nothing,
      deletedInstant: nothing,
      deletedUnknown: failed(403),
      deletedWithoutFilter: failed(400),
    });
    expect(told.deletedSeries).toEqual({ ...ok, json: { deleted: 1 } });
  });

  test('counts characters where bytes are wanted, is refused, and goes on over another connection', () => {
    expect(told.nonAscii).toEqual(failed(400));
    expect(told.afterNonAscii).toMatchObject(ok);
    expect(told.nonAsciiInPath).toMatchObject(ok);
  });

  test('gets a 400 and a closed connection for a body that is longer than it says', async () => {
    const client = createRawClient(run.url);
    const body = '{"key":"São Paulo"}';
    const head = ['POST /v1/series/ HTTP/1.1', 'Host: 127.0.0.1', `Authorization: ${run.authorization}`, `Content-Length: ${body.length}`];
    const answer = await client.exchange(Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`));
    client.close();
    expect(answer.startLine).toBe('HTTP/1.1 400 Bad Request');
    expect(answer.headers).toContainEqual(['Connection', 'close']);
  });

  test('is refused with a wrong secret', () => {
    expect(told.refused).toBe(403);
  });

  test('leaves in the store what it wrote and nothing else', async () => {
    const { store } = run;
    const found = await store.series().toArray();
    const keys = [told.createdWithoutKey.json.key, 'Zürich', 'fan', 'plant.unit:7.temperature', 'tank', 'tank2'].sort();
    expect(found.map(({ key }) => key)).toEqual(keys);
    expect(found.find(({ key }) => key === 'fan')).toMatchObject({
      name: 'The fan',
      tags: ['loud', 'round'],
      attributes: { room: 'north wing' },
    });
    expect(await pointsOf(store, 'tank')).toEqual([tank[0], tank[1], tank[4]].map((point) => [point!.t, point!.v]));
    expect(await pointsOf(store, 'tank2')).toEqual([
      [at('00:20:00.250'), 1.5],
      [at('03:00:00.000'), 2.5],
      [at('04:00:00.000'), 3.5],
    ]);
    expect(await pointsOf(store, 'fan')).toEqual([[new Date(now).toISOString(), 7]]);
    expect(await pointsOf(store, 'Zürich')).toEqual([[at('00:00:00.000'), 1]]);
  });
});
