import { AnySeriesError, type Store } from '@anyseries/core';
import { createCredentials, createVault } from '@anyseries/core/server';
import { connect } from '@anyseries/memory';
import { beforeEach, describe, expect, test } from 'vitest';
import { addSigningKey, createSigner } from '../src/server/signing.ts';
import { protocol } from '../src/server.ts';
import { decodeToken, encodeBase64, encodeClaims, type TokenClaims } from '../src/wire/token.ts';
import { clock, now, projectId, type Service, series, startService } from './server-fixture.ts';

const later = Math.floor(now / 1000) + 3600;
const invite = 'INVITE-1';
const ann = { email: 'Ann@example.com', password: 'pw: with colon', invite };

let service: Service;
beforeEach(async () => {
  service = await startService({ settings: { invites: [invite], admins: [1] }, vault: createVault('a'.repeat(64)) });
});

/** A token that the service has signed. */
async function signed(claims: TokenClaims): Promise<string> {
  return createSigner(service.store.records, createVault('a'.repeat(64))).sign(claims);
}

/** The user token of a new user. */
async function logIn(user: { email: string; password: string } = ann): Promise<string> {
  await service.ask('POST', '/v1/users', { ...user, invite }, null);
  const answer = await service.ask(
    'GET',
    '/v1/tokens/user',
    undefined,
    `Basic ${Buffer.from(`${user.email}:${user.password}`).toString('base64')}`,
  );
  return answer.json.token;
}

