import { isAnySeriesError } from '@anyseries/core';
import { afterEach, expect, test, vi } from 'vitest';
import { connect, createClient, createTempodb, type TempoDBSettings } from '../src/index.ts';

afterEach(() => vi.unstubAllEnvs());

interface Sent {
  readonly url: string;
  readonly key: string;
  readonly secret: string;
  readonly request: Request;
}

/** What a call to `connect(settings)` sends to, and with which credentials. */
async function sent(settings?: string | TempoDBSettings): Promise<Sent> {
  let request: Request | undefined;
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    request = new Request(input, init);
    return new Response('[]', { headers: { 'content-type': 'application/json' } });
  };
  await using db = connect({ ...(typeof settings === 'string' ? { url: settings } : settings), fetch: fetch as typeof globalThis.fetch });
  await db.check();
  const [, encoded] = /^Basic (.+)$/.exec(request!.headers.get('authorization')!)!;
  const pair = new TextDecoder().decode(Uint8Array.from(atob(encoded!), (character) => character.charCodeAt(0)));
  const colon = pair.indexOf(':');
  return {
    url: request!.url.replace(/\/v1\/series\/\?limit=1$/, ''),
    key: pair.slice(0, colon),
    secret: pair.slice(colon + 1),
    request: request!,
  };
}

