import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createInstalled } from '../src/packages.ts';
import { findProtocols } from '../src/protocols.ts';
import { createConnectStore } from '../src/stores.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyseries-gateway-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** Installs a package below `where` whose `./server` is a protocol. */
function install(name: string, id: string, { where = '', exports = { './server': './server.mjs' } as unknown } = {}): void {
  const home = join(where, 'node_modules', name);
  write(join(home, 'package.json'), JSON.stringify({ name, exports }));
  write(
    join(home, 'server.mjs'),
    `export const protocol = { id: '${id}', title: '${id}', credentials: { fields: [], add() {} }, claim() {}, createServer() {} };`,
  );
}

const scan = async (...from: string[]) =>
  (await findProtocols(undefined, createInstalled(from.map((part) => join(folder, part))))).map(({ protocol, source }) => [
    protocol.id,
    source,
  ]);

test('packages with the names of anyseries and an entry ./server are found, from a folder upwards', async () => {
  install('@anyseries/near', 'near', { where: 'a/b' });
  install('@anyseries/far', 'far');
  install('anyseries-community', 'community');
  install('other', 'other');
  install('@other/anyseries-x', 'foreign');
  install('@anyseries/client-only', 'client-only', { exports: { '.': './server.mjs' } });
  write('node_modules/@anyseries/helper/package.json', JSON.stringify({ exports: { './server': './server.mjs' } }));
  write('node_modules/@anyseries/helper/server.mjs', 'export const somethingElse = 1;');
  write('node_modules/@anyseries/broken-link-folder/readme.md', '');
  mkdirSync(join(folder, 'a/b/c'), { recursive: true });
  expect(await scan('a/b/c')).toEqual([
    ['far', '@anyseries/far'],
    ['near', '@anyseries/near'],
    ['community', 'anyseries-community'],
  ]);
});

test('of one name the nearest counts, and a second place is looked at after the first', async () => {
  install('@anyseries/x', 'near', { where: 'a' });
  install('@anyseries/x', 'far');
  install('@anyseries/y', 'y', { where: 'b' });
  mkdirSync(join(folder, 'a'), { recursive: true });
  expect(await scan('a', 'b')).toEqual([
    ['near', '@anyseries/x'],
    ['y', '@anyseries/y'],
  ]);
});

test('a link to a package counts as the package, and beside a package those beside it are found', async () => {
  install('@anyseries/x', 'x', { where: 'elsewhere' });
  mkdirSync(join(folder, 'node_modules/@anyseries'), { recursive: true });
  symlinkSync(join(folder, 'elsewhere/node_modules/@anyseries/x'), join(folder, 'node_modules/@anyseries/x'));
  install('anyseries-gateway-like', 'like');
  expect(await scan('node_modules/anyseries-gateway-like')).toEqual([
    ['x', '@anyseries/x'],
    ['like', 'anyseries-gateway-like'],
  ]);
});

test.each([
  ['a text', './server.mjs'],
  ['conditions', { types: './server.d.ts', browser: './no.mjs', import: './server.mjs' }],
  ['conditions in conditions', { 'anyseries-nothing': './no.mjs', node: { require: './no.cjs', default: './server.mjs' } }],
])('an entry may be %s', async (_, entry) => {
  install('@anyseries/x', 'x', { exports: { '.': './no.mjs', './server': entry } });
  expect(await scan('')).toEqual([['x', '@anyseries/x']]);
});

test('a package that cannot be imported is named, not skipped', async () => {
  install('@anyseries/bad', 'bad');
  write('node_modules/@anyseries/bad/server.mjs', "import 'a-package-that-is-missing';");
  await expect(scan('')).rejects.toMatchObject({ code: 'invalid', message: expect.stringMatching(/^@anyseries\/bad cannot be imported/) });
});

test('a package without its files, or with a broken manifest, is named, too', async () => {
  install('@anyseries/unbuilt', 'unbuilt', { exports: { './server': './dist/server.mjs' } });
  await expect(scan('')).rejects.toMatchObject({
    code: 'not-found',
    message: '@anyseries/unbuilt lacks its file ./dist/server.mjs: is it built?',
  });
  write('node_modules/@anyseries/unbuilt/package.json', '{');
  await expect(scan('')).rejects.toMatchObject({ code: 'invalid', message: '@anyseries/unbuilt: its package.json cannot be read' });
});

