import { createCredentials, randomHex, sha256 } from '@anyseries/core/server';
import { connect } from '@anyseries/memory';
import { expect, test } from 'vitest';

const made = { protocol: 'tempodb', id: 'key-1', project: 'plant', secret: 'correct horse' };

async function setUp() {
  const store = connect();
  const credentials = createCredentials(store, { now: () => 1000, setTimer: () => () => {} });
  return { store, credentials, stored: await credentials.add(made) };
}

test('a credential opens its project with its secret, and with no other', async () => {
  const { credentials, stored } = await setUp();
  expect(stored).toEqual({ protocol: 'tempodb', id: 'key-1', project: 'plant', createdAt: 1000, data: {} });
  expect(await credentials.verify('tempodb', 'key-1', 'correct horse')).toEqual(stored);
  for (const secret of ['', 'correct horsf', 'correct horse ', await sha256('correct horse')]) {
    expect(await credentials.verify('tempodb', 'key-1', secret)).toBeUndefined();
  }
});

test('a credential of one protocol is none of another, nor is another id', async () => {
  const { credentials } = await setUp();
  expect(await credentials.verify('iobeam', 'key-1', 'correct horse')).toBeUndefined();
  for (const id of ['', 'key', 'key-1/', 'x'.repeat(5000)])
    expect(await credentials.verify('tempodb', id, 'correct horse')).toBeUndefined();
});

test('a credential without a secret is found by its id, and no secret opens it', async () => {
  const { credentials } = await setUp();
  const id = await sha256('a token');
  await credentials.add({ protocol: 'iobeam', id, project: 'plant', data: { level: 'read' } });
  expect(await credentials.find('iobeam', id)).toMatchObject({ project: 'plant', data: { level: 'read' } });
  expect(await credentials.verify('iobeam', id, '')).toBeUndefined();
});

test('a revoked credential opens nothing, stays in the list and keeps its id', async () => {
  const { credentials } = await setUp();
  expect(await credentials.revoke('tempodb', 'key-1')).toBe(true);
  expect(await credentials.revoke('tempodb', 'key-1')).toBe(false);
  expect(await credentials.revoke('tempodb', 'nobody')).toBe(false);
  expect(await credentials.find('tempodb', 'key-1')).toBeUndefined();
  expect(await credentials.verify('tempodb', 'key-1', 'correct horse')).toBeUndefined();
  expect(await Array.fromAsync(credentials.list())).toMatchObject([{ id: 'key-1', revokedAt: 1000 }]);
  await expect(credentials.add(made)).rejects.toMatchObject({ code: 'conflict' });
});

test('an id is given once', async () => {
  const { credentials } = await setUp();
  await expect(credentials.add({ ...made, secret: 'another' })).rejects.toMatchObject({ code: 'conflict' });
  expect(await credentials.verify('tempodb', 'key-1', 'another')).toBeUndefined();
});

test('the records hold no secret', async () => {
  const { store } = await setUp();
  const records = await Array.fromAsync(store.records.list('gateway/credentials'));
  expect(records).toHaveLength(1);
  expect(JSON.stringify(records)).not.toContain('correct horse');
});

test('random hexadecimal texts have the length that was asked for', () => {
  expect(randomHex(16)).toMatch(/^[0-9a-f]{32}$/);
  expect(randomHex(16)).not.toBe(randomHex(16));
});
