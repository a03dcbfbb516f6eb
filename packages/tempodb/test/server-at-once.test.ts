import type { Store } from '@anyseries/core';
import { connect as connectToMemory } from '@anyseries/memory';
import { connect as connectToSqlite } from '@anyseries/sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { at, clock, iso, now, type Service, startService, textsOf, ways } from './server-fixture.ts';

/** In memory a transaction seldom meets another; over a thread of its own many are under way together. */
const stores: readonly (readonly [name: string, connect: () => Store])[] = [
  ['memory', () => connectToMemory({ clock })],
  ['sqlite', () => connectToSqlite({ path: ':memory:', clock })],
];

describe.each(stores)('requests at once over %s', (_, connect) => {
  let store: Store;
  /** Two servers over one store. */
  let services: readonly [Service, Service];

  beforeEach(async () => {
    store = connect();
    services = [await startService({ store }), await startService({ store })];
  });

  afterEach(() => store.close());

  const ask: Service['ask'] = (...request) => services[0].ask(...request);
  const askEither = (i: number): Service['ask'] => services[i % 2]!.ask;

  test('that create one series are one success and many conflicts', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => askEither(i)('POST', '/v1/series/', { key: 'k' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(409)]);
    const created = answers.find(({ status }) => status === 200)!;
    expect((await ask('GET', '/v1/series/key/k/')).text).toBe(created.text);
    expect(await Array.fromAsync(store.records.list('tempodb/ids'))).toHaveLength(1);
  });

  test('that update one series lose nothing of each other', async () => {
    await ask('POST', '/v1/series/', { key: 'k' });
    const changes = [{ name: 'N' }, { tags: ['t'] }, { attributes: { a: '1' } }];
    await Promise.all(changes.map((change, i) => askEither(i)('PUT', '/v1/series/key/k/', change)));
    expect((await ask('GET', '/v1/series/key/k/')).json).toMatchObject({ name: 'N', tags: ['t'], attributes: { a: '1' } });
  });

  test('that write first to one series make one, with one id, and store all points', async () => {
    const write = (i: number) => askEither(i)('POST', '/v1/multi/', [{ key: 'a.b', t: iso(now + i), v: i }]);
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => write(i)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(await store.read({ series: 'a.b' }).toArray()).toHaveLength(30);
    const listed = await Promise.all(services.map((service) => service.ask('GET', '/v1/series/')));
    expect(listed[0]!.text).toBe(listed[1]!.text);
    expect(listed[0]!.json).toMatchObject([{ key: 'a.b', tags: ['a'] }]);
    expect(await Array.fromAsync(store.records.list('tempodb/ids'))).toHaveLength(1);
  });

  test('that list series of another protocol give each one id', async () => {
    await store.write(Array.from({ length: 50 }, (_, i) => ({ series: `k${i}`, value: i })));
    const lists = await Promise.all(Array.from({ length: 10 }, (_, i) => askEither(i)('GET', '/v1/series/')));
    expect(new Set(lists.map(({ text }) => text)).size).toBe(1);
  });

  test.each(Object.entries(ways))('that increment, %s, are counted by each', async (_name, way) => {
    const [path, body] = way('increment', [{ t: at(0), v: 1.9 }]);
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => askEither(i)('POST', path, body)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(await textsOf(services[0], 'k')).toEqual([[at(0), '40']]);
  });

  test('that write to a series that was known, while it is deleted, never bring it back without its metadata', async () => {
    const write = () => ask('POST', '/v1/multi/', [{ key: 'a.b', t: at(0), v: 1 }]);
    for (let round = 0; round < 10; round++) {
      await write();
      const requests = [askEither(round)('DELETE', '/v1/series/key/a.b/')];
      for (let i = 0; i < 12; i++) {
        requests.push(write());
        await new Promise(setImmediate);
      }
      const answers = await Promise.all(requests);
      expect(answers.map(({ status }) => status)).toEqual(Array(13).fill(200));
      for (const { tags } of (await ask('GET', '/v1/series/')).json) expect(tags).toEqual(['a']);
    }
  });

  test('that write and delete leave every series with its metadata, one id, and the points of the last write', async () => {
    const write = (i: number) => askEither(i)('POST', '/v1/multi/', [{ key: `k.${i % 3}`, t: at(0), v: i }]);
    const remove = (i: number) => askEither(i)('DELETE', '/v1/series/?allow_truncation=true');
    for (let round = 0; round < 5; round++) {
      await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 4 === 3 ? remove(i) : write(i))));
      const last = [0, 1, 2].map((i) => ({ key: `k.${i}`, t: at(0), v: 100 + i }));
      await ask('POST', '/v1/multi/', last);
      const { json } = await ask('GET', `/v1/single/?ts=${at(0)}`);
      type Single = { readonly data: { readonly v: number }; readonly series: { readonly id: string; readonly tags: readonly string[] } };
      expect(json.map(({ data, series }: Single) => [data.v, series.tags])).toEqual([100, 101, 102].map((v) => [v, ['k']]));
      const ids = await Array.fromAsync(store.records.list('tempodb/ids'));
      expect(ids.map(({ id }) => id).sort()).toEqual(json.map(({ series }: Single) => series.id).sort());
    }
  });
});
