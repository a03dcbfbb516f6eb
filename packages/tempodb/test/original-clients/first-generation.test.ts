import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClientRun, pointsOf, runClient, storeNames } from './run-client.ts';

const at = (time: string) => `2012-03-27T${time}Z`;
const hex = /^[0-9a-f]{32}$/;
const nothing = { response: 200, body: '' };
const refused = { response: 403, body: '' };

describe.each(storeNames)('tempodb 0.3.2 for Node, unmodified, over TLS and %s', (storeName) => {
  let run: ClientRun;
  let told: ClientRun['told'];

  beforeAll(async () => {
    run = await runClient('first-generation.ts', storeName);
    told = run.told;
  });
  afterAll(() => run?.close());

  test('was called by every method that it has', () => {
    expect(told.notCalled).toEqual([]);
  });

  test('creates series', () => {
    const fields = { key: 'boiler-7', name: '', tags: [], attributes: {} };
    expect(told.created).toEqual({ response: 200, body: { id: expect.stringMatching(hex), ...fields } });
    expect(told.createdWithoutKey.body.key).toBe(told.createdWithoutKey.body.id);
    expect(told.createdTwice.response).toBe(409);
    expect(told.createdTwice.body).toMatch(/^Unique constraint violated, key boiler-7 and database id \d+ pair already exist$/);
  });

  test('updates a series by its id, and checks what it is given', () => {
    const { id } = told.created.body;
    const body = { id, key: 'boiler-7', name: 'Boiler seven', tags: ['heat'], attributes: { site: 'north' } };
    expect(told.updated).toEqual({ response: 200, body });
    expect(told.updatedWithWrongTags).toBe('TempoDB: tags must be an array');
  });

  test('writes by id, by key and in bulk', () => {
    expect(told).toMatchObject({ writtenById: nothing, writtenByKey: nothing, writtenBulk: nothing, writtenToUnknownId: refused });
    expect(told.writtenBulkInPart.response).toBe(207);
    expect(told.writtenBulkInPart.body.multistatus.map(({ status }: { status: string }) => status)).toEqual(['200', '422']);
  });

  test('increments by key, in bulk and by id', async () => {
    expect(told).toMatchObject({ incrementedByKey: nothing, incrementedBulk: nothing, incrementedById: nothing });
    expect(await pointsOf(run.store, 'clicks')).toEqual([
      [at('00:00:00.000'), 14],
      [at('00:05:00.000'), 2],
    ]);
  });

  test('lists series by id, key, tag and attribute', () => {
    expect(told.listed.body.map(({ key }: { key: string }) => key)).toEqual(['boiler-7', 'clicks', 'vat/b']);
    expect(told.tagged.body).toEqual([told.updated.body]);
  });

  test('reads by id and key, as stored or rolled up', () => {
    const summary = { sum: 121.5, mean: 40.5, max: 43, min: 38, stddev: 2.5, ss: 12.5, count: 3 };
    const bounds = { start: at('00:00:00.000'), end: at('23:59:59.000') };
    const data = [
      { t: at('00:00:00.000'), v: 40.5 },
      { t: at('01:30:00.250'), v: 43 },
      { t: at('02:15:00.000'), v: 38 },
    ];
    expect(told.readById).toEqual({ response: 200, body: { series: told.updated.body, ...bounds, data, rollup: null, summary } });
    expect(told.readByKey.body).toMatchObject({ rollup: { interval: 'PT1H', function: 'max', tz: 'UTC' }, summary });
    expect(told.readByKey.body.data).toEqual([
      { t: at('00:00:00.000'), v: 40.5 },
      { t: at('01:00:00.000'), v: 43 },
      { t: at('02:00:00.000'), v: 38 },
    ]);
    expect(told.readOfBareSlash.body.data).toEqual([
      { t: at('00:00:00.000'), v: 7 },
      { t: at('02:15:00.000'), v: 8 },
      { t: at('03:00:00.000'), v: 9 },
    ]);
    expect(told.readUnknown).toEqual(refused);
  });

  test('reads several series, a month by the day', () => {
    const [boiler, clicks] = told.readSeveral.body;
    expect(boiler).toMatchObject({ series: { key: 'boiler-7' }, rollup: { interval: 'P1D', function: 'avg', tz: 'UTC' } });
    expect(boiler.data).toEqual([{ t: at('00:00:00.000'), v: 40.5 }]);
    expect(clicks.data).toEqual([{ t: at('00:00:00.000'), v: 8 }]);
  });

  test('deletes a range by key and an instant by id', async () => {
    expect(told).toMatchObject({ deletedByKey: nothing, deletedById: nothing });
    expect(await pointsOf(run.store, 'vat/b')).toEqual([
      [at('02:15:00.000'), 8],
      [at('03:00:00.000'), 9],
    ]);
    expect(await pointsOf(run.store, 'boiler-7')).toEqual([
      [at('00:00:00.000'), 40.5],
      [at('01:30:00.250'), 43],
    ]);
  });

  test('counts characters where bytes are wanted, is refused, and goes on over another connection', async () => {
    expect(told.nonAscii.response).toBe(400);
    expect(told.afterNonAscii.response).toBe(200);
    const keys = (await run.store.series().toArray()).map(({ key }) => key);
    expect(keys).toEqual([told.createdWithoutKey.body.key, 'boiler-7', 'clicks', 'vat/b'].sort());
  });

  test('is refused with a wrong secret', () => {
    expect(told.refused).toEqual(refused);
  });
});
