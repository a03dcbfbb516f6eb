import { connect } from '@anyseries/memory';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clock, now, startService } from './server-fixture.ts';

const point = [{ t: '2012-01-01T00:00:00Z', v: 1 }];

describe('a series that is created', () => {
  test('has an id of 32 hexadecimal digits, and its key is the id where none is given', async () => {
    const { ask } = await startService();
    for (const body of [undefined, '', ' \n', '{}', { key: null }, { key: '' }]) {
      const { status, json } = await ask('POST', '/v1/series/', body);
      expect(status).toBe(200);
      expect(json).toEqual({ id: json.key, key: expect.stringMatching(/^[\da-f]{32}$/), name: '', tags: [], attributes: {} });
    }
    expect((await ask('GET', '/v1/series/')).json).toHaveLength(6);
  });

  test('keeps name, tags and attributes in the order in which they came, fields always in one order', async () => {
    const { ask } = await startService();
    const body = { name: 'N', tags: ['z', 'a', 'm', 'a'], attributes: { z: '1', a: '2', m: '3' }, key: 'k', unknown: [1] };
    const created = await ask('POST', '/v1/series/', body);
    const { id } = created.json;
    const text = `{"id":"${id}","key":"k","name":"N","tags":["z","a","m"],"attributes":{"z":"1","a":"2","m":"3"}}`;
    expect(created.text).toBe(text);
    expect((await ask('GET', '/v1/series/key/k/')).text).toBe(text);
    expect((await ask('GET', `/v1/series/id/${id}`)).text).toBe(text);
    expect((await ask('GET', '/v1/series/')).text).toBe(`[${text}]`);
  });

  test('under a key that exists is a conflict, and changes nothing', async () => {
    const { ask, store } = await startService();
    await ask('POST', '/v1/series/', { key: 'clé', tags: ['a'] });
    await store.write([{ series: 'foreign', value: 1 }]);
    for (const key of ['clé', 'foreign']) {
      const answer = await ask('POST', '/v1/series/', { key, tags: ['b'] });
      expect(answer).toMatchObject({ status: 409, type: 'text/plain' });
      expect(answer.text).toBe(`Unique constraint violated, key ${key} and database id 1 pair already exist`);
    }
    expect((await ask('GET', '/v1/series/')).json.map(({ tags }: { tags: string[] }) => tags)).toEqual([['a'], []]);
  });

  test('by 20 at once is created by one', async () => {
    const { ask } = await startService();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask('POST', '/v1/series/', { key: 'k' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(409)]);
    const created = answers.find(({ status }) => status === 200)!;
    expect((await ask('GET', '/v1/series/key/k/')).text).toBe(created.text);
  });

  test('with numbers for attributes has their texts, and is refused with what is no text', async () => {
    const { ask } = await startService();
    const { json } = await ask('POST', '/v1/series/', '{"attributes":{"a":1.5,"b":true,"c":9007199254740993,"__proto__":"x"}}');
    expect(Object.entries(json.attributes)).toEqual([
      ['a', '1.5'],
      ['b', 'true'],
      ['c', '9007199254740993'],
      ['__proto__', 'x'],
    ]);
    for (const body of [
      [],
      '1',
      '"key"',
      'null',
      { key: 5 },
      { key: {} },
      { key: 'a'.repeat(1025) },
      { key: 'a\0b' },
      '{"key":"\\ud800"}',
      { key: 'k', tags: 'a' },
      { key: 'k', tags: [1] },
      { key: 'k', tags: ['a\0'] },
      { key: 'k', tags: [null] },
      { key: 'k', attributes: [] },
      { key: 'k', attributes: 'a' },
      { key: 'k', attributes: { a: '' } },
      { key: 'k', attributes: { a: ' ' } },
      { key: 'k', attributes: { a: null } },
      { key: 'k', attributes: { a: {} } },
      { key: 'k', name: 5 },
    ]) {
      const answer = await ask('POST', '/v1/series/', body);
      expect([answer.status, answer.type], JSON.stringify(body)).toEqual([422, 'text/plain']);
      expect(answer.text).not.toBe('');
    }
    expect((await ask('GET', '/v1/series/key/k/')).status).toBe(403);
  });
});

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