describe('every resource', () => {
  const reads = [
    '/v1/exports/7',
    '/v1/data/input',
    '/v1/devices',
    '/v1/devices/d',
    '/v1/namespaces',
    '/v1/namespaces/1',
    '/v1/triggers',
    '/v1/triggers/1',
    '/v1/apps',
    '/v1/apps/1',
    '/v1/files',
  ];
  const writes: readonly (readonly [string, string])[] = [
    ['POST', '/v1/imports'],
    ['POST', '/v1/devices'],
    ['PATCH', '/v1/devices/d'],
    ['DELETE', '/v1/devices/d'],
    ['POST', '/v1/namespaces'],
    ['PUT', '/v1/namespaces/1'],
    ['POST', '/v1/triggers'],
    ['PUT', '/v1/triggers/1'],
    ['DELETE', '/v1/triggers/1'],
    ['PUT', '/v1/triggers/events/test'],
    ['POST', '/v1/apps'],
    ['PUT', '/v1/apps/1'],
    ['DELETE', '/v1/apps/1'],
    ['PUT', '/v1/files/f'],
    ['DELETE', '/v1/files/f'],
  ];
  const ofProjects = [...reads.map((target) => ['GET', target] as const), ...writes];
  const ofUsers: readonly (readonly [string, string])[] = [
    ['GET', '/v1/users/me'],
    ['PATCH', '/v1/users/me'],
    ['GET', '/v1/users'],
    ['GET', '/v1/users/1'],
    ['GET', '/v1/projects'],
    ['POST', '/v1/projects'],
    ['GET', '/v1/projects/7'],
    ['PATCH', '/v1/projects/7'],
    ['GET', '/v1/projects/7/permissions'],
    ['PATCH', '/v1/projects/7/permissions'],
    ['GET', '/v1/tokens/project?project_id=7'],
  ];
  const body = (method: string) => (method === 'GET' ? undefined : { project_id: projectId });

  test.each([...ofProjects, ...ofUsers])('%s %s wants credentials, and says so with a challenge', async (method, target) => {
    for (const token of [null, '', 'Bearer', 'Bearer undefined', 'Basic YTpi', 'Token x', 'opaque-and-unknown']) {
      const answer = await service.ask(method, target, body(method), token === '' ? ' ' : token);
      expect([answer.status, answer.fault]).toEqual([401, '10 Missing or malformed credentials']);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="iobeam"');
    }
  });

  test.each([...ofProjects, ...ofUsers])(
    '%s %s refuses tokens that are forged, foreign, expired or of the other kind',
    async (method, target) => {
      const claims = { uid: 0, pid: projectId, exp: later, pms: 7 };
      const token = await signed(claims);
      const [head, , signature] = token.split('.');
      const forged = [
        `${encodeClaims({ ...claims, pms: 3 }, 1)}.${signature}`,
        `${head}.${btoa('{"pid":7,"pms":7}')}.${signature}`,
        `${token.slice(0, -2)}AA`,
      ];
      const none = `${btoa('{"typ":"JWT","alg":"none"}')}.${btoa(JSON.stringify(claims))}.${encodeBase64(new Uint8Array(1))}`;
      for (const each of [...forged, none])
        expect((await service.ask(method, target, body(method), each)).fault).toBe('11 Invalid credentials');
      const expired = await service.ask(method, target, body(method), await signed({ ...claims, exp: Math.floor(now / 1000) }));
      expect([expired.status, expired.fault]).toEqual([401, '12 Token has expired']);
      const isOfUser = ofUsers.some(([, other]) => other === target);
      const wrong = await service.ask(method, target, body(method), isOfUser ? token : await signed({ uid: 1, exp: later }));
      expect(wrong.fault).toBe(`11 A ${isOfUser ? 'user' : 'project'} token is required`);
    },
  );

  test.each(ofProjects)('%s %s wants its permission', async (method, target) => {
    const lacking = method === 'GET' ? { pms: 6 } : { pms: 5 };
    const answer = await service.ask(method, target, body(method), await signed({ pid: projectId, exp: later, ...lacking }));
    expect([answer.status, answer.fault]).toEqual([403, '11 Token lacks the required permission']);
  });

  test.each(writes.filter(([method]) => method === 'POST'))(
    '%s %s looks at the token before the body, and at the project before the rest',
    async (method, target) => {
      expect((await service.ask(method, target, '{', null)).status).toBe(401);
      expect((await service.ask(method, target, '{')).fault).toBe('20 Request body is not valid JSON');
      expect((await service.ask(method, target, {})).fault).toBe('21 project_id is required');
      expect((await service.ask(method, target, { project_id: 8 })).fault).toBe('11 Token does not belong to this project');
    },
  );

  test('an unknown path is told before an unknown method, and both before who asks', async () => {
    expect((await service.ask('POST', '/v1/nothing', undefined, null)).fault).toBe('32 Resource not found');
    expect((await service.ask('GET', '/v2/devices', undefined, null)).status).toBe(404);
    const wrong = await service.ask('DELETE', '/v1/imports/', undefined, null);
    expect([wrong.status, wrong.fault]).toEqual([405, '34 Method not allowed']);
  });

  test('HEAD is answered as GET', async () => {
    expect((await service.ask('HEAD', '/v1/exports/7')).status).toBe(200);
    expect((await service.ask('HEAD', '/v1/imports')).fault).toBe('34 Method not allowed');
  });

  test('what fails inside is told to the operator, and not to the client', async () => {
    const told: unknown[] = [];
    const store = connect({ clock });
    const failing = await startService({ store, onFailure: (error) => told.push(error) });
    await store.close();
    const answer = await failing.ask('GET', '/v1/exports/7');
    expect([answer.status, answer.fault]).toEqual([500, '50 The server could not answer']);
    expect(told).toEqual([expect.objectContaining({ code: 'closed' })]);
    await failing.ask('GET', '/v1/exports/7', undefined, null);
    expect(told).toHaveLength(1);
  });
});

