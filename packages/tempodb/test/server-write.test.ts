import { describe, expect, test } from 'vitest';
import { at, iso, now, type Service, startService, textsOf, ways } from './server-fixture.ts';

describe.each(Object.entries(ways))('a write %s', (_, way) => {
  const write = (service: Service, points: readonly object[]) => {
    const [path, body] = way('data', points);
    return service.ask('POST', path, body);
  };

  test('stores values as they are, and answers nothing', async () => {
    const values = [
      '0',
      '-0',
      '1',
      '40.5',
      '38.0',
      '1e-7',
      '1.7976931348623157e308',
      '9007199254740993',
      '-9223372036854775808',
      'true',
      'false',
    ];
    const service = await startService();
    for (const value of values) {
      const [path, body] = way('data', [{ t: at(0), v: 'V' }]);
      const answer = await service.ask('POST', path, JSON.stringify(body).replace('"V"', value));
      expect([answer.status, answer.text, answer.type, answer.headers.get('content-length')]).toEqual([200, '', null, '0']);
      const shown = { true: '1', false: '0', '38.0': '38', '1.7976931348623157e308': '1.7976931348623157e+308' }[value] ?? value;
      expect(await textsOf(service, 'k')).toEqual([[at(0), shown]]);
    }
  });

  test('takes the time of the server where there is none', async () => {
    const service = await startService();
    expect((await write(service, [{ v: 1 }])).status).toBe(200);
    expect((await write(service, [{ t: null, v: 2 }])).status).toBe(200);
    expect(await textsOf(service, 'k', { start: iso(now), end: iso(now + 1) })).toEqual([[iso(now), '2']]);
  });

  test('of what is no number is refused, and makes no series', async () => {
    const service = await startService();
    for (const v of [undefined, null, '5', '', [], {}, [1]]) {
      const answer = await write(service, [{ t: at(0), v }]);
      expect([422, 207]).toContain(answer.status);
      expect(answer.text).toContain('Must provide a numeric value');
    }
    const [path, body] = way('data', [{ t: at(0), v: 'V' }]);
    for (const value of ['1e999', '-1e999'])
      expect((await service.ask('POST', path, JSON.stringify(body).replace('"V"', value))).text).toContain('Must provide a numeric value');
    expect(await service.store.series().toArray()).toEqual([]);
  });
});

describe('a write of one series', () => {
  test('stores all points or none', async () => {
    const { ask, store } = await startService();
    for (const bad of [{ t: 'yesterday', v: 1 }, { t: 5, v: 1 }, { t: '', v: 1 }, { v: 'x' }, 5, null, [], 'point']) {
      const answer = await ask('POST', '/v1/series/key/k/data/', [{ t: at(0), v: 1 }, bad]);
      expect([answer.status, answer.type]).toEqual([422, 'text/plain']);
      expect(answer.text).toContain('(point 1)');
    }
    for (const body of [{}, '5', 'null', '"text"']) expect((await ask('POST', '/v1/series/key/k/data/', body)).status).toBe(422);
    expect(await store.series().toArray()).toEqual([]);
  });

  test('keeps the last of equal times, over points that are there', async () => {
    const service = await startService();
    const points = [1, 2, 3].map((v) => ({ t: at(0), v }));
    await service.ask('POST', '/v1/series/key/k/data/', [...points, { t: '2012-01-01T00:00:00.0009Z', v: 4 }]);
    expect(await textsOf(service, 'k')).toEqual([[at(0), '4']]);
    await service.ask('POST', '/v1/series/key/k/data/', [{ t: at(0), v: 5 }]);
    expect(await textsOf(service, 'k')).toEqual([[at(0), '5']]);
  });

  test('of nothing makes the series, by key', async () => {
    const { ask } = await startService();
    expect((await ask('POST', '/v1/series/key/k/data/', [])).status).toBe(200);
    const { json } = await ask('GET', '/v1/series/key/k/');
    expect((await ask('POST', `/v1/series/id/${json.id}/data/`, [])).status).toBe(200);
    expect((await ask('POST', `/v1/series/id/${'f'.repeat(32)}/data/`, [])).status).toBe(403);
  });
});