/** The message of what connecting or the first request fails with. */
async function failure(settings?: unknown): Promise<string> {
  try {
    await using db = connect(settings as TempoDBSettings);
    await db.check();
  } catch (error) {
    if (isAnySeriesError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('nothing failed');
}

const pair = { key: 'a-key', secret: 'a-secret' };

test('without an address it is the service itself, over TLS', async () => {
  expect(await sent(pair)).toMatchObject({ url: 'https://api.tempo-db.com', ...pair });
});

test.each([
  ['tempodb://k:s@localhost:4242/?secure=false', 'http://localhost:4242', 'k', 's'],
  ['tempodb://k:s@localhost:4242', 'https://localhost:4242', 'k', 's'],
  ['tempodb://k:s@db.example/?secure=true', 'https://db.example', 'k', 's'],
  ['TempoDB://k:s@DB.example:443/?secure=false', 'http://db.example:443', 'k', 's'],
  ['tempodb://k:s@[::1]:80/?secure=false', 'http://[::1]', 'k', 's'],
  ['tempodb://k:s@gateway/tempodb/?secure=false', 'http://gateway/tempodb', 'k', 's'],
  ['http://k:s@gateway:8080/tempodb', 'http://gateway:8080/tempodb', 'k', 's'],
  ['https://k:s@api.tempo-db.com/v1/', 'https://api.tempo-db.com', 'k', 's'],
  ['https://gateway/a/b//v1', 'https://gateway/a/b/', 'a-key', 'a-secret'],
  ['tempodb://sl%2Fash:p%40s%3As%25w%C3%B6rd@h', 'https://h', 'sl/ash', 'p@s:s%wörd'],
])('the address %s', async (url, expected, key, secret) => {
  vi.stubEnv('TEMPODB_API_KEY', pair.key);
  vi.stubEnv('TEMPODB_API_SECRET', pair.secret);
  expect(await sent(url)).toMatchObject({ url: expected, key, secret });
});

test('settings beat the address, the address beats the variables, and an empty text counts as absent', async () => {
  vi.stubEnv('TEMPODB_API_KEY', 'key of the environment');
  vi.stubEnv('TEMPODB_API_SECRET', 'secret of the environment');
  vi.stubEnv('ANYSERIES_TEMPODB_URL', 'http://whole:address@environment');
  vi.stubEnv('TEMPODB_API_HOST', 'heroku');
  expect(await sent()).toMatchObject({ url: 'http://environment', key: 'whole', secret: 'address' });
  expect(await sent({ key: 'mine' })).toMatchObject({ url: 'http://environment', key: 'mine', secret: 'address' });
  expect(await sent({ url: 'http://given' })).toMatchObject({
    url: 'http://given',
    key: 'key of the environment',
    secret: 'secret of the environment',
  });
  expect(await sent({ url: '', key: '', secret: 'mine' })).toMatchObject({ url: 'http://environment', key: 'whole', secret: 'mine' });
  vi.stubEnv('ANYSERIES_TEMPODB_URL', '');
  expect(await sent()).toMatchObject({ url: 'https://heroku', key: 'key of the environment', secret: 'secret of the environment' });
});

test.each([
  [{}, 'https://api.tempo-db.com'],
  [{ HOST: 'private.example' }, 'https://private.example'],
  [{ HOST: 'private.example', PORT: '8443', SECURE: 'True' }, 'https://private.example:8443'],
  [{ HOST: 'private.example', PORT: '80', SECURE: 'False' }, 'http://private.example'],
  [{ PORT: '8080', SECURE: 'false' }, 'http://api.tempo-db.com:8080'],
])('the variables of the Heroku add-on: %o', async (variables: Record<string, string>, url) => {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(`TEMPODB_API_${name}`, value);
  expect((await sent(pair)).url).toBe(url);
});

test('variables are read at the first request, not before', async () => {
  const db = connect();
  const client = createClient();
  await expect(db.check()).rejects.toMatchObject({ code: 'unauthenticated' });
  vi.stubEnv('ANYSERIES_TEMPODB_URL', 'http://key:secret@127.0.0.1:1/');
  await expect(db.check({ deadlineMs: 50 })).rejects.not.toMatchObject({ code: 'unauthenticated' });
  await expect(client.ping({ deadlineMs: 50 })).rejects.not.toMatchObject({ code: 'unauthenticated' });
});

test('missing credentials are named by setting and variable, before anything is sent', async () => {
  expect(await failure()).toMatch(/^unauthenticated: "key" is missing.*TEMPODB_API_KEY/);
  expect(await failure({ key: 'k' })).toMatch(/^unauthenticated: "secret" is missing.*TEMPODB_API_SECRET/);
});

test.each([
  ['settings', 5],
  ['settings.sekret', { ...pair, sekret: 'x' }],
  ['url', { url: 5 }],
  ['url', 'ftp://k:hunter2@host'],
  ['url', 'tempodb:hunter2'],
  ['url', 'https://k:hunter2@'],
  ['url', 'https://k:hunter2@host:99999/'],
  ['url', 'https://k:hunter2@host/?secure=false'],
  ['url', 'tempodb://k:hunter2@host/?secure=maybe'],
  ['url', 'tempodb://k:hunter2@host/?tls=false'],
  ['url', 'tempodb://k:hunter2@host/#x'],
  ['url', 'tempodb://k:hunter2%ZZ@host/'],
  ['key', { key: 5, secret: 'hunter2' }],
  ['key', { key: 'a:b', secret: 'hunter2' }],
  ['headers', { ...pair, headers: { 'x y': 'hunter2' } }],
  ['headers', { ...pair, headers: { x: 'line\nhunter2' } }],
  ['headers', { ...pair, headers: ['hunter2'] }],
  ['fetch', { ...pair, fetch: 'hunter2' }],
  ['timeoutMs', { ...pair, timeoutMs: 0 }],
  ['timeoutMs', { ...pair, timeoutMs: Number.POSITIVE_INFINITY }],
  ['deadlineMs', { ...pair, deadlineMs: -1 }],
  ['retry.maxAttempts', { ...pair, retry: { maxAttempts: 1.5 } }],
])('a bad setting is refused by its name %s, and shows no secret', async (name, settings) => {
  const message = await failure(settings);
  expect(message.startsWith(`invalid: ${name}: `)).toBe(true);
  if (name !== 'fetch') expect(message).not.toContain('hunter2');
});

test.each([
  ['ANYSERIES_TEMPODB_URL', 'https://k:hunter2@host/#x'],
  ['TEMPODB_API_HOST', 'host/path'],
  ['TEMPODB_API_PORT', 'eighty'],
  ['TEMPODB_API_SECURE', 'yes'],
])('a bad variable is refused by its name %s', async (name, value) => {
  vi.stubEnv(name, value);
  const message = await failure(pair);
  expect(message.startsWith(`invalid: ${name}: `)).toBe(true);
  expect(message).not.toContain('hunter2');
});

test('credentials are Basic over UTF-8, and further headers go along', async () => {
  const { request } = await sent({ key: 'schlüssel', secret: 'geheim:日本', headers: { 'x-team': 'blue' } });
  expect(request.headers.get('x-team')).toBe('blue');
  expect(await sent({ key: 'schlüssel', secret: 'geheim:日本' })).toMatchObject({ key: 'schlüssel', secret: 'geheim:日本' });
  const known = await sent({ key: 'a1b2c3d4e5f60718293a4b5c6d7e8f90', secret: '0f9e8d7c6b5a493827160f5e4d3c2b1a' });
  expect(known.request.headers.get('authorization')).toBe(
    'Basic YTFiMmMzZDRlNWY2MDcxODI5M2E0YjVjNmQ3ZThmOTA6MGY5ZThkN2M2YjVhNDkzODI3MTYwZjVlNGQzYzJiMWE=',
  );
});

test('headers of the settings cannot come before those of the protocol, whatever their case', async () => {
  const seen: (string | null)[] = [];
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const { headers } = new Request(input, init);
    seen.push(headers.get('authorization'), headers.get('content-type'));
    return new Response('[]');
  };
  const headers = { AUTHORIZATION: 'Bearer x', 'Content-TYPE': 'text/plain' };
  await using db = connect({ ...pair, headers, fetch: fetch as typeof globalThis.fetch });
  await db.write([{ series: 'a', value: 1 }]);
  await db.check();
  expect(seen).toEqual(['Basic YS1rZXk6YS1zZWNyZXQ=', 'application/json', 'Basic YS1rZXk6YS1zZWNyZXQ=', 'text/plain']);
});

test('connect and createTempodb are the same function', () => {
  expect(connect).toBe(createTempodb);
});
