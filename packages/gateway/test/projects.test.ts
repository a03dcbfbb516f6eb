import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '@anyseries/core';
import { createCredentials } from '@anyseries/core/server';
import { connect as connectMemory } from '@anyseries/memory';
import { connect as connectSqlite } from '@anyseries/sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Gateway, type GatewayOptions, startGateway } from '../src/index.ts';
import { openMainStore } from '../src/main-store.ts';
import { createInstalled } from '../src/packages.ts';
import { claimOf, madeUp } from './made-up.ts';

/** Writes the body to the project that the header names, and answers how many series it has. */
const protocol = madeUp({
  id: 'made-up',
  claim: () => claimOf(),
  fetch: async (request, _, { project }) => {
    try {
      const store = await project!(request.headers.get('project') ?? 'default');
      await store.write([{ series: await request.text(), time: 0, value: 1 }]);
      return Response.json(await Array.fromAsync(store.series(), ({ key }) => key));
    } catch (error) {
      return new Response((error as { code: string }).code, { status: 403 });
    }
  },
});

let folder: string;
let gateway: Gateway | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyseries-gateway-'));
});
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: GatewayOptions): Promise<void> {
  gateway = await startGateway({ port: 0, protocols: [protocol], log: { level: 'silent' }, ...options });
}

async function write(project: string, series: string): Promise<unknown> {
  const answer = await fetch(`${gateway!.url}/x`, { method: 'POST', headers: { project }, body: series });
  return answer.ok ? await answer.json() : await answer.text();
}

test('the project default is there from the first start, and is the main store itself', async () => {
  const store = connectMemory();
  await start({ store });
  expect(await write('default', 'a')).toEqual(['a']);
  expect(await store.latest('a')).toMatchObject({ value: 1 });
  expect((await store.records.get('gateway/projects', 'default'))?.value).toEqual({ createdAt: expect.any(Number) });
});

test('each project has a store of its own beside the main one', async () => {
  await start({ store: `sqlite:${join(folder, 'main.data.db')}`, projects: [{ name: 'north' }, { name: 'south', store: 'memory:' }] });
  expect([await write('default', 'a'), await write('north', 'b'), await write('south', 'c')]).toEqual([['a'], ['b'], ['c']]);
  expect(existsSync(join(folder, 'main.data.north.db'))).toBe(true);
  expect(await write('west', 'd')).toBe('not-found');
  expect(await write('../x', 'd')).toBe('not-found');
});

test('projects in memory have stores in memory, and a second start adds nothing twice', async () => {
  const store = connectMemory();
  await start({ store, projects: [{ name: 'north' }] });
  expect([await write('north', 'b'), await write('north', 'c')]).toEqual([['b'], ['b', 'c']]);
  await gateway!.close();
  await start({ store, projects: [{ name: 'north' }, { name: 'south' }] });
  expect(await write('south', 'd')).toEqual(['d']);
});

test('a project that is added or removed elsewhere is so here at once, also with another store', async () => {
  const url = `sqlite:${join(folder, 'data.db')}`;
  await start({ store: url });
  expect(await write('late', 'a')).toBe('not-found');
  await elsewhere(url, ({ projects }) => projects.add({ name: 'late' }));
  expect(await write('late', 'a')).toEqual(['a']);
  await elsewhere(url, ({ projects }) => projects.remove('late'));
  expect(await write('late', 'b')).toBe('not-found');
  await elsewhere(url, ({ projects }) => projects.add({ name: 'late', store: `sqlite:${join(folder, 'other.db')}` }));
  expect(await write('late', 'b')).toEqual(['b']);
});

async function elsewhere(url: string, work: (main: Awaited<ReturnType<typeof openMainStore>>) => Promise<unknown>): Promise<void> {
  const main = await openMainStore(url, {}, createInstalled(), { now: Date.now, setTimer: () => () => {} });
  await work(main);
  await main.close();
}

test('a store that cannot be opened fails its own project alone, and is tried again', async () => {
  const url = `sqlite:${join(folder, 'missing-folder/x.db')}`;
  await start({
    store: 'memory:',
    projects: [
      { name: 'broken', store: 'nothing-like-this:x' },
      { name: 'nowhere', store: url },
    ],
  });
  expect(await write('broken', 'a')).toBe('not-found');
  expect(await write('nowhere', 'a')).toBe('unavailable');
  expect(await write('default', 'a')).toEqual(['a']);
});

test.each([
  ['a name that is a path', { name: '../x' }, 'invalid', /^project: "\.\.\/x" is not made of/],
  ['a name in capitals, which some file systems do not tell apart', { name: 'North' }, 'invalid', /^project: "North"/],
  ['another store for a project that is there', { name: 'first', store: 'memory:' }, 'conflict', /^the project "first" is there already/],
  ['another store for default', { name: 'default', store: 'sqlite:./x.db' }, 'conflict', /^the project "default" is there already/],
  ['the store of another', { name: 'x', store: 'sqlite:./other.db' }, 'conflict', /^the project "first" has this store already$/],
])('%s is refused', async (_, project, code, problem) => {
  const projects = [{ name: 'first', store: 'sqlite:./other.db' }, project];
  await expect(start({ store: 'memory:', projects })).rejects.toMatchObject({ code, message: expect.stringMatching(problem) });
});

test('a store of an unknown kind asks for the stores of its projects', async () => {
  const store: Store = { ...connectMemory(), id: 'acme' };
  await expect(start({ store, projects: [{ name: 'x' }] })).rejects.toMatchObject({
    code: 'invalid',
    message: 'store: name the store of the project "x": none follows from the main store',
  });
});

test('credentials at the start are registered once, and leave those that are there', async () => {
  const store = connectMemory();
  const credentials = [{ protocol: 'made-up', key: 'k', secret: 'first' }];
  await start({ store, credentials });
  await gateway!.close();
  await start({ store, credentials: [{ ...credentials[0]!, secret: 'second' }] });
  expect(await createCredentials(store).verify('made-up', 'k', 'first')).toMatchObject({ project: 'default' });
  expect(await createCredentials(store).verify('made-up', 'k', 'second')).toBe(undefined);
});

test.each([
  [{ protocol: 'other' }, /^credentials\.0\.protocol: the protocol "other" is not served/],
  [{ protocol: 'made-up', project: 'x' }, /^credentials\.0\.project: there is no project "x"/],
])('credentials for nothing are refused: %o', async (credential, problem) => {
  await expect(start({ store: 'memory:', credentials: [credential] })).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringMatching(problem),
  });
});

test('a store that was given open stays open, and one that was opened is closed', async () => {
  const store = connectMemory();
  await start({ store });
  await gateway!.close();
  await store.write([{ series: 'a', time: 0, value: 1 }]);
  const url = `sqlite:${join(folder, 'data.db')}`;
  await start({ store: url, projects: [{ name: 'north' }] });
  await write('north', 'a');
  await gateway!.close();
  expect([existsSync(join(folder, 'data.db-wal')), existsSync(join(folder, 'data.north.db-wal'))]).toEqual([false, false]);
  const reopened = connectSqlite(url);
  expect(await Array.fromAsync(reopened.records.list('gateway/projects'), ({ id }) => id)).toEqual(['default', 'north']);
  await reopened.close();
});
