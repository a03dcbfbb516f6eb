import { createVault, randomHex } from '@anyseries/core/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connect } from '../src/index.ts';
import { createServer, protocol } from '../src/server.ts';
import { type Answer, type Ask, alice, bob, consumer, type KeyPair, type Service, startService } from './server-fixture.ts';

let service: Service;
beforeEach(async () => {
  service = await startService({ hasPasswords: true });
});
afterEach(() => service.close());

function fieldsOf({ status, text }: Answer): Record<string, string> {
  if (status !== 200) throw new Error(`${status} ${text}`);
  return Object.fromEntries(new URLSearchParams(text));
}

async function requestToken(callback?: string): Promise<KeyPair> {
  const more = callback === undefined ? {} : { oauth_callback: callback };
  const fields = fieldsOf(await service.askSigned('POST', '/oauth/request_token/', { token: undefined, more }));
  return { key: fields.oauth_token!, secret: fields.oauth_token_secret! };
}

function exchange(token: KeyPair, verifier?: string): Promise<Answer> {
  return service.askSigned('POST', '/oauth/access_token/', { token, more: verifier === undefined ? {} : { oauth_verifier: verifier } });
}

/** A browser, with the cookie that it was given. */
async function browser({ user, password } = alice) {
  const login = await service.ask('POST', '/login/', { body: new URLSearchParams({ user, password }) });
  const cookie = login.headers.getSetCookie()[0]!.split(';')[0]!;
  const go = (method: string, target: string, options: Ask = {}) =>
    service.ask(method, target, { ...options, headers: { cookie, ...options.headers } });
  const page = (token: KeyPair, query = '') => `/oauth/authorize/?oauth_token=${token.key}${query}`;
  return {
    go,
    cookie,
    page,
    look: (token: KeyPair, query?: string) => go('GET', page(token, query)),
    answer: (token: KeyPair, fields: Record<string, string>, query?: string, headers: Record<string, string> = {}) =>
      go('POST', page(token, query), { headers, body: new URLSearchParams(fields) }),
    async approve(token: KeyPair, query?: string): Promise<URLSearchParams> {
      await go('GET', page(token, query));
      const answered = await go('POST', page(token, query), { body: new URLSearchParams({ authorize_access: 'on' }) });
      if (answered.status !== 302) throw new Error(`${answered.status} ${answered.text}`);
      return new URL(answered.headers.get('location')!).searchParams;
    },
    formToken: (text: string) => /name="form_token" value="(\w+)"/.exec(text)![1]!,
  };
}

const callback = 'https://app.example/done?user=7&x=a%20b';

