import { isAnySeriesError } from '@anyseries/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { connect, createClient, createTimetric, readConfig, type TimetricProviderSettings } from '../src/index.ts';

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (/^(TIMETRIC_|ANYSERIES_TIMETRIC)/.test(name)) vi.stubEnv(name, '');
});
afterEach(() => vi.unstubAllEnvs());

/** What a call to `connect(settings)` sends to, and as whom. */
async function sent(settings?: string | TimetricProviderSettings) {
  let request: Request | undefined;
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    request = new Request(input, init);
    return new Response('{"results":[]}', { headers: { 'content-type': 'application/json' } });
  };
  await using db = connect({ ...(typeof settings === 'string' ? { url: settings } : settings), fetch: fetch as typeof globalThis.fetch });
  await db.check();
  const authorization = request!.headers.get('authorization')!;
  const oauth = Object.fromEntries(Array.from(authorization.matchAll(/(oauth_\w+)="([^"]*)"/g), ([, name, value]) => [name, value]));
  const basic = /^Basic (.+)$/.exec(authorization)?.[1];
  const as = basic === undefined ? `${oauth.oauth_consumer_key} ${oauth.oauth_token}` : Buffer.from(basic, 'base64').toString();
  return { url: request!.url.replace(/\/search\/.*$/, ''), as, request: request! };
}

