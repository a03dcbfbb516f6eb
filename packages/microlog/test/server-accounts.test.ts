import { createCredentials } from '@anyseries/core/server';
import { connect as connectToMemory } from '@anyseries/memory';
import { createServer, protocol } from '@anyseries/microlog/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readDashboard } from '../src/wire/pages.ts';
import {
  ada,
  documentTime,
  documentUsers,
  requests,
  type Service,
  type SettableClock,
  session,
  standingClock,
  startService,
} from './service.ts';

let clock: SettableClock;
let service: Service;

beforeEach(async () => {
  clock = standingClock();
  service = await startService({ clock, users: documentUsers, settings: { signUpProject: 'default' } });
});
afterEach(() => service.close());

async function location(target: string, asked?: Parameters<Service['ask']>[1]): Promise<string | null> {
  const answer = await service.ask(target, asked);
  expect(answer.status).toBe(303);
  return answer.headers.get('location');
}

async function sessionFrom(answer: Promise<Response>): Promise<string | undefined> {
  return /^token=([0-9A-Za-z]{20});/.exec((await answer).headers.get('set-cookie') ?? '')?.[1];
}

const create = (username: string, password: string, repeated = password) =>
  service.ask('/auth/create', { form: { username, password, password_repeat: repeated } });
const logIn = (username: string, password: string) => service.ask('/auth/login', { form: { username, password } });

describe('creating an account', () => {
  test('opens a session that shows the token, with which points can be written', async () => {
    const cookie = await sessionFrom(create('carol: "the" <b>', 'pw 1'));
    const dashboard = readDashboard(await (await service.ask('/dashboard', { session: cookie! })).text())!;
    expect(dashboard).toEqual({ username: 'carol: "the" <b>', token: expect.stringMatching(/^[0-9A-Za-z]{20}$/), graphs: [] });
    const body = { api_username: dashboard.username, api_token: dashboard.token, datasets: [] };
    expect((await service.ask('/graphs/api/', { json: body })).status).toBe(200);
    expect(await sessionFrom(logIn('carol: "the" <b>', 'pw 1'))).toMatch(/^[0-9A-Za-z]{20}$/);
  });

  test.each([
    ['passwords that differ', 'dora', 'a', 'b', '/auth/create?e=4'],
    ['a name that is taken', 'ada', 'x', 'x', '/auth/create?e=5'],
    ['an empty name', '', 'x', 'x', '/auth/create?e=1'],
    ['a name that no record has', 'a\u0000b', 'x', 'x', '/auth/create?e=1'],
    ['a name that is too long', 'ü'.repeat(129), 'x', 'x', '/auth/create?e=1'],
    ['an empty password', 'dora', '', '', '/auth/create?e=1'],
  ])('%s are refused', async (_, username, password, repeated, target) => {
    const answer = await create(username, password, repeated);
    expect([answer.status, answer.headers.get('location'), answer.headers.get('set-cookie')]).toEqual([303, target, null]);
  });

  test('without a name, or with a password that is no text', async () => {
    expect(await location('/auth/create', { form: { password: 'x', password_repeat: 'x' } })).toBe('/auth/create?e=1');
    expect((await service.ask('/auth/create', { json: { username: 'dora', password: 5, password_repeat: 5 } })).status).toBe(500);
    expect((await service.ask('/auth/create', { json: { username: 'dora' } })).status).toBe(500);
  });

  test('is closed unless the server is told which project new accounts get', async () => {
    const closed = await startService();
    const form = { username: 'eve', password: 'x', password_repeat: 'x' };
    expect((await closed.ask('/auth/create', { form })).headers.get('location')).toBe('/auth/create?e=1');
    expect(await createCredentials(closed.store).find('microlog', 'eve')).toBe(undefined);
    await closed.close();
  });
});