describe('the exchange by 1.0a', () => {
  test('gives an access token that opens what its user has', async () => {
    const token = await requestToken(callback);
    const { approve } = await browser();
    const told = await approve(token);
    expect([...told.keys()]).toEqual(['user', 'x', 'oauth_token', 'oauth_verifier']);
    expect(told.get('x')).toBe('a b');
    expect(told.get('oauth_verifier')).toMatch(/^[a-hjkmnp-zA-HJ-NP-Z2-9]{8}$/);
    const fields = fieldsOf(await exchange(token, told.get('oauth_verifier')!));
    const access = { key: fields.oauth_token!, secret: fields.oauth_token_secret! };
    expect([access.key, access.secret]).toEqual([expect.stringMatching(/^\w{16}$/), expect.stringMatching(/^\w{16}$/)]);
    const made = await service.askSigned('POST', '/create/', { token: access, form: { title: 't', caption: 'c' } });
    expect(made.status).toBe(302);
    expect((await service.askBasic('GET', '/search/results.thin.json?u=me')).text).toContain('"total": 1');
    expect((await service.askBasic('GET', '/search/results.thin.json?u=me', { as: bob })).text).toContain('"total": 0');
  });

  test('a request token is good for one exchange', async () => {
    const token = await requestToken(callback);
    const verifier = (await (await browser()).approve(token)).get('oauth_verifier')!;
    const answers = await Promise.all([exchange(token, verifier), exchange(token, verifier), exchange(token, verifier)]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await exchange(token, verifier)).toMatchObject({ status: 401, text: `Invalid request token: ${token.key}` });
  });

  test.each(['aaaaaaaa', '', undefined])('a wrong verifier ends the token (%s)', async (wrong) => {
    const token = await requestToken(callback);
    const verifier = (await (await browser()).approve(token)).get('oauth_verifier')!;
    expect(await exchange(token, wrong)).toMatchObject({ status: 401, text: 'Incorrect oauth_verifier supplied' });
    expect(await exchange(token, verifier)).toMatchObject({ status: 401, text: `Invalid request token: ${token.key}` });
  });

  test('out of band the user is shown the verifier', async () => {
    const token = await requestToken('oob');
    const { look, answer } = await browser();
    expect((await look(token)).text).toContain('you return to it yourself');
    const { status, text } = await answer(token, { authorize_access: 'on' });
    const verifier = /<code>(\w{8})<\/code>/.exec(text)?.[1];
    expect([status, verifier]).toEqual([200, expect.anything()]);
    expect((await exchange(token, verifier)).status).toBe(200);
  });

  test('a forged callback is refused at the page: what 1.0a has told before is not told again', async () => {
    const token = await requestToken(callback);
    const { look, answer } = await browser();
    const forged = '&oauth_callback=https%3A%2F%2Fevil.example%2F';
    const refused = { status: 400, text: 'Cannot specify oauth_callback at authorization step for 1.0a protocol' };
    expect(await look(token, forged)).toMatchObject(refused);
    await look(token);
    expect(await answer(token, { authorize_access: 'on' }, forged)).toMatchObject(refused);
  });

  test.each([
    'javascript:alert(1)',
    'javascript://app.example/%0aalert(1)',
    'data:text/html,x',
    'data://app.example/x',
    'file:///etc/passwd',
    'blob://x/y',
    '/done',
    'app.example/done',
    'https://',
    `https://app.example/${'x'.repeat(2083)}`,
    '',
  ])('a forged callback is refused at the beginning: %s', async (bad) => {
    const answer = await service.askSigned('POST', '/oauth/request_token/', { token: undefined, more: { oauth_callback: bad } });
    expect(answer).toMatchObject({ status: 401, text: 'Invalid callback URL' });
  });

  test('programs on phones have schemes of their own', async () => {
    const token = await requestToken('myapp://done/now?a=1');
    const { look, answer } = await browser();
    expect((await look(token)).text).toContain('<strong>done</strong>');
    const { headers } = await answer(token, { authorize_access: 'on' });
    expect(headers.get('location')).toMatch(new RegExp(`^myapp://done/now\\?a=1&oauth_token=${token.key}&oauth_verifier=\\w{8}$`));
  });
});

describe('the exchange by 1.0', () => {
  test('needs no verifier, and takes the callback at the page', async () => {
    const token = await requestToken();
    const told = await (await browser()).approve(token, `&oauth_callback=${encodeURIComponent(callback)}`);
    expect([...told]).toEqual([
      ['user', '7'],
      ['x', 'a b'],
      ['oauth_token', token.key],
    ]);
    expect((await exchange(token)).status).toBe(200);
  });

  test('without a callback the user returns to the application', async () => {
    const token = await requestToken();
    const { look, answer } = await browser();
    await look(token);
    expect((await answer(token, { authorize_access: 'on' })).text).toContain('Return to hT7kPq2ZwXc9RmNd now.');
    expect((await exchange(token)).status).toBe(200);
  });

  test('a forged callback is refused at the page', async () => {
    const token = await requestToken();
    const { look } = await browser();
    for (const bad of ['javascript:alert(1)', 'data:,x', 'done', '//evil.example/'])
      expect(await look(token, `&oauth_callback=${encodeURIComponent(bad)}`)).toMatchObject({ status: 400, text: 'Invalid callback URL' });
  });

  test('can be switched off', async () => {
    await service.close();
    service = await startService({ settings: { oauth10: false } });
    const answer = await service.askSigned('POST', '/oauth/request_token/', { token: undefined });
    expect(answer).toMatchObject({ status: 401, text: 'Parameter not found: oauth_callback' });
    expect((await service.askSigned('POST', '/oauth/request_token/', { token: undefined, more: { oauth_callback: 'oob' } })).status).toBe(
      200,
    );
  });
});