describe('tokens', () => {
  test('the scheme is read in any case of its letters', async () => {
    const token = await signed({ pid: projectId, exp: later, pms: 1 });
    expect((await service.ask('GET', '/v1/exports/7', undefined, `bEaReR ${token}`)).status).toBe(200);
  });

  test('a registered text opens its project whatever it looks like, also a token whose key is lost, until it is revoked', async () => {
    const lost = `${encodeClaims({ uid: 3, pid: 49, exp: 1, pms: 7 }, 1335)}.${encodeBase64(new Uint8Array(32))}`;
    const credentials = createCredentials(service.store, clock);
    await protocol.credentials.add({ projectId: '7', token: lost, permissions: 'write' }, 'default', credentials);
    expect((await service.ask('POST', '/v1/imports', series('d', { a: [[1, 1]] }), lost)).status).toBe(200);
    expect((await service.ask('GET', '/v1/exports/7', undefined, lost)).status).toBe(403);
    const refreshed = await service.ask('POST', '/v1/tokens/project', { refresh_token: lost }, null);
    expect(decodeToken(refreshed.json.token)?.claims).toEqual({ uid: 0, pid: 7, exp: Math.floor(now / 1000) + 30 * 86_400, pms: 2 });
    const [{ id }] = (await Array.fromAsync(credentials.list())).filter(({ data }) => data.permissions === 2) as unknown as [
      { id: string },
    ];
    await credentials.revoke('iobeam', id);
    expect((await service.ask('POST', '/v1/imports', series('d', {}), lost)).fault).toBe('11 Invalid credentials');
    expect((await service.ask('POST', '/v1/tokens/project', { refresh_token: lost }, null)).fault).toBe('13 Token cannot be refreshed');
  });

  test('one that is made for an operator tells clients its project and its end', async () => {
    const made = await protocol.credentials.add({}, 'cellar', createCredentials(service.store, clock));
    const { claims } = decodeToken(made.token!)!;
    expect(claims).toMatchObject({ pid: Number(made.projectId), pms: 3 });
    expect(claims.exp).toBeGreaterThan(Date.now() / 1000 + 9 * 365 * 86_400);
    const again = await protocol.credentials.add({}, 'cellar', createCredentials(service.store, clock));
    expect([again.projectId, again.token === made.token]).toEqual([made.projectId, false]);
  });

  test.each([
    [{ projectId: 'x' }, /^projectId:/],
    [{ projectId: '7', token: 'short' }, /^token:/],
    [{ projectId: '7', permissions: 'all' }, /^permissions:/],
  ])('%o makes no credential', async (fields, message) => {
    await expect(protocol.credentials.add(fields as never, 'default', createCredentials(service.store, clock))).rejects.toThrow(message);
  });

  test('a number is that of one project', async () => {
    await expect(protocol.credentials.add({ projectId: '7' }, 'cellar', createCredentials(service.store, clock))).rejects.toThrow(
      /^projectId: 7 is the number/,
    );
  });

  test.each([
    ['a device token', { did: 'd', pid: projectId, uid: 0, exp: 1, pms: 3 }, 200],
    ['a user token', { uid: 1, exp: later }, 403],
    ['one that is not refreshable', { pid: projectId, exp: later, pms: 3, nrf: true }, 403],
  ])('%s, when it is refreshed', async (_, claims, status) => {
    const answer = await service.ask('POST', '/v1/tokens/project', { refresh_token: await signed(claims) }, null);
    expect(answer.status).toBe(status);
    if (status === 200) expect(decodeToken(answer.json.token)?.claims).toEqual({ ...claims, exp: Math.floor(now / 1000) + 30 * 86_400 });
    else expect(answer.fault).toBe('13 Token cannot be refreshed');
  });

  test('a user who was shut out of a project gets no further token for it', async () => {
    const admin = await logIn();
    const bob = await logIn({ email: 'bob@example.com', password: 'pw' });
    await service.ask('GET', '/v1/devices');
    await service.ask('PATCH', '/v1/projects/7/permissions', { user_id: 2, read: true, write: true }, admin);
    const { json } = await service.ask('GET', '/v1/tokens/project?project_id=7', undefined, bob);
    expect([json.read, json.write, json.admin, json.user_id]).toEqual([true, true, false, 2]);
    expect((await service.ask('GET', '/v1/tokens/project?project_id=7&admin=true', undefined, bob)).fault).toBe('11 Permission denied');
    await service.ask('PATCH', '/v1/projects/7/permissions', { user_id: 2, write: true }, admin);
    expect((await service.ask('POST', '/v1/tokens/project', { refresh_token: json.token }, null)).json).toMatchObject({
      read: false,
      write: true,
    });
    await service.ask('PATCH', '/v1/projects/7/permissions', { user_id: 2 }, admin);
    expect((await service.ask('POST', '/v1/tokens/project', { refresh_token: json.token }, null)).status).toBe(403);
    expect((await service.ask('GET', '/v1/tokens/project?project_id=7', undefined, bob)).fault).toBe('11 Permission denied');
    expect((await service.ask('GET', '/v1/projects/7', undefined, bob)).status).toBe(403);
  });

  test.each([
    ['project_id=8', 404, '32 Project not found'],
    ['', 400, '21 project_id is required'],
    ['project_id=x', 400, '22 Invalid value for project_id (x)'],
    ['project_id=7&read=perhaps', 400, '22 Invalid value for read (perhaps)'],
    ['project_id=7&duration=1y', 400, '22 Invalid value for duration (1y)'],
    ['project_id=7&duration=99999999w', 400, '22 Invalid value for duration (99999999w)'],
  ])('are not issued for %s', async (query, status, fault) => {
    const answer = await service.ask('GET', `/v1/tokens/project?${query}`, undefined, await logIn());
    expect([answer.status, answer.fault]).toEqual([status, fault]);
  });

  test('signing keys are kept sealed, opened again by the same key, and by no other', async () => {
    const token = await signed({ pid: projectId, exp: later, pms: 1 });
    const records = await Array.fromAsync(service.store.records.list('iobeam/signing-keys'));
    expect(records).toHaveLength(1);
    const { sealed } = records[0]!.value as { sealed: string };
    expect(await createVault('a'.repeat(64)).open(sealed, 'the signing key of iobeam')).toMatch(/^[0-9a-f]{64}$/);
    const other = await startService({ store: service.store, vault: createVault('b'.repeat(64)) });
    const answer = await other.ask('GET', '/v1/exports/7', undefined, token);
    expect([answer.status, answer.fault]).toEqual([
      500,
      expect.stringMatching(/^50 the signing key of iobeam was sealed with another key.*ANYSERIES_GATEWAY_KEY/),
    ]);
  });

  test('a newer signing key signs, and the older ones are believed still', async () => {
    const old = await signed({ pid: projectId, exp: later, pms: 1 });
    await addSigningKey(service.store.records, createVault('a'.repeat(64)), 2, 'another secret');
    const restarted = await startService({ store: service.store, vault: createVault('a'.repeat(64)) });
    const { json } = await restarted.ask('POST', '/v1/tokens/project', { refresh_token: old }, null);
    expect(JSON.parse(atob(json.token.split('.')[0]))).toMatchObject({ kid: 2 });
    for (const token of [old, json.token]) expect((await restarted.ask('GET', '/v1/devices', undefined, token)).status).not.toBe(403);
  });
});