describe('a session', () => {
  test('is opened by name and password, by form or JSON, and by nothing else', async () => {
    expect(await sessionFrom(logIn('ada', ada.password))).toMatch(/^[0-9A-Za-z]{20}$/);
    expect(await sessionFrom(service.ask('/auth/login', { json: { username: 'ada', password: ada.password } }))).toMatch(/^\w{20}$/);
    for (const [username, password] of [
      ['ada', 'wrong'],
      ['ada', ''],
      ['eve', ada.password],
      ['ada', ada.token],
      ['\u0000', 'x'],
    ] as const)
      expect(await location('/auth/login', { form: { username, password } })).toBe('?e=1');
    expect(await location('/auth/login', { json: { username: { $ne: null }, password: { $ne: null } } })).toBe('?e=1');
  });

  test('has a cookie that scripts and other sites cannot use, for three days from its last use', async () => {
    const { headers } = await logIn('ada', ada.password);
    expect(headers.get('set-cookie')).toMatch(
      /^token=\w{20}; Max-Age=259200; Path=\/; Expires=Mon, 07 Nov 2016 01:02:03 GMT; HttpOnly; SameSite=Lax$/,
    );
    const server = createServer({ store: service.store, clock });
    const connection = { target: '/x/dashboard', prefix: '/x', httpVersion: '1.1', secure: true, remoteAddress: undefined };
    const answer = await server.fetch(
      new Request('https://host/x/dashboard', { headers: { cookie: `a=b; token=${session}; c=d` } }),
      connection,
    );
    expect(answer.status).toBe(200);
    expect(answer.headers.get('set-cookie')).toContain('; Path=/x; ');
    expect(answer.headers.get('set-cookie')).toMatch(/; Secure$/);
  });

  test('lasts as long as it is used, and ends with its cookie', async () => {
    const cookie = (await sessionFrom(logIn('ada', ada.password)))!;
    const status = async () => (await service.ask('/dashboard', { session: cookie })).status;
    for (let day = 0; day < 10; day++) {
      clock.seconds += 2.9 * 24 * 3600;
      expect(await status()).toBe(200);
    }
    clock.seconds += 5 * 24 * 3600;
    expect(await status()).toBe(303);
  });

  test('ends when its browser logs out, and others go on', async () => {
    const [one, other] = [(await sessionFrom(logIn('ada', ada.password)))!, (await sessionFrom(logIn('ada', ada.password)))!];
    expect(await location('/auth/logout', { session: one })).toBe('/auth/login');
    expect(await location('/dashboard', { session: one })).toBe('/auth/login?e=3');
    expect((await service.ask('/dashboard', { session: other })).status).toBe(200);
  });

  test('ends when the account is revoked', async () => {
    await createCredentials(service.store).revoke('microlog', 'ada');
    expect(await location('/dashboard', { session })).toBe('/auth/login?e=3');
    expect(await location('/auth/login', { form: { username: 'ada', password: ada.password } })).toBe('?e=1');
  });

  test.each(['/dashboard', '/auth/logout'])('is needed for GET %s', async (target) => {
    expect(await location(target)).toBe('/auth/login?e=3');
    expect(await location(target, { session: 'NoSuchSession0000000' })).toBe('/auth/login?e=3');
  });

  test.each(['/dashboard/new', '/graphs/'])('is needed for POST %s', async (target) => {
    expect(await location(target, { form: { graph_name: 'x', graph: requests } })).toBe('/auth/login?e=3');
    expect(await service.list(requests)).toEqual([]);
  });

  test('at most sixteen passwords are worked on at a time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => location('/auth/login', { form: { username: 'eve', password: 'x' } })),
    );
    expect(new Set(answers)).toEqual(new Set(['?e=1', '?e=2']));
    expect(answers.filter((target) => target === '?e=1')).toHaveLength(16);
  });
});