describe('an update', () => {
  test('replaces what it names, keeps the rest, and leaves id and key alone', async () => {
    const { ask } = await startService();
    const { json: before } = await ask('POST', '/v1/series/', { key: 'k', name: 'N', tags: ['t'], attributes: { a: '1' } });
    const other = { id: 'f'.repeat(32), key: 'other' };
    for (const path of ['/v1/series/key/k/', `/v1/series/id/${before.id}/`]) {
      expect((await ask('PUT', path, { ...other, attributes: { z: '1', b: '2' } })).json).toEqual({
        ...before,
        attributes: { z: '1', b: '2' },
      });
      expect((await ask('PUT', path, { tags: ['z', 'b'] })).json).toMatchObject({
        tags: ['z', 'b'],
        attributes: { z: '1', b: '2' },
        name: 'N',
      });
      expect((await ask('PUT', path, { name: 'M', tags: null })).json).toMatchObject({ name: 'M', tags: ['z', 'b'] });
      expect((await ask('PUT', path, { name: '' })).json).toMatchObject({ name: '' });
      expect((await ask('GET', path)).text).toBe(JSON.stringify({ ...before, name: '', tags: ['z', 'b'], attributes: { z: '1', b: '2' } }));
      expect((await ask('PUT', path, before)).json).toEqual(before);
    }
  });

  test('that is refused changes nothing, and one of an unknown series is forbidden', async () => {
    const { ask } = await startService();
    const { json: before } = await ask('POST', '/v1/series/', { key: 'k', tags: ['t'] });
    for (const body of [{ tags: ['x'], attributes: { a: ' ' } }, { tags: [5] }, { name: [] }, [], '5', 'null'])
      expect((await ask('PUT', '/v1/series/key/k/', body)).status).toBe(422);
    for (const body of ['', '{', '{"tags":}']) expect((await ask('PUT', '/v1/series/key/k/', body)).status).toBe(400);
    expect((await ask('GET', '/v1/series/key/k/')).json).toEqual(before);
    expect((await ask('PUT', '/v1/series/key/none/', { tags: [5] })).status).toBe(403);
    expect((await ask('PUT', '/v1/series/key/none/', '{')).status).toBe(400);
  });

  test('by several at once loses nothing of any', async () => {
    const { ask } = await startService();
    await ask('POST', '/v1/series/', { key: 'k' });
    const changes = [{ name: 'N' }, { tags: ['t'] }, { attributes: { a: '1' } }];
    await Promise.all(changes.map((change) => ask('PUT', '/v1/series/key/k/', change)));
    expect((await ask('GET', '/v1/series/key/k/')).json).toMatchObject({ name: 'N', tags: ['t'], attributes: { a: '1' } });
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

describe('series that are deleted', () => {
  test('lose their points, and come back under another id', async () => {
    const { ask, store } = await startService();
    await ask('POST', '/v1/series/', { key: 'k.x', tags: ['t'] });
    await ask('POST', '/v1/series/key/k.x/data/', point);
    const { json: before } = await ask('GET', '/v1/series/key/k.x/');
    const deleted = await ask('DELETE', `/v1/series/id/${before.id}/`);
    expect([deleted.status, deleted.text, deleted.headers.get('content-length')]).toEqual([200, '', '0']);
    for (const path of ['key/k.x', `id/${before.id}`]) {
      expect((await ask('GET', `/v1/series/${path}/`)).status).toBe(403);
      expect((await ask('DELETE', `/v1/series/${path}/`)).status).toBe(403);
    }
    expect((await ask('POST', '/v1/multi/', [{ id: before.id, v: 1 }])).json.multistatus[0].status).toBe('403');
    expect((await ask('POST', `/v1/series/id/${before.id}/data/`, point)).status).toBe(403);
    expect((await ask('POST', '/v1/series/key/k.x/data/', [])).status).toBe(200);
    const { json: after } = await ask('GET', '/v1/series/key/k.x/');
    expect(after).toMatchObject({ tags: ['k'], attributes: {} });
    expect(after.id).not.toBe(before.id);
    expect(await store.read({ series: 'k.x' }).toArray()).toEqual([]);
  });

  test('leave no record behind', async () => {
    const { ask, store } = await startService();
    await ask('POST', '/v1/multi/', [
      { key: 'a', v: 1 },
      { key: 'b', v: 1 },
    ]);
    await ask('DELETE', '/v1/series/key/a/');
    await ask('DELETE', '/v1/series/?allow_truncation=true');
    for (const collection of ['tempodb/series', 'tempodb/ids']) expect(await Array.fromAsync(store.records.list(collection))).toEqual([]);
  });

  test('are selected by a filter, or are all, but never by both or neither', async () => {
    const { ask } = await startService();
    const fill = () =>
      ask(
        'POST',
        '/v1/multi/',
        ['t.a', 't.b', 'u.c'].map((key) => ({ key, v: 1 })),
      );
    await fill();
    for (const query of [
      '',
      'allow_truncation=false',
      'allow_truncation=true&key=t.a',
      'key=&tag=',
      'allow_truncation=maybe',
      'allow_truncation=1',
    ])
      expect((await ask('DELETE', `/v1/series/?${query}`)).status, query).toBe(400);
    expect((await ask('DELETE', '/v1/series/?tag=t&allow_truncation=false')).json).toEqual({ deleted: 2 });
    expect((await ask('DELETE', '/v1/series/?tag=t')).json).toEqual({ deleted: 0 });
    await fill();
    expect((await ask('DELETE', '/v1/series/?allow_truncation=True')).json).toEqual({ deleted: 3 });
  });

  test('while others write to them leave every series with one id, and every acknowledged point of the last write', async () => {
    const { ask, store } = await startService();
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        i % 4 === 3
          ? ask('DELETE', '/v1/series/?allow_truncation=true')
          : ask('POST', '/v1/multi/', [{ key: `k.${i % 3}`, t: '2012-01-01', v: i }]),
      ),
    );
    await ask(
      'POST',
      '/v1/multi/',
      [0, 1, 2].map((i) => ({ key: `k.${i}`, t: '2012-01-01', v: 100 + i })),
    );
    const { json } = await ask('GET', '/v1/single/?ts=2012-01-01');
    expect(json.map(({ data, series }: { data: { v: number }; series: { tags: string[] } }) => [data.v, series.tags])).toEqual([
      [100, ['k']],
      [101, ['k']],
      [102, ['k']],
    ]);
    const ids = await Array.fromAsync(store.records.list('tempodb/ids'));
    expect(ids.map(({ id }) => id).sort()).toEqual(json.map(({ series }: { series: { id: string } }) => series.id).sort());
  });
});

describe('a first write by many at once', () => {
  test('makes one series with one id, over one server or two', async () => {
    const store = connect({ clock });
    const services = [await startService({ store }), await startService({ store })];
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        services[i % 2]!.ask('POST', '/v1/multi/', [{ key: 'a.b', t: new Date(now + i).toISOString(), v: i }]),
      ),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(await store.read({ series: 'a.b' }).toArray()).toHaveLength(30);
    const listed = await Promise.all(services.map(({ ask }) => ask('GET', '/v1/series/')));
    expect(listed[0]!.text).toBe(listed[1]!.text);
    expect(listed[0]!.json).toMatchObject([{ key: 'a.b', tags: ['a'] }]);
    expect(await Array.fromAsync(store.records.list('tempodb/ids'))).toHaveLength(1);
  });
});

describe('a filter', () => {
  interface Listed {
    readonly id: string;
    readonly key: string;
    readonly tags: readonly string[];
    readonly attributes: Readonly<Record<string, string>>;
  }

  test('selects what the rules say, in the order of the keys', async () => {
    const { ask } = await startService();
    const letters = ['a', 'b', 'c'];
    for (let i = 0; i < 24; i++) {
      const tags = letters.filter((_, bit) => (i >> bit) % 2 === 1);
      const attributes = { x: letters[i % 3]!, ...(i % 2 === 0 ? { y: 'a' } : {}) };
      await ask('POST', '/v1/series/', { key: `${'é￿𐀀ab'[i % 5]}${i}`.padStart(1, 'z'), tags, attributes });
    }
    const all: Listed[] = (await ask('GET', '/v1/series/')).json;
    const byBytes = [...all].sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
    expect(all.map(({ key }) => key)).toEqual(byBytes.map(({ key }) => key));

    const some = <T>(values: readonly T[]) => fc.uniqueArray(fc.constantFrom(...values), { maxLength: 3 });
    const attribute = fc.tuple(fc.constantFrom('x', 'y', 'z'), fc.constantFrom(...letters));
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: 25 }), { maxLength: 5 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 25 }), { maxLength: 5 }),
        some(letters),
        fc.array(attribute, { maxLength: 2 }),
        async (idPlaces, keyPlaces, tags, attributes) => {
          const ids = idPlaces.map((place) => all[place]?.id ?? 'f'.repeat(32));
          const keys = keyPlaces.map((place) => all[place]?.key ?? 'missing');
          const parameters = new URLSearchParams([
            ...ids.map((id) => ['id', id]),
            ...keys.map((key) => ['key', key]),
            ...tags.map((tag) => ['tag', tag]),
            ...attributes.map(([name, value]) => [`attr[${name}]`, value]),
          ]);
          const expected = all.filter(
            (series) =>
              (ids.length + keys.length === 0 || ids.includes(series.id) || keys.includes(series.key)) &&
              tags.every((tag) => series.tags.includes(tag)) &&
              attributes.every(([name, value]) => series.attributes[name] === value),
          );
          expect((await ask('GET', `/v1/series/?${parameters}`)).json).toEqual(expected);
        },
      ),
    );
  });

  test('takes brackets escaped or bare, plus signs as spaces, and values without meaning as nothing', async () => {
    const { ask } = await startService();
    await ask('POST', '/v1/series/', { key: 'k l', attributes: { 'a b': 'c d', n: 'é' }, tags: ['t u'] });
    for (const query of [
      'attr[a b]=c+d',
      'attr[a+b]=c%20d',
      'attr%5Ba%20b%5D=c%20d',
      'tag=t+u&key=&id=',
      'key=k+l',
      'attr%5Bn%5D=%C3%A9',
      'unknown=1&&=&x',
      'attr[n]=é',
      '',
    ])
      expect((await ask('GET', `/v1/series/?${query}`)).json, query).toHaveLength(1);
    for (const query of [
      'attr[n]=%FF',
      'key=%00',
      'tag=%00',
      'attr[%00]=x',
      `key=${'k'.repeat(2000)}`,
      'id=x',
      'attr[n]=é&attr[n]=f',
      'attr[__proto__]=x',
    ])
      expect((await ask('GET', `/v1/series/?${query}`)).json, query).toEqual([]);
  });
});
