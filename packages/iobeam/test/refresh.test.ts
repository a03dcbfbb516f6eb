import { type Clock, systemClock } from '@anyseries/core';
import { createTokenStore } from '@anyseries/core/provider';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connect, createClient } from '../src/index.ts';
import { decodeToken } from '../src/wire/token.ts';
import { invite, projectId, type Service, startService } from './service.ts';

const hour = 3_600_000;
const start = Date.UTC(2026, 10, 21, 12);

/** A clock that stands where it is put; timers are real. */
function standingClock(): Clock & { time: number } {
  const clock = { time: start, now: () => clock.time, setTimer: systemClock.setTimer };
  return clock;
}

let serverClock: ReturnType<typeof standingClock>;
let clientClock: ReturnType<typeof standingClock>;
let service: Service;

beforeEach(async () => {
  [serverClock, clientClock] = [standingClock(), standingClock()];
  service = await startService({ clock: serverClock });
});
afterEach(() => service.close());

/** A signed token that lives for an hour; `options` are those of `fetchToken`. */
async function issue(options: Parameters<ReturnType<typeof createClient>['fetchToken']>[0] = {}): Promise<string> {
  const client = createClient(service.settings);
  await client.createUser({ email: 'ann@example.com', password: 'pw', invite }).catch(() => undefined);
  await client.logIn('ann@example.com', 'pw');
  const { token } = await client.fetchToken({ duration: '1h', ...options });
  service.requests.length = 0;
  return token;
}

const refreshes = () => service.requests.filter(({ method, url }) => method === 'POST' && url.endsWith('/v1/tokens/project')).length;
const bearersOfImports = () =>
  service.requests
    .filter(({ url }) => url.includes('/v1/imports'))
    .map(({ headers }) => headers.get('authorization')?.slice('Bearer '.length));

/** The same, and something happens when so many imports have come. */
function fetchAnd(atImport: number, happens: () => void): typeof globalThis.fetch {
  let imports = 0;
  return async (input, init) => {
    const request = new Request(input, init);
    if (request.url.includes('/v1/imports') && ++imports === atImport) happens();
    return service.settings.fetch(request);
  };
}

async function storedValues(): Promise<number[]> {
  const points = await service.store.read({ series: {} }).toArray();
  return points.map(({ value }) => value as number).sort((a, b) => a - b);
}

const hundred = Array.from({ length: 100 }, (_, i) => i);

describe('a token that expires in the middle of 100 concurrent sends is refreshed exactly once, and nothing is lost', () => {
  test('by the neutral provider', async () => {
    const token = await issue();
    const fetch = fetchAnd(30, () => {
      serverClock.time = start + hour;
    });
    const provider = connect({ ...service.settings, token, fetch, clock: clientClock });
    const results = await Promise.all(hundred.map((i) => provider.write([{ series: `s${i}`, time: start, value: i }])));
    expect(results.every(({ stored }) => stored === 1)).toBe(true);
    expect(await storedValues()).toEqual(hundred);
    expect(refreshes()).toBe(1);
    const bearers = new Set(bearersOfImports());
    expect(bearers.size).toBe(2);
    await provider.close();
  });

  test('by the native client', async () => {
    const token = await issue();
    const fetch = fetchAnd(30, () => {
      serverClock.time = start + hour;
    });
    const client = createClient({ ...service.settings, token, fetch, clock: clientClock, deviceId: 'd' });
    await Promise.all(hundred.map((i) => client.importSeries([{ name: `s${i}`, points: [{ time: start, value: i }] }])));
    expect(await storedValues()).toEqual(hundred);
    expect(refreshes()).toBe(1);
    await client.close();
  });
});

test('a token that is about to expire is refreshed before it is sent, once for all that wait, and the fresh one is used', async () => {
  const token = await issue();
  clientClock.time = serverClock.time = start + hour - 30_000;
  const provider = connect({ ...service.settings, token, clock: clientClock });
  await Promise.all(hundred.map((i) => provider.write([{ series: 's', time: start + i, value: i }])));
  expect(await storedValues()).toEqual(hundred);
  expect(refreshes()).toBe(1);
  const [fresh, ...others] = new Set(bearersOfImports());
  expect([others, fresh === token]).toEqual([[], false]);
  expect(decodeToken(fresh!)?.claims.exp).toBe(Math.floor((serverClock.time + 30 * 24 * hour) / 1000));
  await provider.close();
});

test('a token that has been refreshed is kept for the next run, and another token in the settings is not mistaken for it', async () => {
  const tokenStore = createTokenStore();
  const token = await issue();
  const other = await issue({ duration: '2h' });
  clientClock.time = serverClock.time = start + hour;
  const run = async (given: string) => {
    service.requests.length = 0;
    const provider = connect({ ...service.settings, token: given, tokenStore, clock: clientClock });
    await provider.write([{ series: 's', time: start, value: 1 }]);
    await provider.close();
    return { refreshes: refreshes(), used: bearersOfImports()[0]! };
  };
  const first = await run(token);
  expect(first.refreshes).toBe(1);
  expect(await run(token)).toEqual({ refreshes: 0, used: first.used });
  expect(await run(other)).toEqual({ refreshes: 0, used: other });
});