describe('users', () => {
  test('passwords may hold colons, names are found in any case, and nothing of a password is kept in clear', async () => {
    const token = await logIn();
    expect((await service.ask('GET', '/v1/users?name=ANN%40example.com', undefined, token)).json.user_id).toBe(1);
    const kept = JSON.stringify(await Array.fromAsync(service.store.records.list('iobeam/users')));
    expect(kept).toContain('scrypt$');
    expect(kept).not.toContain('with colon');
  });

  test('a wrong password and an unknown user are the same answer', async () => {
    await logIn();
    const answers = await Promise.all(
      ['Ann@example.com', 'nobody'].map((name) => service.ask('GET', `/v1/tokens/user?name=${name}&password=x`, undefined, null)),
    );
    expect(answers.map(({ fault }) => fault)).toEqual(Array.from({ length: 2 }, () => '11 Invalid username or password'));
    expect((await service.ask('GET', '/v1/tokens/user?name=x', undefined, null)).status).toBe(401);
  });

  test('names are unique among users, and free again when they are changed', async () => {
    const token = await logIn();
    const bob = { email: 'bob@example.com', username: 'ann@EXAMPLE.com', password: 'pw', invite };
    expect((await service.ask('POST', '/v1/users', bob, null)).fault).toBe('33 User name already in use');
    expect((await service.ask('PATCH', '/v1/users/me', { username: 'ann', email: 'ann@new.example' }, token)).status).toBe(200);
    expect((await service.ask('POST', '/v1/users', bob, null)).status).toBe(201);
    expect((await service.ask('PATCH', '/v1/users/me', { username: 'bob@example.com' }, token)).fault).toBe('33 User name already in use');
    expect((await service.ask('GET', '/v1/users/me', undefined, token)).json.username).toBe('ann');
  });

  test.each([
    [{ email: 'x' }, '21 Invalid email'],
    [{ email: '' }, '21 Invalid email'],
    [{ password: '' }, '21 Invalid password'],
    [{ password: 5 }, '21 Invalid password'],
    [{ username: '\0' }, '21 Invalid username'],
    [{ first_name: 1 }, '21 Invalid first_name'],
    [{ invite: 'x', email: 'x' }, '11 Invalid invite'],
  ])('%o makes none', async (fields, fault) => {
    expect((await service.ask('POST', '/v1/users', { ...ann, ...fields }, null)).fault).toBe(fault);
  });

  test('without invites nobody makes any, and without mail nobody resets a password', async () => {
    service = await startService();
    expect((await service.ask('POST', '/v1/users', ann, null)).fault).toBe('11 Invalid invite');
    expect((await service.ask('GET', '/v1/users/password?reset=x', undefined, null)).status).toBe(204);
    expect((await service.ask('POST', '/v1/users/password', { reset_key: 'x', password: 'y' }, null)).fault).toBe('11 Invalid reset_key');
  });
});

