import { AnySeriesError, type Store } from '@anyseries/core';
import { createCredentials } from '@anyseries/core/server';
import { connect } from '@anyseries/memory';
import { describe, expect, test } from 'vitest';
import { createServer, protocol } from '../src/server.ts';
import { askServer, basic, clock, startService } from './server-fixture.ts';

const range = 'start=2012-01-01&end=2012-01-02';
const point = [{ t: '2012-01-01', v: 1 }];

/** A request, and what it answers where the series `secret` (id `ID`) does not exist. */
interface Asked {
  readonly method: string;
  readonly target: string;
  readonly status: number;
  readonly body?: unknown;
}

/** One for every resource. */
const rows: readonly (readonly [string, string, number, unknown?])[] = [
  ['POST', '/v1/series/', 422, []],
  ['GET', '/v1/series/?key=secret', 200],
  ['GET', '/v1/series/?id=ID', 200],
  ['GET', '/v1/series/', 200],
  ['DELETE', '/v1/series/?key=secret&id=ID', 200],
  ['GET', '/v1/series/key/secret/', 403],
  ['GET', '/v1/series/id/ID/', 403],
  ['PUT', '/v1/series/id/ID/', 403, {}],
  ['DELETE', '/v1/series/id/ID/', 403],
  ['POST', '/v1/series/id/ID/data/', 403, point],
  ['GET', `/v1/series/id/ID/data/?${range}`, 403],
  ['DELETE', `/v1/series/key/secret/data/?${range}`, 403],
  ['POST', '/v1/series/id/ID/increment/', 403, point],
  ['GET', `/v1/series/key/secret/segment/?${range}`, 403],
  ['GET', `/v1/series/key/secret/data/segment/?${range}`, 403],
  ['GET', `/v1/series/key/secret/data/rollups/segment/?${range}&rollup.fold=max&rollup.period=1day`, 403],
  ['GET', `/v1/series/key/secret/find/?${range}&predicate.function=max&predicate.period=1day`, 403],
  ['GET', '/v1/series/key/secret/single/', 403],
  ['GET', `/v1/series/key/secret/summary/?${range}`, 403],
  ['GET', `/v1/series/key/secret/data/summary/?${range}`, 403],
  ['POST', '/v1/data/', 207, { data: [{ id: 'ID', v: 1 }] }],
  ['GET', `/v1/data/?${range}`, 200],
  ['POST', '/v1/increment/', 207, { data: [{ id: 'ID', v: 1 }] }],
  ['POST', '/v1/multi/', 207, [{ id: 'ID', v: 1 }]],
  ['GET', `/v1/multi/?${range}`, 200],
  ['POST', '/v1/multi/increment/', 207, [{ id: 'ID', v: 1 }]],
  ['GET', `/v1/segment/?${range}&aggregation.fold=sum`, 200],
  ['GET', `/v1/data/segment/?${range}&aggregation.fold=sum`, 200],
  ['GET', '/v1/single/', 200],
  ['POST', '/v1/database/', 403, { name: 'x' }],
];
const requests: readonly Asked[] = rows.map(([method, target, status, body]) => ({ method, target, status, body }));

async function begin() {
  const main = connect({ clock });
  const credentials = createCredentials(main, clock);
  const stores: Record<string, Store> = { theirs: connect({ clock }), ours: connect({ clock }) };
  const project = async (id: string) => {
    const store = stores[id];
    if (store === undefined) throw new AnySeriesError('not-found', `there is no project ${id}`);
    return store;
  };
  const server = createServer({ store: main, credentials, project, clock });
  const keyOf = async (name: string) => (await protocol.credentials.add({}, name, credentials)) as { key: string; secret: string };
  const askAs =
    ({ key, secret }: { key: string; secret: string }) =>
    (method: string, target: string, body?: unknown) =>
      askServer(server, method, target, body, { authorization: basic(key, secret) });
  return { main, stores, credentials, keyOf, askAs, server };
}

