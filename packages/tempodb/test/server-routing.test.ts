import { seriesKey } from '@anyseries/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { protocol } from '../src/server.ts';
import { basic, type Service, startService } from './server-fixture.ts';

/** How each client puts a key into a path (section 4.1). */
const escapes: Readonly<Record<string, (key: string) => string>> = {
  'python 0.x and ruby': (key) =>
    encodeURIComponent(key).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`),
  java: (key) => encodeURIComponent(key).replace(/[(){}=+!'~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`),
  'python 1.0.1': (key) => key.split('/').map(encodeURIComponent).join('/'),
  node: (key) => encodeURI(key),
  'php, as raw bytes': (key) => Buffer.from(key).toString('latin1'),
};

/** Keys that a client can name at all: `?` and `#` end a path for those that do not escape them, and a bare `%` may look like an escape. */
const nameable: Readonly<Record<string, (key: string) => boolean>> = {
  'python 0.x and ruby': () => true,
  java: () => true,
  'python 1.0.1': (key) => !endsLikeAResource(key),
  node: (key) => !/[?#]/.test(key) && !endsLikeAResource(key),
  'php, as raw bytes': (key) => !/[?#%\s\p{Cc}]/u.test(key) && !endsLikeAResource(key),
};

/** With its slashes bare, the end of such a key cannot be told from a resource, nor a trailing slash from the path's own. */
function endsLikeAResource(key: string): boolean {
  return /\/$|\/(?:data|increment|segment|summary|single|find)\/?$/.test(key);
}

const keys = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((key) => key.isWellFormed() && !key.includes('\0')),
  fc.string({ unit: fc.constantFrom(...'ab/%+.;:,&=?#é🌡 {}()\\"\''), minLength: 1, maxLength: 20 }),
  fc.constantFrom(
    'rack 1/fan',
    'São Paulo',
    'appidÜ:1234.txn:/def ault.cou+()+={}nt',
    'data',
    'data/data',
    '.',
    '..',
    'a/../b',
    '%',
    '%41',
    '//',
  ),
);

async function write(service: Service, path: string): Promise<number> {
  return (await service.ask('POST', path, [{ t: '2012-01-01', v: 1 }])).status;
}

describe('a key in a path', () => {
  test.each(Object.keys(escapes))('is found again as %s writes it', async (client) => {
    const service = await startService({ settings: { metadataFromKeys: false } });
    await fc.assert(
      fc.asyncProperty(keys.filter(nameable[client]!), fc.boolean(), async (key, slash) => {
        const path = `/v1/series/key/${escapes[client]!(key)}`;
        const end = slash ? '/' : '';
        expect(await write(service, `${path}/data${end}`)).toBe(200);
        const found = await service.ask('GET', `${path}${end}`);
        expect(found.json.key).toBe(key);
        expect(await service.store.series({ keys: [key] }).toArray()).toHaveLength(1);
        expect((await service.ask('GET', `${path}/segment${end}?start=2012-01-01&end=2012-01-02`)).json.data).toHaveLength(1);
        expect((await service.ask('DELETE', `${path}${end}`)).status).toBe(200);
      }),
    );
  });

  test('takes a plus sign as it is and may end like a resource', async () => {
    const service = await startService();
    for (const [path, key] of [
      ['rack+1%2Ffan', 'rack+1/fan'],
      ['a%2Fdata', 'a/data'],
      ['data', 'data'],
      ['segment', 'segment'],
      ['increment', 'increment'],
    ]) {
      expect(await write(service, `/v1/series/key/${path}/data/`)).toBe(200);
      expect((await service.ask('GET', `/v1/series/key/${path}`)).json.key).toBe(key);
    }
  });

  test('with bare slashes is what the longest suffix leaves, if it leaves anything', async () => {
    const service = await startService();
    for (const [path, key] of [
      ['/data', '/data'],
      ['data/data', 'data'],
      ['a/data/rollups', 'a/data/rollups'],
      ['x/data/segment/data', 'x/data/segment'],
      ['x/segment/data/data', 'x/segment/data'],
    ] as const) {
      await service.ask('POST', '/v1/series/', { key });
      const answer = await service.ask('GET', `/v1/series/key/${path}/?start=2012-01-01&end=2012-01-01`);
      expect((answer.json.series ?? answer.json).key, path).toBe(key);
    }
  });

  test('that no series can have is forbidden, whatever is asked', async () => {
    const service = await startService();
    const point = [{ t: '2012-01-01', v: 1 }];
    for (const name of ['a'.repeat(1025), 'a%00b', '%ff', 'é'.repeat(513), '%ed%a0%80']) {
      for (const by of ['key', 'id']) {
        const path = `/v1/series/${by}/${encodeURI(name).replaceAll('%25', '%')}`;
        expect((await service.ask('POST', `${path}/data/`, point)).status).toBe(403);
        expect((await service.ask('POST', `${path}/increment/`, point)).status).toBe(403);
        expect((await service.ask('GET', path)).status).toBe(403);
        expect((await service.ask('PUT', path, {})).status).toBe(403);
        expect((await service.ask('DELETE', path)).status).toBe(403);
        expect((await service.ask('GET', `${path}/data/`)).status).toBe(403);
      }
    }
    expect(await service.store.series().toArray()).toEqual([]);
  });
});

/** Every operation with a path that reaches it. */
const operations = [
  ...['POST', 'GET', 'DELETE'].map((method) => [method, 'series'] as const),
  ...['GET', 'PUT', 'DELETE'].flatMap((method) => [[method, 'series/key/K'] as const, [method, 'series/id/I'] as const]),
  ...['POST', 'GET', 'DELETE'].map((method) => [method, 'series/key/K/data'] as const),
  ['POST', 'series/key/K/increment'],
  ...['segment', 'data/segment', 'data/rollups/segment', 'find', 'single', 'summary', 'data/summary'].map(
    (suffix) => ['GET', `series/key/K/${suffix}`] as const,
  ),
  ['POST', 'data'],
  ['GET', 'data'],
  ['POST', 'increment'],
  ['POST', 'multi'],
  ['GET', 'multi'],
  ['POST', 'multi/increment'],
  ['GET', 'segment'],
  ['GET', 'data/segment'],
  ['GET', 'single'],
  ['POST', 'database'],
] as const;

describe('a request line', () => {
  test.each(operations)(
    '%s %s reaches its resource with and without a slash, a query, or slashes doubled in front',
    async (method, path) => {
      const service = await startService();
      for (const target of [`/v1/${path}`, `/v1/${path}/`, `/v1/${path}?`, `/v1/${path}/?x=1`, `//v1/${path}`, `///v1/${path}/`]) {
        const { status } = await service.ask(method, target, method === 'POST' || method === 'PUT' ? '{' : undefined);
        expect(status, target).not.toBe(404);
      }
    },
  );

  test('that is none of these is not found, and says nothing', async () => {
    const service = await startService();
    for (const [method, target] of [
      ['GET', '/v1/nothing/'],
      ['GET', '/v1'],
      ['GET', '/v1/'],
      ['GET', '/v2/series/'],
      ['GET', '/series/'],
      ['GET', '/'],
      ['PUT', '/v1/series/'],
      ['PATCH', '/v1/series/key/a'],
      ['POST', '/v1/series/key/a/segment/'],
      ['DELETE', '/v1/multi/'],
      ['GET', '/v1/increment/'],
      ['GET', '/v1/series/key/'],
      ['GET', '/v1/series/name/a/'],
      ['GET', '/v1/v1/series/'],
    ] as const) {
      const answer = await service.ask(method, target);
      expect([answer.status, answer.text, answer.headers.get('content-length')], target).toEqual([404, '', '0']);
    }
  });

  test('asks for the head wherever it may get, and for a ping without credentials', async () => {
    const service = await startService();
    expect((await service.ask('HEAD', '/v1/series/')).status).toBe(200);
    expect((await service.ask('HEAD', '/v1/series/key/none/')).status).toBe(403);
    for (const target of ['/ping', '/ping/', '//ping', '/ping?x=1']) {
      expect((await service.ask('GET', target, undefined, { authorization: '' })).status).toBe(200);
      expect((await service.ask('HEAD', target, undefined, { authorization: '' })).status).toBe(200);
    }
    expect((await service.ask('POST', '/ping', '{}')).status).toBe(404);
  });

  test('with the placeholder that .NET leaves in front is understood', async () => {
    const service = await startService();
    expect((await service.ask('GET', '/%7Bversion%7D/single/?key=a')).json).toEqual([]);
    expect((await service.ask('DELETE', '/%7bversion%7d/series/?key=a')).json).toEqual({ deleted: 0 });
  });

  test('below a prefix is answered with links below that prefix', async () => {
    const service = await startService({ prefix: '/tempodb' });
    for (const key of ['a', 'b', 'c']) await service.ask('POST', '/v1/series/', { key });
    const { next } = await service.ask('GET', '/v1/series/?limit=2');
    expect(next).toMatch(/^\/tempodb\/v1\/series\/\?cursor=[\w-]+$/);
    const doubled = await startService({ prefix: '///tempodb', store: service.store });
    expect((await doubled.ask('GET', '/v1/series/?limit=2')).next).toBe(next);
  });
});

describe('a claim', () => {
  const claim = (method: string, target: string, headers: Record<string, string> = {}) =>
    protocol.claim({ method, target, headers: new Headers(headers) });

  test.each(operations)('on %s %s is a sure one, unless another protocol has it as well', (method, path) => {
    expect(claim(method, `/v1/${path}/`)).toMatchObject({ known: path !== 'data/segment', fallback: false });
  });

  test('on anything else below /v1 rests on the credentials or the host', () => {
    const none = { known: false, credentials: false, host: false, fallback: false };
    expect(claim('GET', '/v1/data/segment')).toEqual(none);
    expect(claim('GET', '/v1/imports')).toEqual(none);
    expect(claim('GET', '/v1/imports', { authorization: 'Bearer x' })).toEqual(none);
    expect(claim('GET', '/v1/imports', { authorization: basic('a', 'b') })).toEqual({ ...none, credentials: true });
    expect(claim('GET', '/v1/imports', { authorization: 'bAsIc x' })).toEqual({ ...none, credentials: true });
    for (const host of ['api.tempo-db.com', 'API.TEMPO-DB.COM:80', 'api-staging.tempo-db.com', 'tempo-db.com'])
      expect(claim('GET', '/v1/imports', { host })).toEqual({ ...none, host: true });
    for (const host of ['nottempo-db.com', 'tempo-db.com.example.org', 'localhost:4242'])
      expect(claim('GET', '/v1/imports', { host })).toEqual(none);
  });

  test('is made on nothing outside of /v1 but the ping', () => {
    expect(claim('GET', '/ping')).toMatchObject({ known: true });
    expect(claim('GET', '//v1/series')).toMatchObject({ known: true });
    expect(claim('DELETE', '/%7Bversion%7D/series/?key=a')).toMatchObject({ known: true });
    for (const target of ['/', '/v10/series/', '/v1series', '/pings', '/series/', '/-/', '/v2/series/'])
      expect(claim('GET', target)).toBeUndefined();
  });

  test('is made on keys that look like anything', () => {
    const key = seriesKey({ name: 'a/b', labels: { c: 'd e' } });
    expect(claim('POST', `/v1/series/key/${encodeURI(key)}/data/`)).toMatchObject({ known: true });
  });
});
