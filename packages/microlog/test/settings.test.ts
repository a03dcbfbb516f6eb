import { isAnySeriesError } from '@anyseries/core';
import { connect, createClient, type MicrologSettings } from '@anyseries/microlog';
import { afterEach, describe, expect, test, vi } from 'vitest';

afterEach(() => vi.unstubAllEnvs());

const missingGraph = { status: 404, headers: { 'content-type': 'text/html' } };

interface Sent {
  readonly url: string;
  readonly username: string;
  readonly token: string;
}

/** What `connect(settings)` sends to, and with which credentials. */
async function sent(settings: string | MicrologSettings = {}): Promise<Sent> {
  let request: Request | undefined;
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    request = new Request(input, init);
    return new Response('Graph not found', missingGraph);
  };
  const given = typeof settings === 'string' ? { url: settings } : settings;
  await using log = connect({ ...given, server: 'original', fetch: fetch as typeof globalThis.fetch });
  await log.check();
  const { api_username: username, api_token: token } = (await request!.json()) as { api_username: string; api_token: string };
  return { url: request!.url, username, token };
}

/** What connecting or the first request fails with. */
async function failure(settings?: unknown): Promise<string> {
  try {
    await using log = connect(settings as MicrologSettings);
    await log.check();
  } catch (error) {
    if (isAnySeriesError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('nothing failed');
}

describe('an address', () => {
  test.each([
    ['microlog://ada:t0ken@localhost:8484/?secure=false', 'http://localhost:8484/graphs/api/'],
    ['microlog://ada:t0ken@metrics.example', 'https://metrics.example/graphs/api/'],
    ['http://ada:t0ken@localhost:3000', 'http://localhost:3000/graphs/api/'],
    ['https://ada:t0ken@metrics.example/graphs/api/', 'https://metrics.example/graphs/api/'],
    ['https://ada:t0ken@metrics.example/Graphs/API', 'https://metrics.example/graphs/api/'],
    ['https://ada:t0ken@metrics.example/microlog/', 'https://metrics.example/microlog/graphs/api/'],
    ['https://ada:t0ken@metrics.example/microlog/graphs/api', 'https://metrics.example/microlog/graphs/api/'],
  ])('%s', async (url, endpoint) => {
    expect(await sent(url)).toEqual({ url: endpoint, username: 'ada', token: 't0ken' });
  });

  test('carries any name and token, escaped', async () => {
    expect(await sent('https://a%3Ab%40:t%25%2F@h')).toMatchObject({ username: 'a:b@', token: 't%/' });
  });

  test('is that of the service where nothing is said', async () => {
    expect((await sent({ username: 'ada', token: 'x' })).url).toBe('https://microlog-metrics.herokuapp.com/graphs/api/');
  });

  test.each([
    ['metrics.example'],
    ['ftp://h'],
    ['microlog://'],
    ['microlog://h?secure=maybe'],
    ['microlog://h?server=original'],
    ['https://h?x=1'],
    ['https://h#x'],
    ['https://a:%zz@h'],
    [5],
  ])('that is none is refused, and not shown: %s', async (url) => {
    const message = await failure({ url });
    expect(message).toMatch(/^invalid: url: /);
    expect(message).not.toContain('%zz');
  });
});

describe('credentials', () => {
  test('come from the settings before the address before the environment', async () => {
    vi.stubEnv('ANYSERIES_MICROLOG_URL', 'https://urluser:urltoken@h');
    vi.stubEnv('MICROLOG_USERNAME', 'envuser');
    vi.stubEnv('MICROLOG_API_TOKEN', 'envtoken');
    expect(await sent({ username: 'ada', token: 'x' })).toMatchObject({ username: 'ada', token: 'x' });
    expect(await sent()).toEqual({ url: 'https://h/graphs/api/', username: 'urluser', token: 'urltoken' });
    expect(await sent({ url: 'https://other' })).toMatchObject({ username: 'envuser', token: 'envtoken' });
  });

  test.each([
    [{ token: 'x' }, 'unauthenticated: "username" is missing: give the setting, or set the environment variable MICROLOG_USERNAME'],
    [{ username: 'ada' }, 'unauthenticated: "token" is missing: give the setting, or set the environment variable MICROLOG_API_TOKEN'],
  ])('that are missing are named: %j', async (settings, message) => {
    expect(await failure({ ...settings, server: 'original' })).toBe(message);
  });

  test('are looked for when they are needed, and not before', () => {
    expect(() => connect()).not.toThrow();
    expect(() => createClient()).not.toThrow();
  });

  test('a password that is needed and missing is named', async () => {
    const client = createClient({ username: 'ada' });
    await expect(client.logIn()).rejects.toMatchObject({ message: expect.stringContaining('MICROLOG_PASSWORD') });
    await client.close();
  });
});

test.each([
  [{ server: 'other' }, 'invalid: server: "other"'],
  [{ graphs: {} }, "invalid: graphs: is for server: 'original'"],
  [{ server: 'original', graphs: 5 }, 'invalid: graphs: 5'],
  [{ server: 'original', graphs: { a: '' } }, 'invalid: graphs.a: ""'],
  [{ headers: { 'a b': 'x' } }, 'invalid: headers: '],
  [{ fetch: 5 }, 'invalid: fetch: 5'],
  [{ timeoutMs: 0 }, 'invalid: timeoutMs: 0'],
  [{ token: 5 }, 'invalid: token: '],
  [{ deadlineMs: -1 }, 'invalid: deadlineMs: -1'],
  [{ tokn: 'x' }, 'invalid: settings.tokn: is no known name'],
])('a setting that means nothing is refused by name: %j', async (settings, message) => {
  expect(await failure({ username: 'ada', ...settings })).toContain(message);
});