describe('two projects', () => {
  test.each(requests)('see nothing of each other: $method $target', async ({ method, target, status, body }) => {
    const { stores, keyOf, askAs, main } = await begin();
    const [theirs, ours] = [askAs(await keyOf('theirs')), askAs(await keyOf('ours'))];
    await theirs('POST', '/v1/series/key/secret/data/', point);
    const { json } = await theirs('GET', '/v1/series/key/secret/');
    const before = await stores.theirs!.read({ series: 'secret' }).toArray();

    const filled = (text: string) => text.replaceAll('ID', json.id);
    const answer = await ours(method, filled(target), body === undefined ? undefined : filled(JSON.stringify(body)));
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain('secret');
    expect(answer.text).not.toContain(json.id);

    expect(await stores.theirs!.read({ series: 'secret' }).toArray()).toEqual(before);
    expect((await theirs('GET', '/v1/series/key/secret/')).json).toEqual(json);
    expect(await stores.ours!.series().toArray()).toEqual([]);
    expect(await main.series().toArray()).toEqual([]);
  });

  test('may have series of one key, each with its own id and points', async () => {
    const { keyOf, askAs } = await begin();
    const both = [askAs(await keyOf('theirs')), askAs(await keyOf('ours'))];
    for (const [v, ask] of both.entries()) await ask('POST', '/v1/multi/', [{ key: 'k', t: '2012-01-01', v }]);
    const answers = await Promise.all(both.map((ask) => ask('GET', `/v1/multi/?${range}`)));
    expect(answers.map(({ json }) => json.data[0].v.k)).toEqual([0, 1]);
    expect(new Set(answers.map(({ json }) => json.series[0].id)).size).toBe(2);
  });

  test('are one for two keys of the same', async () => {
    const { keyOf, askAs } = await begin();
    const both = [askAs(await keyOf('ours')), askAs(await keyOf('ours'))];
    await both[0]!('POST', '/v1/series/key/k/data/', point);
    expect((await both[1]!('GET', '/v1/series/')).json).toEqual((await both[0]!('GET', '/v1/series/')).json);
  });
});

describe('credentials', () => {
  test.each(requests)('that are wrong, missing, malformed or revoked are forbidden: $method $target', async ({ method, target, body }) => {
    const { credentials, keyOf, server } = await begin();
    const { key, secret } = await keyOf('ours');
    const revoked = await keyOf('ours');
    await credentials.revoke('tempodb', revoked.key);
    const nowhere = await keyOf('no-such-project');
    const headers: readonly (string | undefined)[] = [
      undefined,
      '',
      'Basic',
      'Basic ',
      'Basic !',
      'Basic ====',
      `Basic ${btoa('no colon')}`,
      `Basic ${btoa(':')}`,
      `Basic ${btoa('\xff:\xff')}`,
      `Basic ${btoa('a\0:b')}`,
      basic(key, ''),
      basic(key, secret.toUpperCase().replace(/^./, 'X')),
      basic(key, `${secret} `),
      basic('', secret),
      basic(key.slice(1), secret),
      basic('k'.repeat(2000), secret),
      basic('é', secret),
      basic(revoked.key, revoked.secret),
      basic(nowhere.key, nowhere.secret),
      `Bearer ${secret}`,
      `Digest username="${key}"`,
    ];
    for (const authorization of headers) {
      const answer = await askServer(server, method, target, body, authorization === undefined ? {} : { authorization });
      expect([answer.status, answer.text, answer.type, answer.headers.get('content-length')], authorization).toEqual([403, '', null, '0']);
    }
  });

  test('are taken whatever the case of the scheme', async () => {
    const { keyOf, server } = await begin();
    const { key, secret } = await keyOf('ours');
    const encoded = basic(key, secret).slice('Basic '.length);
    for (const scheme of ['Basic', 'basic', 'BASIC', 'bAsIc '])
      expect((await askServer(server, 'GET', '/v1/series/', undefined, { authorization: `${scheme} ${encoded}` })).status).toBe(200);
  });

  test('are checked before the resource and the body', async () => {
    const { server } = await begin();
    expect((await askServer(server, 'GET', '/v1/nothing/', undefined, {})).status).toBe(403);
    expect((await askServer(server, 'POST', '/v1/multi/', '{', {})).status).toBe(403);
  });

  test('are made at random, of 32 hexadecimal digits each, or as they are given', async () => {
    const { credentials, askAs } = await begin();
    const { add, fields } = protocol.credentials;
    expect(fields).toEqual(['key', 'secret']);
    const random = await add({}, 'ours', credentials);
    expect(random).toEqual({ key: expect.stringMatching(/^[\da-f]{32}$/), secret: expect.stringMatching(/^[\da-f]{32}$/) });
    const given = { key: 'Pumpe 7 é', secret: 'a:b:é "x"' };
    expect(await add(given, 'ours', credentials)).toEqual(given);
    expect((await askAs(given)('GET', '/v1/series/')).status).toBe(200);
    await expect(add(given, 'ours', credentials)).rejects.toMatchObject({ code: 'conflict' });
    const wrong: readonly (readonly [Record<string, string>, string])[] = [
      [{ key: 'a:b' }, 'key'],
      [{ key: '' }, 'key'],
      [{ key: 'a\nb' }, 'key'],
      [{ key: 'a\0b' }, 'key'],
      [{ key: '\ud800' }, 'key'],
      [{ secret: '' }, 'secret'],
      [{ secret: '\u0007' }, 'secret'],
      [{ token: 'x' }, 'token'],
    ];
    for (const [fieldsGiven, name] of wrong)
      await expect(add(fieldsGiven, 'ours', credentials)).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringMatching(`^${name}: `),
      });
  });
});

