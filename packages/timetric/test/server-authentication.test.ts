import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { alice, basic, bob, consumer, makeSeries, type Service, startService, token } from './server-fixture.ts';

let service: Service;
let id: string;
let csv: string;

beforeEach(async () => {
  service = await startService();
  id = await makeSeries(service, '1236735000,1\n');
  csv = `/series/${id}/csv/`;
});
afterEach(() => service.close());

const oauthChallenge = 'OAuth realm=""';
const bothChallenges = 'OAuth realm="", Basic realm="Timetric API"';

/** What a refusal says. */
async function refusal(asked: Promise<{ status: number; headers: Headers; text: string }>) {
  const { status, headers, text } = await asked;
  return [status, text, headers.get('www-authenticate')];
}

describe('OAuth', () => {
  test('a signed request is answered, whatever carries its parameters', async () => {
    const { ask, sign, headerOf } = service;
    const url = `http://timetric.com${csv}`;
    const inHeader = await ask('GET', csv, { headers: { authorization: headerOf(sign('GET', url)) } });
    const inQuery = await ask('GET', `${csv}?${new URLSearchParams(sign('GET', url))}`);
    expect([inHeader.text, inQuery.text]).toEqual(['1236735000.0,1.0\n', '1236735000.0,1.0\n']);
    const target = `/series/${id}/`;
    const form = { value: '3', ...sign('POST', `http://timetric.com${target}`, { form: { value: '3' } }) };
    expect((await ask('POST', target, { body: new URLSearchParams(form) })).status).toBe(204);
  });

  test('carriers may be mixed', async () => {
    const { ask, sign, headerOf } = service;
    const { oauth_signature, oauth_token, ...others } = sign('GET', `http://timetric.com${csv}`);
    const query = new URLSearchParams({ oauth_signature: oauth_signature!, oauth_token: oauth_token! });
    expect((await ask('GET', `${csv}?${query}`, { headers: { authorization: headerOf(others) } })).status).toBe(200);
  });

  test('a header is read leniently, and what is no parameter of OAuth in it counts for nothing', async () => {
    const { ask, sign } = service;
    const parameters = Object.entries(sign('GET', `http://timetric.com${csv}`));
    const written = parameters.map(
      ([name, value], i) => `${name} = ${i % 2 === 0 ? encodeURIComponent(value) : `"${encodeURIComponent(value)}"`}`,
    );
    const authorization = `oauth  title="a%20b" ,${written.join(' ,  ')}, realm="here"`;
    expect((await ask('GET', csv, { headers: { authorization } })).status).toBe(200);
  });

  test('a replayed request is refused, and applied once', async () => {
    const { ask, sign, headerOf } = service;
    const target = `/series/${id}/`;
    const parameters = sign('POST', `http://timetric.com${target}`, { form: { increment: '5' } });
    const send = () =>
      ask('POST', target, { headers: { authorization: headerOf(parameters) }, body: new URLSearchParams({ increment: '5' }) });
    expect((await send()).status).toBe(204);
    const spent = `${consumer.key}-${token.key}-${parameters.oauth_nonce}`;
    expect(await refusal(send())).toEqual([401, `Nonce already used: ${spent}`, oauthChallenge]);
    service.clock.time += 299_000;
    expect((await send()).status).toBe(401);
    expect((await service.askBasic('GET', `/series/${id}/value/json/`)).text).toContain('"value": 6.0');
  });

  test('a replayed request is refused by another server over the same store, and by the same one after a restart', async () => {
    const { ask, sign, headerOf, store, vault } = service;
    const authorization = headerOf(sign('GET', `http://timetric.com${csv}`));
    expect((await ask('GET', csv, { headers: { authorization } })).status).toBe(200);
    const other = await startService({ store, vault, isUsed: true });
    expect((await other.ask('GET', csv, { headers: { authorization } })).status).toBe(401);
    expect((await other.askSigned('GET', csv)).status).toBe(200);
  });

  test('of replays at the same time one is let in', async () => {
    const { ask, sign, headerOf } = service;
    const authorization = headerOf(sign('GET', `http://timetric.com${csv}`));
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask('GET', csv, { headers: { authorization } })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('the same nonce with another timestamp or token is another request', async () => {
    const more = { oauth_nonce: '12345678' };
    expect((await service.askSigned('GET', csv, { more })).status).toBe(200);
    const next = { ...more, oauth_timestamp: String(service.clock.time / 1000 + 1) };
    expect((await service.askSigned('GET', csv, { more: next })).status).toBe(200);
    expect((await service.askSigned('POST', '/oauth/request_token/', { more, token: undefined })).status).toBe(200);
  });

  test.each([-301, 301])('a timestamp outside the window is refused (%i s)', async (seconds) => {
    const now = service.clock.time / 1000;
    const given = String(now + seconds);
    const text = `Expired timestamp: given ${given} and now ${now} has a greater difference than threshold 300`;
    expect(await refusal(service.askSigned('GET', csv, { more: { oauth_timestamp: given } }))).toEqual([401, text, oauthChallenge]);
  });

  test.each([-300, 300])('a timestamp at the edge of the window passes (%i s)', async (seconds) => {
    const given = String(service.clock.time / 1000 + seconds);
    expect((await service.askSigned('GET', csv, { more: { oauth_timestamp: given } })).status).toBe(200);
  });

  test('the window is a setting', async () => {
    const patient = await startService({ settings: { timestampSeconds: 86_400 } });
    const given = String(patient.clock.time / 1000 - 86_000);
    expect((await patient.askSigned('GET', '/search/results.thin.json', { more: { oauth_timestamp: given } })).status).toBe(200);
    await patient.close();
  });

  test.each(['query', 'form', 'nonce', 'method', 'path', 'host'] as const)('a tampered parameter is refused: %s', async (what) => {
    const { ask, sign, headerOf } = service;
    const target = `/series/${id}/`;
    const parameters = sign('POST', `http://timetric.com${target}?a=1`, { form: { value: '3' } });
    const asked = {
      query: () => ask('POST', `${target}?a=2`, options('3')),
      form: () => ask('POST', `${target}?a=1`, options('4')),
      nonce: () => ask('POST', `${target}?a=1`, options('3', { oauth_nonce: '87654321' })),
      method: () => ask('PUT', `${target}?a=1`, options('3')),
      path: () => ask('POST', '/create/?a=1', options('3')),
      host: () => ask('POST', `${target}?a=1`, { ...options('3'), host: 'elsewhere.example' }),
    };
    const options = (value: string, changed: Record<string, string> = {}) => ({
      headers: { authorization: headerOf({ ...parameters, ...changed }) },
      body: new URLSearchParams({ value }),
    });
    const [status, text] = await refusal(asked[what]());
    expect([status, String(text).slice(0, 18)]).toEqual([401, 'Invalid signature.']);
    expect((await service.askBasic('GET', csv)).text).toBe('1236735000.0,1.0\n');
    // the nonce is unused: the request as it was signed still passes
    expect((await ask('POST', `${target}?a=1`, options('3'))).status).toBe(204);
  });

  test('what should have been signed is shown, and no secret', async () => {
    const [, text] = await refusal(service.askSigned('GET', csv, { consumer: { ...consumer, secret: 'wrong' } }));
    expect(text).toContain(`Expected signature base string: GET&http%3A%2F%2Ftimetric.com%2Fseries%2F${id}%2Fcsv%2F&oauth_consumer_key`);
    expect(text).not.toContain(consumer.secret);
  });

  test('PLAINTEXT without TLS is refused; over TLS the secrets themselves are the signature', async () => {
    const more = { oauth_signature_method: 'PLAINTEXT', oauth_signature: `${consumer.secret}&${token.secret}` };
    const text = 'Signature method PLAINTEXT not supported try one of the following: HMAC-SHA1';
    expect(await refusal(service.askSigned('GET', csv, { more }))).toEqual([401, text, oauthChallenge]);
    expect((await service.askSigned('GET', csv, { more, secure: true })).status).toBe(200);
  });

  test('a wrong PLAINTEXT signature is refused without a word about the right one', async () => {
    const more = { oauth_signature_method: 'PLAINTEXT', oauth_signature: `${consumer.secret}&wrong` };
    expect(await refusal(service.askSigned('GET', csv, { more, secure: true }))).toEqual([401, 'Invalid signature.', oauthChallenge]);
  });

  test.each([
    [{ oauth_version: '2.0' }, 'OAuth version 2.0 not supported.'],
    [{ oauth_consumer_key: 'nobody' }, 'Invalid consumer.'],
    [{ oauth_token: 'nothing' }, 'Invalid access token: nothing'],
    [{ oauth_signature_method: 'RSA-SHA1' }, 'Signature method RSA-SHA1 not supported try one of the following: HMAC-SHA1'],
    [{ oauth_timestamp: 'soon' }, 'Invalid signature.'],
    [{ oauth_body_hash: 'AAAA' }, 'Invalid request parameters.'],
  ])('%j is refused', async (more, expected) => {
    const [status, text, challenge] = await refusal(service.askSigned('GET', csv, { more: more as Record<string, string> }));
    expect([status, String(text).slice(0, expected.length), challenge]).toEqual([401, expected, oauthChallenge]);
  });

  test.each(['oauth_consumer_key', 'oauth_token', 'oauth_signature_method', 'oauth_signature', 'oauth_timestamp', 'oauth_nonce'])(
    'a request without %s is refused',
    async (name) => {
      const { [name]: _, ...others } = service.sign('GET', `http://timetric.com${csv}`);
      const asked = service.ask('GET', csv, { headers: { authorization: service.headerOf(others) } });
      expect(await refusal(asked)).toEqual([401, 'Invalid request parameters.', oauthChallenge]);
    },
  );

  test('a request without a version is one of 1.0', async () => {
    const { ask, sign, headerOf } = service;
    const { createHmac } = await import('node:crypto');
    const { oauth_version: _, oauth_signature: __, ...others } = sign('GET', `http://timetric.com${csv}`);
    const encode = encodeURIComponent;
    const sorted = Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1));
    const text = `GET&${encode(`http://timetric.com${csv}`)}&${encode(sorted.map((pair) => pair.map(encode).join('=')).join('&'))}`;
    const signature = createHmac('sha1', `${consumer.secret}&${token.secret}`).update(text).digest('base64');
    const authorization = headerOf({ ...others, oauth_signature: signature });
    expect((await ask('GET', csv, { headers: { authorization } })).status).toBe(200);
  });

  test('a parameter that comes twice with different values is refused; twice with the same it is one', async () => {
    const { ask, sign, headerOf } = service;
    const parameters = sign('GET', `http://timetric.com${csv}`);
    const headers = { authorization: headerOf(parameters) };
    expect(await refusal(ask('GET', `${csv}?oauth_nonce=other`, { headers }))).toEqual([
      401,
      'Invalid request parameters.',
      oauthChallenge,
    ]);
    expect((await ask('GET', `${csv}?oauth_nonce=${parameters.oauth_nonce}`, { headers })).status).toBe(200);
  });

  test('a header that cannot be read is refused', async () => {
    const text = 'Unable to parse OAuth parameters from Authorization header.';
    for (const authorization of ['OAuth oauth_nonce="%zz"', 'OAuth nothing', 'OAuth oauth_nonce="1"oauth_token="2"'])
      expect(await refusal(service.ask('GET', csv, { headers: { authorization } }))).toEqual([401, text, oauthChallenge]);
  });

  test('the signature may be of the other scheme, or of an address that the settings name', async () => {
    const behind = await startService({ settings: { publicUrls: ['http://timetric.com', 'https://data.example:8443'] } });
    const { ask, sign, headerOf } = behind;
    const target = '/search/results.thin.json';
    for (const origin of ['https://10.0.0.5', 'http://10.0.0.5', 'http://timetric.com', 'https://data.example:8443']) {
      const authorization = headerOf(sign('GET', origin + target));
      expect((await ask('GET', target, { headers: { authorization }, host: '10.0.0.5' })).status).toBe(200);
    }
    const authorization = headerOf(sign('GET', `http://other.example${target}`));
    expect((await ask('GET', target, { headers: { authorization }, host: '10.0.0.5' })).status).toBe(401);
    await behind.close();
  });

  test('a body hash protects the body', async () => {
    const { createHash } = await import('node:crypto');
    const body = '1236735500,2\n';
    const headers = { 'content-type': 'text/csv' };
    const more = { oauth_body_hash: createHash('sha1').update(body).digest('base64') };
    expect((await service.askSigned('POST', `/series/${id}/`, { more, headers, body: '1236735500,3\n' })).status).toBe(401);
    expect((await service.askSigned('POST', `/series/${id}/`, { more, headers, body })).status).toBe(204);
  });

  test('a revoked token, application or user opens nothing any more', async () => {
    for (const revoked of [token.key, consumer.key, alice.user]) {
      const fresh = await startService();
      expect((await fresh.askSigned('GET', '/search/results.thin.json')).status).toBe(200);
      await fresh.credentials.revoke('timetric', revoked);
      expect((await fresh.askSigned('GET', '/search/results.thin.json')).status).toBe(401);
      await fresh.close();
    }
  });

  test('the token of another application is none', async () => {
    const other = { key: 'otherapplication', secret: 'othersecret' };
    const { protocol } = await import('../src/server.ts');
    const fields = { user: 'bob', consumerKey: other.key, consumerSecret: other.secret };
    await protocol.credentials.add(fields, 'default', service.credentials, service.vault);
    expect(await refusal(service.askSigned('GET', csv, { consumer: other }))).toEqual([
      401,
      `Invalid access token: ${token.key}`,
      oauthChallenge,
    ]);
  });
});