describe('a request token', () => {
  test('is always fresh', async () => {
    const tokens = await Promise.all(Array.from({ length: 5 }, () => requestToken()));
    expect(new Set(tokens.map(({ key }) => key)).size).toBe(5);
  });

  test('that nobody has approved cannot be exchanged, and stays usable', async () => {
    const token = await requestToken();
    const text = 'Consumer key or token key does not match. Make sure your request token has been approved too.';
    expect(await exchange(token)).toMatchObject({ status: 401, text });
    await (await browser()).approve(token, `&oauth_callback=${encodeURIComponent(callback)}`);
    expect((await exchange(token)).status).toBe(200);
  });

  test("that is another application's cannot be exchanged", async () => {
    const other = { key: 'otherapplication', secret: 'othersecret' };
    const { protocol } = await import('../src/server.ts');
    const fields = { user: 'bob', consumerKey: other.key, consumerSecret: other.secret };
    await protocol.credentials.add(fields, 'default', service.credentials, service.vault);
    const token = await requestToken();
    await (await browser()).approve(token, `&oauth_callback=${encodeURIComponent(callback)}`);
    const stolen = await service.askSigned('POST', '/oauth/access_token/', { consumer: other, token });
    expect(stolen).toMatchObject({ status: 401, text: expect.stringContaining('does not match') });
    expect((await exchange(token)).status).toBe(200);
  });

  test('lives for ten minutes, or what the settings say', async () => {
    const token = await requestToken();
    service.clock.time += 600_000;
    expect(await exchange(token)).toMatchObject({ status: 401, text: `Invalid request token: ${token.key}` });
  });

  test('opens no series', async () => {
    expect((await service.askSigned('GET', '/search/results.thin.json', { token: await requestToken() })).status).toBe(401);
  });

  test.each([
    ['oauth_consumer_key', 'Parameter not found: oauth_consumer_key'],
    ['oauth_signature', 'Missing signature.'],
    ['oauth_nonce', 'Parameter not found: oauth_nonce'],
  ])('is not given to a call without %s', async (name, text) => {
    const { [name]: _, ...others } = service.sign('GET', 'http://timetric.com/oauth/request_token/', { token: undefined });
    expect(await service.ask('GET', `/oauth/request_token/?${new URLSearchParams(others)}`)).toMatchObject({ status: 401, text });
  });

  test('of an unknown scope does not exist', async () => {
    const ask = (scope: string) => service.askSigned('GET', `/oauth/request_token/?scope=${scope}`, { token: undefined });
    expect(await ask('photos')).toMatchObject({ status: 401, text: 'Resource photos does not exist.' });
    expect((await ask('all')).status).toBe(200);
  });
});

