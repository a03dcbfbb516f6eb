import { gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, type GatewayOptions, startGateway } from '../src/index.ts';
import { claimOf, madeUp } from './made-up.ts';
import { exchange, message } from './raw.ts';

const long = JSON.stringify({ points: Array.from({ length: 5000 }, (_, i) => i) });
const answers: Readonly<Record<string, () => Response>> = {
  json: () => Response.json({ a: 1 }),
  long: () => new Response(long, { headers: { 'content-type': 'application/vnd.x+json' } }),
  csv: () => new Response('a,b', { headers: { 'content-type': 'text/csv', vary: 'Accept' } }),
  image: () => new Response('png', { headers: { 'content-type': 'image/png' } }),
  untyped: () => new Response(Buffer.from('bytes')),
  encoded: () => new Response('???', { headers: { 'content-type': 'text/plain', 'content-encoding': 'br' } }),
  never: () => new Response('never', { headers: { 'content-type': 'text/plain', 'content-encoding': 'identity' } }),
  empty: () => new Response(null, { headers: { 'content-type': 'application/json' } }),
  open: () => new Response('{}', { headers: { 'access-control-allow-origin': '*' } }),
};
const protocol = madeUp({
  id: 'made-up',
  claim: () => claimOf(),
  fetch: (_, { target }) => answers[target.slice(1)]?.() ?? new Response(null, { status: 403 }),
});

function start(options: GatewayOptions): Promise<Gateway> {
  return startGateway({ store: 'memory:', port: 0, protocols: [protocol], log: { level: 'silent' }, ...options });
}

describe('compression', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await start({});
  });
  afterAll(() => gateway.close());

  const ask = async (name: string, acceptEncoding?: string, method: 'GET' | 'HEAD' = 'GET') => {
    const headers = acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding };
    const answer = await request(`${gateway.url}/${name}`, { method, headers });
    return { ...answer, bytes: Buffer.from(await answer.body.arrayBuffer()) };
  };

  test.each([
    ['json', '{"a":1}'],
    ['long', long],
    ['csv', 'a,b'],
  ])('%s leaves as gzip for who takes that, with its length', async (name, text) => {
    for (const acceptEncoding of ['gzip', 'gzip,deflate', 'deflate, GZIP;q=0.5', 'br, *']) {
      const { headers, bytes } = await ask(name, acceptEncoding);
      expect(headers['content-encoding']).toBe('gzip');
      expect(headers['content-length']).toBe(String(bytes.length));
      expect(headers.vary).toBe(name === 'csv' ? 'Accept, Accept-Encoding' : 'Accept-Encoding');
      expect(gunzipSync(bytes).toString()).toBe(text);
    }
  });

  test.each([undefined, '', 'identity', 'deflate, br', 'gzip;q=0', 'gzip; q=0.000, *', '*;q=0'])(
    'Accept-Encoding %s gets plain text that says it varies',
    async (acceptEncoding) => {
      const { headers, bytes } = await ask('json', acceptEncoding);
      expect(headers).not.toHaveProperty('content-encoding');
      expect(headers.vary).toBe('Accept-Encoding');
      expect(bytes.toString()).toBe('{"a":1}');
    },
  );

  test.each(['image', 'untyped', 'empty', 'nothing'])('%s is never compressed', async (name) => {
    const { headers } = await ask(name, 'gzip');
    expect(headers).not.toHaveProperty('content-encoding');
    expect(headers).not.toHaveProperty('vary');
  });

  test('what is encoded already, or must not be, stays as it is', async () => {
    expect((await ask('encoded', 'gzip')).headers['content-encoding']).toBe('br');
    const never = await ask('never', 'gzip');
    expect(never.headers).not.toHaveProperty('content-encoding');
    expect(never.headers).not.toHaveProperty('vary');
    expect(never.bytes.toString()).toBe('never');
  });

  test('a HEAD tells the length of what a GET would send', async () => {
    const [get, head] = [await ask('long', 'gzip'), await ask('long', 'gzip', 'HEAD')];
    for (const name of ['content-type', 'content-encoding', 'content-length', 'vary']) expect(head.headers[name]).toBe(get.headers[name]);
    expect(head.bytes.length).toBe(0);
  });
});

