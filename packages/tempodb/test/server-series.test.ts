import { describe, expect, test } from 'vitest';
import { startService } from './server-fixture.ts';

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
});