describe('the page', () => {
  test('names the application, the user and the host of the callback, and shows no secret', async () => {
    const token = await requestToken(callback);
    const { text, headers } = await (await browser()).look(token);
    for (const part of [consumer.key, 'alice', 'app.example', 'name="authorize_access"', '<label>', '<html lang="en">'])
      expect(text).toContain(part);
    for (const secret of [token.secret, consumer.secret]) expect(text).not.toContain(secret);
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('is shown after logging in, which leads back to it', async () => {
    const token = await requestToken(callback);
    const target = `/oauth/authorize/?oauth_token=${token.key}`;
    const sent = await service.ask('GET', target);
    expect([sent.status, sent.headers.get('location')]).toEqual([302, `/login/?next=${encodeURIComponent(target)}`]);
    const fields = new URLSearchParams({ user: alice.user, password: alice.password });
    const back = await service.ask('POST', sent.headers.get('location')!, { body: fields });
    expect([back.status, back.headers.get('location')]).toEqual([302, target]);
  });

  test.each(['', 'oauth_token=nothing', `oauth_token=${'x'.repeat(2000)}`, 'oauth_token=%00'])(
    'of no token (%s) is none',
    async (query) => {
      const { go } = await browser();
      expect(await go('GET', `/oauth/authorize/?${query}`)).toMatchObject({ status: 401, text: 'Parameter not found: oauth_consumer_key' });
    },
  );

  test('what is refused there is over', async () => {
    const token = await requestToken(callback);
    const { look, answer } = await browser();
    await look(token);
    const { headers } = await answer(token, { submit: 'Submit' });
    expect(headers.get('location')).toBe('https://app.example/done?user=7&x=a+b&error=Access+not+granted+by+user.');
    expect((await exchange(token)).status).toBe(401);
  });

  test('counts one answer, of the session that was asked', async () => {
    const token = await requestToken(callback);
    const [mine, hers] = [await browser(), await browser(bob)];
    const refused = { status: 401, text: 'Action not allowed.' };
    expect(await mine.answer(token, { authorize_access: 'on' })).toMatchObject(refused);
    await mine.look(token);
    expect(await hers.answer(token, { authorize_access: 'on' })).toMatchObject(refused);
    expect((await mine.answer(token, { authorize_access: 'on' })).status).toBe(302);
    expect(await mine.answer(token, { authorize_access: 'on' })).toMatchObject(refused);
  });

  test('takes no form of another site, and none without the text that only its own has', async () => {
    const token = await requestToken(callback);
    const { look, answer, formToken } = await browser();
    const { text } = await look(token);
    const on = { authorize_access: 'on' };
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site', origin: 'http://timetric.com' },
    ])
      expect((await answer(token, { ...on, form_token: formToken(text) }, '', headers)).status).toBe(403);
    const own = { origin: 'http://timetric.com', 'sec-fetch-site': 'same-origin' };
    expect((await answer(token, on, '', own)).status).toBe(403);
    expect((await answer(token, { ...on, form_token: 'guessed' }, '', own)).status).toBe(403);
    expect((await answer(token, { ...on, form_token: formToken(text) }, '', own)).status).toBe(302);
  });

  test('shows texts as texts', async () => {
    const { protocol } = await import('../src/server.ts');
    const fields = { user: 'bob', consumerKey: '<script>"\'&', consumerSecret: 's' };
    await protocol.credentials.add(fields, 'default', service.credentials, service.vault);
    const signed = { consumer: { key: fields.consumerKey, secret: 's' }, token: undefined };
    const { oauth_token } = fieldsOf(await service.askSigned('POST', '/oauth/request_token/', signed));
    const { text } = await (await browser()).look(
      { key: oauth_token!, secret: '' },
      `&oauth_callback=${encodeURIComponent('https://"><b>.example/')}`,
    );
    expect(text).not.toMatch(/<script|<b>/);
  });
});