describe('a write of several series', () => {
  test('stores the good elements and tells of every one, in order', async () => {
    const service = await startService();
    const { json } = await service.ask('POST', '/v1/series/', { key: 'named' });
    const numeric = 'Must provide a numeric value';
    const naming = 'Must provide a series ID or key';
    const elements: readonly (readonly [unknown, string, string[]])[] = [
      [{ key: 'a', t: at(0), v: 1 }, '200', []],
      [{ id: json.id, t: at(0), v: 2 }, '200', []],
      [{ id: json.id, key: 'ignored', t: at(1), v: 3 }, '200', []],
      [{ id: '', key: 'a', t: at(1), v: 4 }, '200', []],
      [{ id: null, key: 'a', t: at(2), v: true }, '200', []],
      [{ t: at(0), v: 123.4 }, '422', [naming]],
      [{}, '422', [numeric, naming]],
      [{ key: 'b', t: at(0) }, '422', [numeric]],
      [{ key: '', id: '', v: 1 }, '422', [naming]],
      [{ key: 5, v: 1 }, '422', [naming]],
      [{ id: 'f'.repeat(32), t: at(0), v: 1 }, '403', ['Forbidden']],
      [{ id: 'x', key: 'b', v: 1 }, '403', ['Forbidden']],
      [{ id: 'x', v: null }, '422', [numeric]],
      [{ key: 'b', t: 'yesterday', v: 1 }, '422', ['Invalid timestamp']],
      [{ key: 'b'.repeat(1025), v: 1 }, '422', ['Invalid series key']],
      [{ key: 'b\0', v: 1 }, '422', ['Invalid series key']],
      [{ key: 'b', t: 1325376000, v: 'x' }, '422', [numeric, 'Invalid timestamp']],
      [5, '422', [numeric, naming]],
      [null, '422', [numeric, naming]],
      [[], '422', [numeric, naming]],
    ];
    const answer = await service.ask(
      'POST',
      '/v1/multi/',
      elements.map(([element]) => element),
    );
    expect([answer.status, answer.type]).toEqual([207, 'application/json']);
    expect(answer.json).toEqual({ multistatus: elements.map(([, status, messages]) => ({ status, messages })) });
    expect(await textsOf(service, 'a')).toEqual([
      [at(0), '1'],
      [at(1), '4'],
      [at(2), '1'],
    ]);
    expect(await textsOf(service, 'named')).toEqual([
      [at(0), '2'],
      [at(1), '3'],
    ]);
    expect((await service.store.series().toArray()).map(({ key }) => key)).toEqual(['a', 'named']);
  });

  test('with an id and the key of the same series keeps the last of equal times', async () => {
    const service = await startService();
    const { json } = await service.ask('POST', '/v1/series/', { key: 'k' });
    const names = [{ id: json.id }, { key: 'k' }, { key: 'other' }, { id: json.id }, { key: 'k' }];
    await service.ask(
      'POST',
      '/v1/multi/',
      names.map((name, v) => ({ ...name, t: at(0), v })),
    );
    expect(await textsOf(service, 'k')).toEqual([[at(0), '4']]);
  });

  test('of nothing is fine, and a body of another form is not', async () => {
    const { ask } = await startService();
    expect((await ask('POST', '/v1/multi/', [])).status).toBe(200);
    expect((await ask('POST', '/v1/data/', { data: [] })).status).toBe(200);
    for (const body of [{}, '5', 'null', '"x"']) expect((await ask('POST', '/v1/multi/', body)).status).toBe(422);
    for (const body of [{}, [], '5', 'null', { data: {} }, { t: at(0) }]) expect((await ask('POST', '/v1/data/', body)).status).toBe(422);
    for (const t of ['yesterday', 5, '', {}]) expect((await ask('POST', '/v1/data/', { t, data: [{ key: 'k', v: 1 }] })).status).toBe(400);
    expect((await ask('GET', '/v1/series/')).json).toEqual([]);
  });
});