describe('a server', () => {
  test('refuses settings that it does not know, by name', () => {
    const store = connect();
    expect(() => createServer({ store, settings: { metadataFromKey: true } })).toThrow(/metadataFromKey/);
    expect(() => createServer({ store, settings: { metadataFromKeys: 'yes' } })).toThrow(/metadataFromKeys/);
    expect(() => createServer({ store, settings: {} })).not.toThrow();
  });

  test('has examples that work', async () => {
    const { askAs, keyOf } = await begin();
    const fields = await keyOf('ours');
    const [write, read] = protocol.examples!('http://localhost:4242', fields);
    const parts = new RegExp(`^curl -u '${fields.key}:${fields.secret}' (?:-d '(.*)' )?'http://localhost:4242(/.*)'$`);
    const [, body, path] = parts.exec(write!)!;
    expect((await askAs(fields)('POST', path!, body)).status).toBe(200);
    expect((await askAs(fields)('GET', parts.exec(read!)![2]!)).json.data.v).toBe(21.5);
  });

  test('without a connection takes everything from the URL', async () => {
    const store = connect({ clock });
    const { key, secret } = await protocol.credentials.add({}, 'main', createCredentials(store, clock));
    const server = createServer({ store, clock });
    const headers = { authorization: basic(key!, secret!) };
    const url = 'http://localhost:1234/v1/series/key/a%2Fb%20c/data/';
    expect((await server.fetch(new Request(url, { method: 'POST', headers, body: '[{"v":1}]' }))).status).toBe(200);
    const list = await server.fetch(new Request('http://localhost:1234/v1/series/?key=a/b+c', { headers }));
    expect(await list.json()).toMatchObject([{ key: 'a/b c' }]);
  });

  test('answers what its store cannot do now with 503, what it cannot say with 500, and never more', async () => {
    const failures: readonly (readonly [AnySeriesError | Error, number, string | null])[] = [
      [new AnySeriesError('unavailable', 'the disk /secret/path failed'), 503, null],
      [new AnySeriesError('rate-limited', 'slow', { retryAfterMs: 1500 }), 503, '2'],
      [new AnySeriesError('locked', 'held'), 503, null],
      [new AnySeriesError('timeout', 'slow'), 503, null],
      [new AnySeriesError('full', 'no room'), 503, null],
      [new AnySeriesError('closed', 'closed'), 503, null],
      [new AnySeriesError('unknown-outcome', 'who knows'), 500, null],
      [new AnySeriesError('protocol', 'broken'), 500, null],
      [new TypeError('a mistake'), 500, null],
    ];
    for (const [failure, status, retryAfter] of failures) {
      const store = connect({ clock });
      const told: unknown[] = [];
      const { ask } = await startService({
        onFailure: (error) => told.push(error),
        store: { ...store, series: fail, read: fail, transaction: fail, delete: fail } as unknown as Store,
      });
      function fail(): never {
        throw failure;
      }
      for (const [method, target, body] of [
        ['GET', '/v1/series/'],
        ['GET', '/v1/series/key/k/'],
        ['POST', '/v1/multi/', [{ key: 'k', v: 1 }]],
        ['POST', '/v1/series/', {}],
        ['POST', '/v1/series/key/k/increment/', point],
        ['DELETE', '/v1/series/?allow_truncation=true'],
      ] as const) {
        const answer = await ask(method, target, body);
        expect([answer.status, answer.text, answer.headers.get('retry-after')], failure.message).toEqual([status, '', retryAfter]);
      }
      expect(told).toEqual(Array(6).fill(failure));
      await ask('GET', '/v1/nothing/');
      expect(told).toHaveLength(6);
    }
  });

  test('whose credentials cannot be read says so, and lets nobody in', async () => {
    const verify = () => Promise.reject(new AnySeriesError('unavailable', 'the disk failed'));
    const server = createServer({ store: connect(), credentials: { verify } as never });
    expect((await askServer(server, 'GET', '/v1/series/', undefined, { authorization: basic('a', 'b') })).status).toBe(503);
  });
});