describe('API tokens', () => {
  test('the key and the secret open what their user has', async () => {
    expect((await service.askBasic('GET', csv)).text).toBe('1236735000.0,1.0\n');
  });

  test('blanks in and behind the Base64 text are the doing of libraries', async () => {
    const [, encoded] = basic(alice).split(' ');
    const authorization = `basic  ${encoded!.slice(0, 20)} ${encoded!.slice(20)} `;
    expect((await service.ask('GET', csv, { headers: { authorization } })).status).toBe(200);
  });

  test.each([
    ['a wrong secret', basic({ ...alice, secret: 'wrong' })],
    ['an unknown key', basic({ key: 'nobody', secret: 'x' })],
    ['the name and password of a user', basic({ key: alice.user, secret: alice.password })],
    ['the key of an application', basic(consumer)],
    ['no colon', `Basic ${btoa('nothing')}`],
    ['no Base64', 'Basic §§§'],
    ['nothing', 'Basic'],
  ])('%s is refused', async (_, authorization) => {
    const asked = service.ask('GET', csv, { headers: { authorization: encodeURI(authorization).replaceAll('%20', ' ') } });
    expect(await refusal(asked)).toEqual([401, 'Invalid API token.', bothChallenges]);
  });

  test('Basic wins over what else is there', async () => {
    const query = new URLSearchParams(service.sign('GET', `http://timetric.com${csv}`, { token: { key: 'x', secret: 'y' } }));
    expect((await service.askBasic('GET', `${csv}?${query}`)).status).toBe(200);
  });

  test('a revoked one opens nothing any more', async () => {
    await service.credentials.revoke('timetric', alice.key);
    expect((await service.askBasic('GET', csv)).status).toBe(401);
  });
});