test('a protocol that is none is refused with the reason', async () => {
  install('@anyseries/bad', 'Bad Id');
  await expect(scan('')).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringMatching(/^@anyseries\/bad: is no protocol: its id "Bad Id"/),
  });
});

test('two packages with one protocol are refused by their names', async () => {
  install('@anyseries/x', 'same');
  install('anyseries-x', 'same');
  await expect(scan('')).rejects.toMatchObject({ code: 'conflict', message: 'anyseries-x and @anyseries/x both are the protocol "same"' });
});

test('protocols can be named: by id, by package, by the path of a module, or be given', async () => {
  install('@anyseries/one', 'one');
  install('anyseries-two', 'two');
  install('@acme/three', 'three');
  install('unused', 'four', { where: 'own' });
  const path = join(folder, 'own/node_modules/unused/server.mjs');
  const given = {
    id: 'five',
    title: 'Five',
    credentials: { fields: [], add: async () => ({}) },
    claim: () => undefined,
    createServer: () => ({ fetch: async () => new Response() }),
  };
  const found = await findProtocols(['one', 'two', '@acme/three', path, given], createInstalled([folder]));
  expect(found.map(({ protocol }) => protocol.id)).toEqual(['one', 'two', 'three', 'four', 'five']);
});

test.each([
  ['nothing', /^no installed package has the protocol "nothing"; try npm install @anyseries\/nothing$/],
  ['@acme/none', /^no installed package has the protocol "@acme\/none"/],
  ['./none.mjs', /^there is no module "\.\/none\.mjs"$/],
])('the name %s leads nowhere and is refused', async (name, problem) => {
  await expect(findProtocols([name], createInstalled([folder]))).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringMatching(problem),
  });
});

const storeModule = (version: number) =>
  `export const connect = (url) => ({ specVersion: ${version}, id: url, records: { get() {} }, transaction() {}, close() {} });`;

function installStore(name: string, source: string): void {
  write(`node_modules/${name}/package.json`, JSON.stringify({ name, exports: './index.mjs' }));
  write(`node_modules/${name}/index.mjs`, source);
}

test('the scheme of an address leads to the package of its store, ours before others', async () => {
  installStore('@anyseries/acme', storeModule(1));
  installStore('anyseries-acme', 'throw new Error()');
  installStore('anyseries-beta', storeModule(1));
  const connect = createConnectStore({}, createInstalled([folder]));
  expect((await connect('acme://host/db')).id).toBe('acme://host/db');
  expect((await connect('beta:x')).id).toBe('beta:x');
});

test('a module can be named for a scheme: a package or a path', async () => {
  installStore('my-store', storeModule(1));
  write('store.mjs', storeModule(1));
  const connect = createConnectStore({ one: 'my-store', two: join(folder, 'store.mjs') }, createInstalled([folder]));
  expect([(await connect('one:x')).id, (await connect('TWO:x')).id]).toEqual(['one:x', 'TWO:x']);
});

test('what is no store is refused with the reason, and never with the address, which may hold a password', async () => {
  installStore('@anyseries/newer', storeModule(2));
  installStore('@anyseries/poor', 'export const connect = () => ({ specVersion: 1 });');
  installStore('@anyseries/none', 'export const other = 1;');
  const connect = createConnectStore({}, createInstalled([folder]));
  const failing = (url: string) =>
    connect(url).then(
      () => undefined,
      ({ code, message }) => [code, message] as const,
    );
  expect(await failing('newer://u:hidden@h')).toEqual(['spec-version', expect.stringContaining('@anyseries/newer')]);
  expect(await failing('poor://u:hidden@h')).toEqual(['invalid', expect.stringContaining('@anyseries/poor')]);
  expect(await failing('none://u:hidden@h')).toEqual(['invalid', expect.stringContaining('exports no `connect`')]);
  expect(await failing('missing://u:hidden@h')).toEqual([
    'not-found',
    'no store for "missing:" is installed: looked for @anyseries/missing and anyseries-missing',
  ]);
  expect(await failing('/hidden/data.db')).toEqual(['invalid', 'store: is no address of a store such as sqlite:./data.db']);
});