test('tokens for reading and writing are used for what they are for, and refreshed each for itself', async () => {
  const readToken = await issue({ write: false });
  const writeToken = await issue({ read: false });
  clientClock.time = serverClock.time = start + hour;
  const provider = connect({ ...service.settings, token: undefined, readToken, writeToken, clock: clientClock });
  await provider.write([{ series: 's', time: start, value: 1 }]);
  expect(await provider.read({ series: 's' }).toArray()).toHaveLength(1);
  expect(refreshes()).toBe(2);
  await provider.close();
});

test('the projects of tokens are read from them', async () => {
  const token = await issue();
  const provider = connect({ ...service.settings, projectId: undefined, token, clock: clientClock });
  expect(await provider.write([{ series: 's', time: start, value: 1 }])).toMatchObject({ stored: 1 });
  expect(service.requests.at(-1)?.headers.get('authorization')).toBe(`Bearer ${token}`);
  await provider.close();
});

describe('a token that cannot be refreshed', () => {
  test('is sent as long as it may be valid, and asked for once', async () => {
    const token = await issue({ refreshable: false });
    clientClock.time = serverClock.time = start + hour - 10_000;
    const provider = connect({ ...service.settings, token, clock: clientClock });
    for (const i of [1, 2, 3]) await provider.write([{ series: 's', time: start + i, value: i }]);
    expect([refreshes(), await storedValues()]).toEqual([1, [1, 2, 3]]);
    await provider.close();
  });

  test('blocks when it has expired: the points are told as unsent, and the client keeps them', async () => {
    const token = await issue({ refreshable: false });
    clientClock.time = serverClock.time = start + hour;
    const provider = connect({ ...service.settings, token, clock: clientClock });
    const failure = provider.write([{ series: 's', time: start, value: 1 }]);
    await expect(failure).rejects.toMatchObject({ code: 'unauthenticated', retryable: false, outcome: { unknown: [], unsent: [0] } });
    await provider.close();

    const client = createClient({ ...service.settings, token, clock: clientClock, deviceId: 'd' });
    client.addDataPoint('s', { time: start, value: 1 });
    expect(await client.send()).toMatchObject({
      done: false,
      kept: 1,
      points: [{ outcome: 'unsent' }],
      errors: [{ code: 'unauthenticated' }],
    });
    expect(client.pending()).toBe(1);
    await client.close();
  });

  test('a token without the permission is forbidden, is not refreshed, and the points stay in the client', async () => {
    const token = await issue({ write: false });
    const client = createClient({ ...service.settings, token, clock: clientClock, deviceId: 'd' });
    client.addDataPoint('s', { time: start, value: 1 });
    expect(await client.send()).toMatchObject({ done: false, points: [{ outcome: 'unsent' }], errors: [{ code: 'forbidden' }] });
    expect([client.pending(), refreshes()]).toEqual([1, 0]);
    await client.close();
  });
});

test('a refresh that fails for a while costs nothing while the token is valid, and is tried again', async () => {
  const token = await issue();
  clientClock.time = serverClock.time = start + hour - 30_000;
  let isDown = true;
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    if (isDown && request.url.endsWith('/v1/tokens/project')) return new Response('down', { status: 503 });
    return service.settings.fetch(request);
  };
  const provider = connect({ ...service.settings, token, fetch, clock: clientClock, retry: { maxAttempts: 1 } });
  await provider.write([{ series: 's', time: start, value: 1 }]);
  isDown = false;
  await provider.write([{ series: 's', time: start + 1, value: 2 }]);
  expect([refreshes(), new Set(bearersOfImports()).size]).toEqual([1, 2]);
  await provider.close();
});

test('tokens outlive a restart of the server, and end with their time', async () => {
  const token = await issue();
  service.restart();
  const client = createClient({ ...service.settings, token, clock: clientClock, retry: { maxAttempts: 1 } });
  expect(await client.query()).toEqual([]);
  serverClock.time = start + hour - 1;
  expect(await client.query()).toEqual([]);
  const refused = createClient({ ...service.settings, token: await issue({ refreshable: false, duration: '1s' }), clock: clientClock });
  serverClock.time += 2000;
  await expect(refused.query()).rejects.toMatchObject({ code: 'unauthenticated' });
});

test('no error shows a token', async () => {
  const token = await issue({ refreshable: false });
  serverClock.time = start + hour;
  const provider = connect({ ...service.settings, token, clock: clientClock });
  const failure: unknown = await provider.write([{ series: 's', time: start, value: 1 }]).catch((error: unknown) => error);
  const shown = JSON.stringify([String(failure), failure, (failure as Error).stack, String((failure as Error).cause)]);
  expect(shown).not.toContain(token);
  expect(shown).not.toContain(token.split('.')[2]);
  await provider.close();
});

test('a token of another project is refused by that of the settings', async () => {
  const token = await issue();
  const client = createClient({ ...service.settings, projectId: projectId + 1, token, clock: clientClock, deviceId: 'd' });
  await expect(client.importSeries([])).rejects.toMatchObject({ code: 'forbidden' });
  await client.close();
});