describe('without credentials', () => {
  test('a private and a missing series are answered alike', async () => {
    const expected = [401, 'Invalid request parameters.', bothChallenges];
    expect(await refusal(service.ask('GET', csv))).toEqual(expected);
    expect(await refusal(service.ask('GET', '/series/Pw6b-mLBTX-bPuH_vgilfQ/csv/'))).toEqual(expected);
    expect(await refusal(service.ask('POST', '/create/'))).toEqual(expected);
  });

  test('a public series can be read, and not changed', async () => {
    const open = await makeSeries(service, '1,2\n', 'title=t&caption=c&public=true');
    expect((await service.ask('GET', `/series/${open}/csv/`)).text).toBe('1.0,2.0\n');
    expect((await service.ask('GET', `/series/${open}/value/json/`)).status).toBe(200);
    expect((await service.ask('POST', `/series/${open}/`, { body: new URLSearchParams({ value: '1' }) })).status).toBe(401);
    expect((await service.askBasic('GET', `/series/${open}/csv/`, { as: bob })).status).toBe(200);
    expect((await service.askBasic('DELETE', `/series/${open}/`, { as: bob })).status).toBe(403);
  });

  test('bad credentials are refused where none are needed', async () => {
    const open = await makeSeries(service, '1,2\n', 'title=t&caption=c&public=true');
    expect((await service.askBasic('GET', `/series/${open}/csv/`, { as: { key: 'x', secret: 'y' } })).status).toBe(401);
    expect((await service.askBasic('GET', '/search/results.thin.json', { as: { key: 'x', secret: 'y' } })).status).toBe(401);
  });
});