describe('making graphs', () => {
  test('each has a random id and a place at the end of the list, whatever its name', async () => {
    const names = ['Requests', '</code><script>alert(1)</script>', ' blanks ', 'a\r\nb', '\u0000'];
    for (const graph_name of names) expect(await location('/dashboard/new', { session, form: { graph_name } })).toBe('/dashboard/');
    await service.ask('/dashboard/new', { session, json: { graph_name: ['a', 5, ['b']] } });
    const { graphs } = readDashboard(await (await service.ask('/dashboard', { session })).text())!;
    expect(graphs.map(({ name }) => name)).toEqual(['Requests', 'Errors', ...names.slice(0, 4), '\u0000', 'a,5,b']);
    expect(new Set(graphs.map(({ id }) => id)).size).toBe(8);
    for (const { id } of graphs) expect(id).toMatch(/^[0-9A-Za-z]{20}$/);
  });

  test('other protocols see its name', async () => {
    await service.ask('/dashboard/new', { session, form: { graph_name: 'Queue length' } });
    const series = await service.store.series().toArray();
    expect(series.map(({ name }) => name)).toContain('Queue length');
  });

  test.each([[{}], [{ graph_name: '' }], [{ graph_name: null }], [{ graph_name: [] }]])('not without a name: %j', async (json) => {
    const answer = await service.ask('/dashboard/new', { session, json });
    expect([answer.status, await answer.text()]).toEqual([500, 'No graph name specified. Sadness.']);
    expect(answer.headers.get('set-cookie')).toContain(session);
  });

  test('graphs that are made at the same time all stay', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => service.ask('/dashboard/new', { session, form: { graph_name: `g${i}` } })));
    const { graphs } = readDashboard(await (await service.ask('/dashboard', { session })).text())!;
    expect(graphs).toHaveLength(22);
  });
});

describe('the form of a graph page', () => {
  test('adds one point at the current second, with the texts as they are', async () => {
    expect(await location('/graphs/', { session, form: { graph: requests, count: '7', text: 'from the form', time: '5' } })).toBe(
      `/graphs/${requests}`,
    );
    expect(await location('/graphs', { session, json: { graph: requests } })).toBe(`/graphs/${requests}`);
    expect(await service.list(requests)).toEqual([
      { time: documentTime, count: '7', text: 'from the form' },
      { time: documentTime, count: 1, text: '' },
    ]);
    expect(await service.series(requests)).toEqual([[documentTime, 8]]);
  });

  test('adds nothing to a graph of somebody else, and leads nowhere else', async () => {
    expect(await location('/graphs/', { session, form: { graph: 'BobsGraph00000000003' } })).toBe('/graphs/BobsGraph00000000003');
    expect(await service.list('BobsGraph00000000003')).toEqual([]);
    expect(await location('/graphs/', { session, form: { graph: '' } })).toBe('/graphs/');
    expect(await location('/graphs/', { session, form: { graph: '//evil.test/\r\nx: y' } })).toBe(
      '/graphs/%2F%2Fevil.test%2F%0D%0Ax%3A%20y',
    );
    expect(await location('/graphs/', { session, json: { graph: ['\ud800'] } })).toBe('/graphs/');
    expect(await location('/graphs/', { session, json: { graph: '\ud800' } })).toBe('/graphs/%EF%BF%BD');
    const missing = await service.ask('/graphs/', { session, form: { count: '1' } });
    expect([missing.status, await missing.text()]).toEqual([404, 'Graph not found']);
  });
});