describe('projects', () => {
  async function startWithProjects() {
    const stores = new Map<string, Store>();
    const project = async (name: string) => {
      const found = stores.get(name);
      if (found === undefined) throw new AnySeriesError('not-found', `there is no project ${name}`);
      return found;
    };
    const createProject = async (name: string) => {
      stores.set(name, connect({ clock }));
      return project(name);
    };
    stores.set('default', connect({ clock }));
    return { stores, options: { project, settings: { invites: [invite] } }, createProject };
  }

  test('have series, devices and namespaces of their own', async () => {
    const { options, createProject } = await startWithProjects();
    service = await startService({ ...options, createProject });
    const token = await logIn();
    const ids: number[] = [];
    for (const name of ['one', 'two']) ids.push((await service.ask('POST', '/v1/projects', { project_name: name }, token)).json.project_id);
    const tokens = await Promise.all(
      ids.map(async (id) => (await service.ask('GET', `/v1/tokens/project?project_id=${id}`, undefined, token)).json.token),
    );
    for (const [i, id] of ids.entries()) {
      const body = { ...series('d', { a: [[1, i]] }), project_id: id };
      expect((await service.ask('POST', '/v1/imports', body, tokens[i])).status).toBe(200);
      expect((await service.ask('POST', '/v1/devices', { project_id: id, device_id: 'same' }, tokens[i])).status).toBe(201);
    }
    for (const [i, id] of ids.entries()) {
      expect((await service.ask('GET', `/v1/exports/${id}`, undefined, tokens[i])).json.result).toMatchObject([
        { project_id: id, data: [{ value: i }] },
      ]);
      expect((await service.ask('GET', `/v1/exports/${id}`, undefined, tokens[1 - i])).fault).toBe(
        '11 Token does not belong to this project',
      );
    }
  });

  test('that users make wait for the operator where the server cannot make stores', async () => {
    const { options, stores } = await startWithProjects();
    service = await startService(options);
    const token = await logIn();
    const { project_id: id } = (await service.ask('POST', '/v1/projects', { project_name: 'one' }, token)).json;
    const { token: ofProject } = (await service.ask('GET', `/v1/tokens/project?project_id=${id}`, undefined, token)).json;
    const answer = await service.ask('GET', `/v1/exports/${id}`, undefined, ofProject);
    expect([answer.status, answer.fault]).toEqual([404, `32 The store of the project (iobeam-${id}) not found`]);
    stores.set(`iobeam-${id}`, connect({ clock }));
    expect((await service.ask('GET', `/v1/exports/${id}`, undefined, ofProject)).status).toBe(200);
  });

  test('over one store alone there is one project, and those that users make have no series of it', async () => {
    service = await startService({ settings: { invites: [invite] } });
    await service.ask('POST', '/v1/imports', series('d', { a: [[1, 1]] }));
    const token = await logIn();
    const { project_id: id } = (await service.ask('POST', '/v1/projects', { project_name: 'one' }, token)).json;
    const { token: ofProject } = (await service.ask('GET', `/v1/tokens/project?project_id=${id}`, undefined, token)).json;
    expect((await service.ask('GET', `/v1/exports/${id}`, undefined, ofProject)).status).toBe(404);
  });

  test('never get a number that an operator has given out', async () => {
    const { options, createProject } = await startWithProjects();
    service = await startService({ ...options, createProject });
    const token = await logIn();
    const made: number[] = [];
    for (let i = 0; i < 8; i++) made.push((await service.ask('POST', '/v1/projects', { project_name: `p${i}` }, token)).json.project_id);
    expect(made).toEqual([1, 2, 3, 4, 5, 6, 8, 9]);
  });

  test('are renamed and opened to others by their admins only', async () => {
    const admin = await logIn();
    const bob = await logIn({ email: 'bob@example.com', password: 'pw' });
    await service.ask('GET', '/v1/devices');
    expect((await service.ask('PATCH', '/v1/projects/7', { project_name: 'mine' }, bob)).fault).toBe('11 Permission denied');
    await service.ask('PATCH', '/v1/projects/7/permissions', { user_id: 2, read: true }, admin);
    expect((await service.ask('PATCH', '/v1/projects/7/permissions', { user_id: 2, admin: true }, bob)).fault).toBe('11 Permission denied');
    expect((await service.ask('GET', '/v1/projects', undefined, bob)).json.projects).toMatchObject([
      { project_id: 7, permissions: { read: true, write: false, admin: false } },
    ]);
    expect((await service.ask('PATCH', '/v1/projects/7/permissions', { user_id: 9, read: true }, admin)).fault).toBe('32 User not found');
    expect((await service.ask('PATCH', '/v1/projects/7/permissions', { user_id: 2, read: 'yes' }, admin)).fault).toBe('21 Invalid read');
  });
});