describe("another user's private series", () => {
  test.each([
    ['GET', 'csv/'],
    ['GET', 'csv/iso.csv'],
    ['GET', 'value/json/'],
    ['POST', '?value=1'],
    ['PUT', ''],
    ['DELETE', ''],
    ['PUT', 'metadata/'],
  ])('%s %s is forbidden', async (method, rest) => {
    const { status, text } = await service.askBasic(method, `/series/${id}/${rest}`, { as: bob });
    expect([status, text]).toEqual([403, 'You are not allowed to access this resource.']);
    expect((await service.askBasic('GET', csv)).text).toBe('1236735000.0,1.0\n');
  });
});

describe('over plain HTTP from another machine', () => {
  const far = { from: '192.0.2.7' };
  const target = '/search/results.thin.json';

  async function statuses(plainHttp?: string) {
    const near = await startService({ hasPasswords: true, settings: plainHttp === undefined ? {} : { plainHttp } });
    const login = { body: new URLSearchParams({ user: alice.user, password: alice.password }) };
    const answers = [
      await near.ask('GET', target, far),
      await near.askSigned('GET', target, far),
      await near.askBasic('GET', target, far),
      await near.ask('POST', '/login/', { ...far, ...login }),
      await near.askBasic('GET', target, { ...far, secure: true }),
    ];
    await near.close();
    return answers.map(({ status }) => status);
  }

  test('credentials are refused unless the settings say otherwise', async () => {
    expect(await statuses()).toEqual([200, 403, 403, 403, 200]);
    expect(await statuses('none')).toEqual([200, 403, 403, 403, 200]);
    expect(await statuses('signed')).toEqual([200, 200, 403, 403, 200]);
    expect(await statuses('any')).toEqual([200, 200, 200, 302, 200]);
  });
});

test.each([
  [{ plainHttp: 'some' }, 'settings.plainHttp'],
  [{ oauth10: 'yes' }, 'settings.oauth10'],
  [{ timestampSeconds: 0 }, 'settings.timestampSeconds'],
  [{ requestTokenMinutes: Number.NaN }, 'settings.requestTokenMinutes'],
  [{ publicUrls: ['timetric.com'] }, 'settings.publicUrls'],
  [{ publicUrls: ['http://timetric.com/path'] }, 'settings.publicUrls'],
  [{ unknown: 1 }, 'settings.unknown'],
])('the setting %j is refused by name', async (settings, name) => {
  await expect(startService({ settings })).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining(name) });
});