describe('pages of other origins', () => {
  const preflight = 'OPTIONS /json HTTP/1.1\nHost: x\nConnection: close\nAccess-Control-Request-Method: PUT\nOrigin: ';
  const get = (name: string, origin: string) => `GET /${name} HTTP/1.1\nHost: x\nConnection: close\nOrigin: ${origin}`;
  const headersOf = (answer: string) => answer.slice(0, answer.indexOf('\r\n\r\n')).split('\r\n').slice(1);

  async function withGateway(options: GatewayOptions, work: (ask: (head: string) => Promise<string>) => Promise<void>): Promise<void> {
    const gateway = await start(options);
    try {
      await work((head) => exchange(gateway.url, message(head)));
    } finally {
      await gateway.close();
    }
  }

  test('may do nothing unless the configuration says so', async () => {
    await withGateway({}, async (ask) => {
      for (const head of [`${preflight}https://a.example`, get('json', 'https://a.example')])
        expect((await ask(head)).toLowerCase()).not.toContain('access-control');
      expect(await ask(`${preflight}https://a.example`)).toMatch(/^HTTP\/1\.1 200/);
    });
  });

  test('are told so before they ask, without credentials', async () => {
    await withGateway({ corsOrigins: ['https://a.example', 'https://b.example'] }, async (ask) => {
      const answer = await ask(`${preflight}https://b.example`);
      expect(answer).toMatch(/^HTTP\/1\.1 204 No Content\r\n/);
      expect(headersOf(answer)).toEqual(
        expect.arrayContaining([
          'Access-Control-Allow-Origin: https://b.example',
          'Access-Control-Allow-Methods: GET, HEAD, POST, PUT, PATCH, DELETE',
          'Access-Control-Allow-Headers: Authorization, Content-Type, *',
          'Vary: Origin',
        ]),
      );
      expect(await ask(`${preflight}https://c.example`)).not.toContain('Access-Control');
    });
  });

  test('read answers and the headers that clients need, also those of failures', async () => {
    await withGateway({ corsOrigins: ['https://a.example'] }, async (ask) => {
      for (const name of ['json', 'nothing', '-/nothing']) {
        expect(headersOf(await ask(get(name, 'https://a.example')))).toEqual(
          expect.arrayContaining([
            'Access-Control-Allow-Origin: https://a.example',
            'Access-Control-Expose-Headers: Link, Truncated, Date, Retry-After, Anyseries-Omitted',
          ]),
        );
      }
      const other = await ask(get('json', 'https://c.example'));
      expect(other).not.toContain('Access-Control');
      expect(other).toContain('Vary: Origin, Accept-Encoding\r\n');
    });
  });

  test('may be all, and a protocol that allows them by itself is left alone', async () => {
    await withGateway({ corsOrigins: ['*'] }, async (ask) => {
      const answer = await ask(get('json', 'https://a.example'));
      expect(answer).toContain('Access-Control-Allow-Origin: *\r\n');
      expect(answer).toContain('Vary: Accept-Encoding\r\n');
      expect(headersOf(await ask(get('open', 'https://a.example'))).filter((line) => line.startsWith('Access-'))).toEqual([
        'Access-Control-Allow-Origin: *',
      ]);
    });
  });

  test("an OPTIONS that no browser sends is the protocol's", async () => {
    await withGateway({ corsOrigins: ['*'] }, async (ask) => {
      expect(await ask('OPTIONS /json HTTP/1.1\nHost: x\nConnection: close')).toMatch(/^HTTP\/1\.1 200 OK/);
    });
  });
});