/** The message of what connecting or the first request fails with. */
async function failure(settings?: unknown): Promise<string> {
  try {
    await using db = connect(settings as TimetricProviderSettings);
    await db.check();
  } catch (error) {
    if (isAnySeriesError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('nothing failed');
}

const url = 'http://localhost:8484';
const pair = { key: 'k', secret: 's' };
const oauth = { consumerKey: 'ck', consumerSecret: 'cs', token: 't', tokenSecret: 'ts' };

test('without an address there is none: that of the service is somebody else now', async () => {
  expect(await failure(pair)).toBe('invalid: url: is missing: give the setting, or set the environment variable ANYSERIES_TIMETRIC_URL');
});

test.each([
  ['timetric://k:s@localhost:8484/?secure=false', 'http://localhost:8484', 'k:s'],
  ['timetric://k:s@localhost:8484', 'https://localhost:8484', 'k:s'],
  ['Timetric://k:s@DB.example:443/?secure=true', 'https://db.example', 'k:s'],
  ['timetric://k:s@gateway/timetric/?secure=false', 'http://gateway/timetric', 'k:s'],
  ['https://k:s@gateway/a/b//', 'https://gateway/a/b', 'k:s'],
  ['timetric://sl%2Fash:p%40s%3As%25@h', 'https://h', 'sl/ash:p@s:s%'],
])('the address %s', async (address, expected, as) => {
  expect(await sent(address)).toMatchObject({ url: expected, as });
});

test('an application signs, as the user whose token it has', async () => {
  expect(await sent({ url, ...oauth })).toMatchObject({ as: 'ck t' });
  expect(await sent({ url: 'http://k:s@localhost:8484', ...oauth })).toMatchObject({ as: 'ck t' });
  expect(await sent({ url, ...oauth, consumerSecret: '' })).toMatchObject({ as: 'ck t' });
});

test('settings beat the address, the address beats the variables, and an empty text counts as absent', async () => {
  vi.stubEnv('ANYSERIES_TIMETRIC_URL', 'http://whole:address@environment');
  vi.stubEnv('TIMETRIC_APITOKEN_KEY', 'ek');
  vi.stubEnv('TIMETRIC_APITOKEN_SECRET', 'es');
  expect(await sent()).toMatchObject({ url: 'http://environment', as: 'whole:address' });
  expect(await sent({ url, key: 'mine', secret: '' })).toMatchObject({ url, as: 'mine:es' });
  expect(await sent({ url })).toMatchObject({ url, as: 'ek:es' });
  vi.stubEnv('TIMETRIC_CONSUMER_KEY', 'eck');
  expect(await sent({ url })).toMatchObject({ as: 'ek:es' });
  vi.stubEnv('TIMETRIC_APITOKEN_KEY', '');
  vi.stubEnv('TIMETRIC_OAUTH_TOKEN', 'et');
  vi.stubEnv('TIMETRIC_OAUTH_SECRET', 'ets');
  expect(await sent({ url })).toMatchObject({ as: 'eck et' });
  expect(await sent({ url, token: 'mine', tokenSecret: 'x' })).toMatchObject({ as: 'eck mine' });
});

test.each([
  [{ url }, 'unauthenticated: "key" is missing: give the setting, or set the environment variable TIMETRIC_APITOKEN_KEY'],
  [{ url, key: 'k' }, '"secret" is missing'],
  [{ url, secret: 's' }, '"key" is missing'],
  [{ url, consumerSecret: 'cs' }, '"consumerKey" is missing'],
  [{ url, consumerKey: 'ck', token: 't' }, '"tokenSecret" is missing'],
  [{ url, consumerKey: 'ck', tokenSecret: 't' }, '"token" is missing'],
  [{ url, consumerKey: 'ck' }, "the application has no access token yet: give 'token' and 'tokenSecret'"],
  [{ url, ...pair, ...oauth }, 'invalid: key: is for API tokens, and consumerKey is for OAuth'],
  [{ url, key: 'a:b', secret: 's' }, 'invalid: key: holds a colon'],
  [{ url, key: 5 }, 'invalid: key: number is no text'],
  [{ url: 'ftp://host' }, 'invalid: url: is no address such as'],
  [{ url: 'timetric://' }, 'invalid: url: is no address such as'],
  [{ url: 'timetric://k:s@h/?secure=maybe' }, "invalid: url: secure is \"maybe\", neither 'true' nor 'false'"],
  [{ url: 'timetric://k:s@h/?tls=true' }, 'invalid: url: the parameter "tls" means nothing'],
  [{ url: 'https://h/#x' }, 'invalid: url: an address has no part behind #'],
  [{ url: 'timetric://k%:s@h' }, 'invalid: url: the key or secret in the address has a %'],
  [{ url, ...pair, tokenStore: {} }, 'invalid: tokenStore: an object has no load()'],
  [{ url, ...pair, registry: { get: () => {} } }, 'invalid: registry: an object has no claim()'],
  [{ url, ...pair, headers: { 'a b': 'c' } }, 'invalid: headers: is no record'],
  [{ url, ...pair, fetch: 5 }, 'invalid: fetch: 5 is no function'],
  [{ url, ...pair, timeoutMs: 0 }, 'invalid: timeoutMs: 0 is no positive number'],
  [{ url, ...pair, baseUrl: 'x' }, 'settings.baseUrl: is no known name'],
])('%j is refused', async (settings, message) => {
  expect(await failure(settings)).toContain(message);
});

test('no message shows a secret', async () => {
  for (const settings of [
    { url: 'http://key:geheim@host#x' },
    { url, key: 'k:geheim', secret: 'geheim' },
    { url, key: 'k', secret: 'geheim', headers: { geheim: '\n' } },
    { url, consumerKey: 'ck', consumerSecret: 'geheim', tokenSecret: 'geheim' },
  ])
    expect(await failure(settings)).not.toContain('geheim');
});

test('the same function has a telling name; a client takes no registry', () => {
  expect(createTimetric).toBe(connect);
  expect(() => createClient({ url, ...pair, registry: {} } as never)).toThrow('settings.registry: is no known name');
});

describe('a configuration of the original client', () => {
  const consumer = { consumer_key: 'ck', consumer_secret: 'cs' };
  const consumerOnly = { consumerKey: 'ck', consumerSecret: 'cs' };
  const whole = { ...consumerOnly, token: 't', tokenSecret: 's' };

  test.each([
    [{ apitoken_key: 'k', apitoken_secret: 's', authtype: 'apitoken' }, pair],
    [{ 'apitoken-key': 'k', 'apitoken-secret': 's' }, pair],
    [{ apitoken_key: 'k', 'apitoken-secret': 's', authtype: 'apitoken', ...consumer }, pair],
    [{ ...consumer, apitoken_key: 'k', apitoken_secret: 's' }, consumerOnly],
    [{ consumerKey: 'ck', consumerSecret: 'cs', authtype: 'oauth' }, consumerOnly],
    [
      { ...consumer, consumer_secret: '' },
      { consumerKey: 'ck', consumerSecret: '' },
    ],
    [{ ...consumer, oauth_token: 't', oauth_secret: 's' }, whole],
    [{ ...consumer, oauth_key: 't', oauth_secret: 's' }, whole],
    [{ ...consumer, access_key: 't', access_token: 's' }, whole],
    [{ ...consumer, access_key: 't', access_secret: 's' }, whole],
    [{ ...consumer, token: 't', oauth_token_secret: 's' }, whole],
    [{ ...consumer, oauth_token: 't', oauth_key: 'x', access_key: 'y', oauth_secret: 's', access_token: 'z' }, whole],
    [{ ...consumer, unrelated: 5, oauth_token: '', access_key: 't', access_token: 's' }, whole],
  ])('%j is understood', (config, expected) => {
    expect(readConfig(config)).toEqual(expected);
  });

  test.each([
    [{}, 'consumerKey: is missing; it goes with consumerSecret'],
    [{ consumer_key: 'ck' }, 'consumerSecret: is missing; it goes with consumerKey'],
    [{ apitoken_key: 'k' }, 'apitoken_secret: is missing; it goes with apitoken_key'],
    [{ apitoken_secret: 's', authtype: 'apitoken' }, 'apitoken_key: is missing; it goes with apitoken_secret'],
    [{ ...consumer, oauth_token: 't' }, 'oauth_secret: is missing; it goes with oauth_token'],
    [{ ...consumer, oauth_secret: 's' }, 'oauth_token: is missing; it goes with oauth_secret'],
    [{ ...consumer, oauth_key: 't', access_token: 's' }, 'oauth_secret: is missing'],
    [{ ...consumer, authtype: 'password' }, "authtype: \"password\" is neither 'oauth' nor 'apitoken'"],
    [{ ...consumer, consumer_key: 5 }, 'consumer_key: number is no text'],
  ])('%j is refused', (config, message) => {
    expect(() => readConfig(config)).toThrow(message);
  });

  test('with nothing but the second of the two names of the documentation has half a token at most', () => {
    expect(readConfig({ ...consumer, access_token: 's' })).toEqual(consumerOnly);
  });
});