describe('logging in', () => {
  test.each([
    { user: 'alice', password: 'wrong' },
    { user: 'nobody', password: alice.password },
    { user: alice.key, password: alice.secret },
    { user: '', password: '' },
  ])('as %j is refused', async (fields) => {
    const { status, text, headers } = await service.ask('POST', '/login/', { body: new URLSearchParams(fields) });
    expect([status, headers.getSetCookie()]).toEqual([401, []]);
    expect(text).toContain('role="alert"');
  });

  test.each([
    ['/settings/', '/settings/'],
    ['//evil.example/', '/settings/'],
    ['/\\evil.example/', '/settings/'],
    ['https://evil.example/', '/settings/'],
    ['/oauth/authorize/?a=b', '/oauth/authorize/?a=b'],
    ['/a\r\nb', '/settings/'],
  ])('leads back to %j as %s', async (next, expected) => {
    const fields = new URLSearchParams({ user: alice.user, password: alice.password });
    const { headers } = await service.ask('POST', `/login/?next=${encodeURIComponent(next)}`, { body: fields });
    expect(headers.get('location')).toBe(expected);
  });

  test('gives a cookie that no script reads and no other site uses, over TLS only where it came over TLS', async () => {
    const options = { body: new URLSearchParams({ user: alice.user, password: alice.password }) };
    const cookieOf = async (more: Ask) => (await service.ask('POST', '/login/', { ...options, ...more })).headers.getSetCookie()[0];
    expect(await cookieOf({})).toMatch(/^timetric_session=\w{32}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(await cookieOf({ secure: true, prefix: '/timetric' })).toMatch(/; Path=\/timetric; HttpOnly; SameSite=Lax; Secure$/);
    expect((await service.ask('POST', '/login/', { ...options, headers: { origin: 'https://evil.example' } })).status).toBe(403);
  });

  test('ends with logging out, and after twelve hours', async () => {
    const { go, formToken } = await browser();
    const { status, text } = await go('GET', '/settings/');
    expect(status).toBe(200);
    await go('POST', '/logout/', { body: new URLSearchParams({ form_token: formToken(text) }) });
    expect((await go('GET', '/settings/')).status).toBe(302);
    const later = await browser();
    service.clock.time += 12 * 3600 * 1000;
    expect((await later.go('GET', '/settings/')).status).toBe(302);
  });

  test('is for people: a session opens no series to programs', async () => {
    const { go } = await browser();
    expect((await go('POST', '/create/', { body: new URLSearchParams({ title: 't', caption: 'c' }) })).status).toBe(401);
  });
});

describe('the settings page', () => {
  async function submit(person: Awaited<ReturnType<typeof browser>>, target: string, fields: Record<string, string>) {
    const { text } = await person.go('GET', '/settings/');
    return person.go('POST', target, { body: new URLSearchParams({ form_token: person.formToken(text), ...fields }) });
  }

  test('makes API tokens, shows them once, lists and revokes them', async () => {
    const person = await browser();
    const { text } = await submit(person, '/settings/tokens/', { name: 'my <logger>' });
    const [key, secret] = Array.from(text.matchAll(/<code>(\w{16})<\/code>/g), ([, found]) => found!);
    const as = { key: key!, secret: secret! };
    expect((await service.askBasic('GET', '/search/results.thin.json?u=me', { as })).status).toBe(200);
    const list = (await person.go('GET', '/settings/')).text;
    expect(list).toContain(key);
    expect(list).toContain('my &lt;logger&gt;');
    expect(list).not.toContain(secret);
    expect(await submit(person, '/oauth/revoke/', { todelete: key! })).toMatchObject({ status: 200, text: 'The token has been revoked.' });
    expect((await service.askBasic('GET', '/search/results.thin.json?u=me', { as })).status).toBe(401);
    expect((await person.go('GET', '/settings/')).text).not.toContain(key);
  });

  test('registers applications, with a secret or without one', async () => {
    const person = await browser();
    for (const [fields, count] of [
      [{ name: 'open', without_secret: 'on' }, 1],
      [{ name: 'closed' }, 2],
    ] as const) {
      const { text } = await submit(person, '/settings/applications/', fields);
      const codes = Array.from(text.matchAll(/<code>(\w{16})<\/code>/g), ([, found]) => found!);
      expect(codes).toHaveLength(count);
      const signed = { consumer: { key: codes[0]!, secret: codes[1] ?? '' }, token: undefined };
      expect((await service.askSigned('POST', '/oauth/request_token/', signed)).status).toBe(200);
    }
  });

  test('lists who has access, and takes it away', async () => {
    const token = await requestToken(callback);
    const person = await browser();
    const verifier = (await person.approve(token)).get('oauth_verifier')!;
    const fields = fieldsOf(await exchange(token, verifier));
    const access = { key: fields.oauth_token!, secret: fields.oauth_token_secret! };
    expect((await person.go('GET', '/settings/')).text).toContain(access.key);
    await submit(await browser(bob), '/oauth/revoke/', { todelete: access.key });
    expect((await service.askSigned('GET', '/search/results.thin.json', { token: access })).status).toBe(200);
    await submit(person, '/oauth/revoke/', { todelete: access.key });
    expect((await service.askSigned('GET', '/search/results.thin.json', { token: access })).status).toBe(401);
  });

  test.each(['/settings/tokens/', '/settings/applications/', '/oauth/revoke/'])('%s takes nothing without a session', async (target) => {
    const answer = await service.ask('POST', target, { body: new URLSearchParams({ name: 'x', todelete: alice.key }) });
    expect(answer).toMatchObject({ status: 401, text: 'Action not allowed.' });
  });

  test.each(['/settings/tokens/', '/settings/applications/', '/oauth/revoke/', '/logout/'])(
    '%s takes no form of another site',
    async (target) => {
      const { go } = await browser();
      const body = new URLSearchParams({ name: 'x', todelete: alice.key });
      expect((await go('POST', target, { headers: { origin: 'https://evil.example' }, body })).status).toBe(403);
      expect((await go('POST', target, { headers: { origin: 'http://timetric.com' }, body })).status).toBe(403);
    },
  );

  test.each(['', ' ', 'x'.repeat(51)])('a name of 1 to 50 characters is needed', async (name) => {
    expect((await submit(await browser(), '/settings/tokens/', { name })).status).toBe(400);
  });
});

describe('pages of series', () => {
  test('show what is there to whom it belongs, and to all what is public', async () => {
    const { headers } = await service.askBasic('POST', '/create/?title=%3Cpump%3E&caption=c', {
      headers: { 'content-type': 'text/csv' },
      body: '1,2\n3,\n',
    });
    const target = new URL(headers.get('location')!).pathname;
    const person = await browser();
    const { text } = await person.go('GET', target);
    expect(text).toContain('<h1>&lt;pump&gt;</h1>');
    expect(text).toContain('<tr><td>1970-01-01T00:00:03Z</td><td>null</td></tr>');
    expect((await person.go('GET', '/search/')).text).toContain('&lt;pump&gt;');
    expect((await (await browser(bob)).go('GET', target)).status).toBe(401);
    expect((await service.ask('GET', target)).status).toBe(401);
    expect((await service.askBasic('GET', target)).status).toBe(200);
    expect((await service.ask('GET', '/search/')).text).not.toContain('pump');
    expect((await service.ask('GET', '/')).status).toBe(200);
  });
});

describe('secrets', () => {
  test('are not in the store as they are, and open under the key of the gateway only', async () => {
    const token = await requestToken(callback);
    const dump: string[] = [];
    for (const collection of ['gateway/credentials', 'timetric/request-tokens'])
      for await (const record of service.store.records.list(collection)) dump.push(JSON.stringify(record));
    expect(dump.length).toBeGreaterThan(4);
    for (const secret of [consumer.secret, token.secret, alice.secret, alice.password, bob.password])
      expect(dump.join('\n')).not.toContain(secret);
    const { store } = service;
    const other = await startService({ store, isUsed: true, vault: createVault(randomHex(32)) });
    expect((await other.askSigned('GET', '/search/results.thin.json')).status).toBe(500);
    expect(String(other.failures[0])).toContain('ANYSERIES_GATEWAY_KEY');
    const same = await startService({ store, isUsed: true, vault: service.vault });
    expect((await same.askSigned('GET', '/search/results.thin.json')).status).toBe(200);
  });

  test('that no vault keeps open until the process ends', async () => {
    const { store, credentials } = service;
    const fields = { user: alice.user, consumerKey: 'unkept', consumerSecret: 'a secret', token: 'unkept token', tokenSecret: 'another' };
    await protocol.credentials.add(fields, 'default', credentials);
    const server = createServer({ store, credentials });
    const { user, ...keys } = fields;
    await using provider = connect({ url: 'http://127.0.0.1', ...keys, fetch: (url, init) => server.fetch(new Request(url, init)) });
    await provider.write([{ series: 'room', time: 0, value: 20.5 }]);
    expect(await Array.fromAsync(provider.read({ series: 'room' }))).toMatchObject([{ value: 20.5 }]);
  });
});
