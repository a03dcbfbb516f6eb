import { describe, expect, test } from 'vitest';
import { startService } from './server-fixture.ts';

const point = [{ t: '2012-01-01T00:00:00Z', v: 1 }];

describe('metadata from a key', () => {
  const cases: readonly (readonly [key: string, tags: string[], attributes: Record<string, string>])[] = [
    ['my-key.tag1.1', ['my-key', 'tag1'], {}],
    ['appidÜ:1234.txn:/def ault.cou+()+={}nt', [], { appidÜ: '1234', txn: '/def ault' }],
    ['getting_started', [], {}],
    ['plant2.unit:7.temp', ['plant2'], { unit: '7' }],
    ['a.b', ['a'], {}],
    ['a:b', [], {}],
    ['a:b:c.d', [], { a: 'b:c' }],
    ['..a..', ['a'], {}],
    ['a.a.x', ['a'], {}],
    [':b.a:.c', [], {}],
    ['. .x', [], {}],
    ['a:1.a:2.x', [], { a: '2' }],
    ['z.a.x', ['z', 'a'], {}],
    ['__proto__:1.x', [], JSON.parse('{"__proto__":"1"}')],
  ];

  test.each(cases)('%s: %j %j', async (key, tags, attributes) => {
    const { ask } = await startService();
    expect((await ask('POST', '/v1/series/', { key })).json).toMatchObject({ key, tags, attributes });
    const path = `/v1/series/key/${encodeURIComponent(key)}`;
    expect((await ask('GET', path)).json).toMatchObject({ tags, attributes });
    await ask('DELETE', path);
    for (const [target, body] of [
      [`${path}/data/`, point],
      [`${path}/data/`, []],
      [`${path}/increment/`, point],
      ['/v1/multi/', [{ key, v: 1 }]],
      ['/v1/data/', { data: [{ key, v: 1 }] }],
      ['/v1/multi/increment/', [{ key, v: 1 }]],
    ] as const) {
      expect((await ask('POST', target, body)).status).toBe(200);
      expect((await ask('GET', path)).json).toMatchObject({ tags, attributes });
      await ask('DELETE', path);
    }
  });

  test('comes before what the request gives, which wins', async () => {
    const { ask } = await startService();
    const body = { key: 'z.unit:7.temp', tags: ['a', 'z'], attributes: { b: '1', unit: '8' } };
    expect((await ask('POST', '/v1/series/', body)).json).toMatchObject({ tags: ['z', 'a'], attributes: { unit: '8', b: '1' } });
  });

  test('is made by an update no more, and not at all where the setting says so', async () => {
    const { ask } = await startService();
    await ask('POST', '/v1/series/', { key: 'a.b' });
    expect((await ask('PUT', '/v1/series/key/a.b/', { tags: [] })).json.tags).toEqual([]);
    await ask('POST', '/v1/series/key/a.b/data/', point);
    expect((await ask('GET', '/v1/series/key/a.b/')).json.tags).toEqual([]);
    const plain = await startService({ settings: { metadataFromKeys: false } });
    expect((await plain.ask('POST', '/v1/series/', { key: 'a.b' })).json.tags).toEqual([]);
    await plain.ask('POST', '/v1/series/key/c.d/data/', point);
    expect((await plain.ask('GET', '/v1/series/key/c.d/')).json.tags).toEqual([]);
  });
});

describe('a series of another protocol', () => {
  test('gets an id when it is first met, once, and is shown as the store has it', async () => {
    const { ask, store } = await startService();
    await store.putSeries({ key: 'a.b', name: 'N', tags: ['z', 'c'], attributes: { y: '1' } });
    await store.write([{ series: 'c.d', value: 1 }]);
    const lists = await Promise.all(Array.from({ length: 5 }, () => ask('GET', '/v1/series/')));
    expect(new Set(lists.map(({ text }) => text)).size).toBe(1);
    const [first, second] = lists[0]!.json;
    expect(first).toEqual({ id: expect.stringMatching(/^[\da-f]{32}$/), key: 'a.b', name: 'N', tags: ['c', 'z'], attributes: { y: '1' } });
    expect(second).toMatchObject({ key: 'c.d', tags: [], attributes: {} });
    expect((await ask('GET', `/v1/series/id/${second.id}/`)).json).toEqual(second);
  });

  test('keeps its metadata when it is written to, and shows what others change, in the order noted here', async () => {
    const { ask, store } = await startService();
    await store.putSeries({ key: 'x.y', tags: ['own'] });
    await ask('POST', '/v1/series/key/x.y/data/', point);
    expect((await ask('GET', '/v1/series/key/x.y/')).json.tags).toEqual(['own']);
    await ask('POST', '/v1/series/', { key: 'k', tags: ['z', 'm', 'a'], attributes: { z: '1', a: '2' } });
    await store.putSeries({ key: 'k', tags: ['a', 'b', 'z'], attributes: { a: '3', c: '4', z: '5' } });
    const { json } = await ask('GET', '/v1/series/key/k/');
    expect([json.tags, Object.entries(json.attributes)]).toEqual([
      ['z', 'a', 'b'],
      [
        ['z', '5'],
        ['a', '3'],
        ['c', '4'],
      ],
    ]);
  });

  test('that the other protocol deletes is gone here, too, and never costs a point', async () => {
    const { ask, store } = await startService();
    await ask('POST', '/v1/series/key/a.b/data/', point);
    const { json: before } = await ask('GET', '/v1/series/key/a.b/');
    await store.delete({ series: 'a.b' });
    expect((await ask('GET', '/v1/series/key/a.b/')).status).toBe(403);
    expect((await ask('GET', `/v1/series/id/${before.id}/`)).status).toBe(403);
    expect((await ask('POST', '/v1/series/key/a.b/data/', point)).status).toBe(200);
    expect((await ask('GET', '/v1/series/key/a.b/segment/?start=2012-01-01&end=2012-01-02')).json.data).toEqual([
      { t: '2012-01-01T00:00:00.000Z', v: 1 },
    ]);
    const again = await startService({ store });
    await store.delete({ series: 'a.b' });
    expect((await again.ask('POST', '/v1/series/key/a.b/data/', point)).status).toBe(200);
    const { json: after } = await again.ask('GET', '/v1/series/key/a.b/');
    expect([after.id === before.id, after.tags]).toEqual([false, ['a']]);
  });
});