describe('credentials, as the tool of the gateway makes them', () => {
  const credentials = () => createCredentials(service.store);

  test('what is not given is random, and all of it works', async () => {
    const made = await protocol.credentials.add({}, 'default', credentials());
    expect(Object.keys(made)).toEqual(protocol.credentials.fields);
    for (const value of Object.values(made)) expect(value).toMatch(/^[0-9A-Za-z]{20}$/);
    const body = { api_username: made.username, api_token: made.token, datasets: [] };
    expect((await service.ask('/graphs/api/', { json: body })).status).toBe(200);
    expect(await sessionFrom(logIn(made.username!, made.password!))).toBeDefined();
  });

  test('a device keeps the token that it has', async () => {
    expect(
      await protocol.credentials.add({ username: 'old', token: 'T0kenOfAnOldDevice00', password: 'x' }, 'default', credentials()),
    ).toEqual({
      username: 'old',
      token: 'T0kenOfAnOldDevice00',
      password: 'x',
    });
    await expect(protocol.credentials.add({ username: 'old' }, 'default', credentials())).rejects.toMatchObject({ code: 'conflict' });
  });

  test.each([
    [{ username: '' }, 'username: '],
    [{ username: 'a\u0000' }, 'username: '],
    [{ token: 'with:colon' }, 'token: '],
    [{ token: '' }, 'token: '],
    [{ password: '' }, 'password: '],
  ])('%j is refused by name', async (fields, message) => {
    const refused = protocol.credentials.add(fields, 'default', credentials());
    await expect(refused).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining(message) });
  });

  test('accounts of a project that was removed can do nothing', async () => {
    const store = connectToMemory();
    const missing = { ...(await import('@anyseries/core')) };
    await protocol.credentials.add({ username: 'old', token: 'T0kenOfAnOldDevice00', password: 'x' }, 'gone', createCredentials(store));
    const server = createServer({
      store,
      project: async (id) => {
        throw new missing.AnySeriesError('not-found', `there is no project ${id}`);
      },
    });
    const body = JSON.stringify({ api_username: 'old', api_token: 'T0kenOfAnOldDevice00', datasets: [] });
    const answer = await server.fetch(
      new Request('http://x/graphs/api/', { method: 'POST', body, headers: { 'content-type': 'application/json' } }),
    );
    expect(answer.status).toBe(401);
  });

  test('accounts of different projects have different stores, and do not see each other', async () => {
    const stores = { main: connectToMemory(), one: connectToMemory(), two: connectToMemory() };
    const project = async (id: string) => stores[id as 'one'];
    for (const id of ['one', 'two'] as const)
      await protocol.credentials.add({ username: id, token: `Token${id}`, password: 'x' }, id, createCredentials(stores.main));
    await stores.two.write([{ series: 'boiler', time: 0, value: 1 }]);
    const server = createServer({ store: stores.main, project });
    const list = async (id: string) => {
      const headers = { authorization: `Basic ${btoa(`${id}:Token${id}`)}` };
      return ((await (await server.fetch(new Request('http://x/graphs/api/', { headers }))).json()) as { graphs: { id: string }[] }).graphs;
    };
    expect(await list('one')).toEqual([]);
    const [boiler] = await list('two');
    const body = { api_username: 'one', api_token: 'Tokenone', datasets: [{ graph: boiler!.id, points: [{ time: 0, count: 5 }] }] };
    const headers = { 'content-type': 'application/json' };
    await server.fetch(new Request('http://x/graphs/api/', { method: 'POST', body: JSON.stringify(body), headers }));
    expect((await stores.two.latest('boiler'))?.value).toBe(1);
    expect((await server.fetch(new Request(`http://x/graphs/${boiler!.id}`))).status).toBe(200);
  });

  test('nothing that is stored gives away a token, a password or a cookie', async () => {
    await create('carol', 'correct horse battery staple');
    const cookie = (await sessionFrom(logIn('carol', 'correct horse battery staple')))!;
    const { token } = readDashboard(await (await service.ask('/dashboard', { session: cookie })).text())!;
    const kept: string[] = [];
    for (const collection of ['gateway/credentials', 'microlog/sessions', 'microlog/graphs', 'microlog/graph-lists', 'microlog/scales'])
      for await (const record of service.store.records.list(collection)) kept.push(JSON.stringify(record));
    expect(kept.length).toBeGreaterThan(5);
    for (const secret of [token, cookie, session, ada.token, 'correct horse', ada.password]) expect(kept.join('\n')).not.toContain(secret);
  });
});