describe('devices', () => {
  test('get an id of 24 characters, and it comes first in the answer', async () => {
    const { text, json } = await service.ask('POST', '/v1/devices/', { project_id: 7, device_id: '', device_name: null });
    expect(text).toMatch(/^{"device_id":"[0-9a-f]{24}","project_id":7,/);
    expect(json.device_name).toBe(json.device_id);
    expect(text.length).toBeLessThan(190);
  });

  test.each(['a.b', 'a b', 'é', 'a/b', 'all', 'ALL', 'x'.repeat(256), 5, true])('%o is no id', async (device_id) => {
    expect((await service.ask('POST', '/v1/devices', { project_id: 7, device_id })).fault).toBe('21 Invalid device_id');
  });

  test('keep the date and the type that they are given', async () => {
    const device = { device_id: 'd', device_name: 'D', device_type: 'esp', created: 'Jan 1, 2015' };
    const { json } = await service.ask('POST', '/v1/devices', { project_id: 7, ...device });
    expect(json).toEqual({ ...device, project_id: 7 });
  });

  test('a name is free again when its device is gone or has another', async () => {
    for (const device_id of ['a', 'b']) await service.ask('POST', '/v1/devices', { project_id: 7, device_id });
    expect((await service.ask('PATCH', '/v1/devices/a', { device_name: 'b' })).fault).toBe('151 Device name already in use');
    await service.ask('PATCH', '/v1/devices/b', { device_name: 'c' });
    expect((await service.ask('PATCH', '/v1/devices/a', { device_name: 'b' })).status).toBe(200);
    await service.ask('DELETE', '/v1/devices/a');
    expect((await service.ask('GET', '/v1/devices?name=b')).status).toBe(404);
    expect((await service.ask('GET', '/v1/devices?name=c')).json.device_id).toBe('b');
  });

  test('of one id registered 20 times at once, one is', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => service.ask('POST', '/v1/devices', { project_id: 7, device_id: 'd' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 19 }, () => 422)]);
  });
});
