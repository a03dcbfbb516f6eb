import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { idFolder } from '@anyseries/core/node';
import { createIdRegistry } from '@anyseries/core/provider';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyseries-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ['in memory', () => createIdRegistry()],
  ['in a folder', () => idFolder(join(folder, 'ids'))],
])('a registry of ids %s', (_, open) => {
  test('knows what was claimed, until it is forgotten', async () => {
    const registry = open();
    const keys = ['a', 'A', '../..', 'é?*', 'constructor', 'x'.repeat(1000)];
    expect(await Array.fromAsync(registry.list())).toEqual([]);
    for (const key of keys) expect(await registry.claim(key, `id of ${key}`)).toBe(`id of ${key}`);
    for (const key of keys) expect(await registry.get(key)).toBe(`id of ${key}`);
    expect(new Map(await Array.fromAsync(registry.list()))).toEqual(new Map(keys.map((key) => [key, `id of ${key}`])));
    await registry.delete('a', 'id of a');
    await registry.delete('a', 'id of a');
    expect([await registry.get('a'), await registry.get('A'), await registry.get('never')]).toEqual([undefined, 'id of A', undefined]);
    expect(await registry.claim('a', 'new')).toBe('new');
  });

  test('keeps the first id of a key, and forgets no other than the one it is told', async () => {
    const registry = open();
    expect(await registry.claim('a', 'one')).toBe('one');
    expect(await registry.claim('a', 'two')).toBe('one');
    await registry.delete('a', 'two');
    expect(await registry.get('a')).toBe('one');
  });

  test('claimed by many at once a key has one id, which all of them are told', async () => {
    const registry = open();
    const told = await Promise.all(Array.from({ length: 50 }, (_, i) => registry.claim('a', `id ${i}`)));
    expect(new Set(told)).toEqual(new Set([await registry.get('a')]));
  });
});

test('a registry in memory starts with the ids it is given', async () => {
  expect(await Array.fromAsync(createIdRegistry({ a: 'one', b: 'two' }).list())).toEqual([
    ['a', 'one'],
    ['b', 'two'],
  ]);
});

describe('a folder of ids', () => {
  test('is shared by processes: the first that claims a key has it', async () => {
    const script = `
      import { idFolder } from '@anyseries/core/node';
      const registry = idFolder(${JSON.stringify(folder)});
      const told = [];
      for (let i = 0; i < 40; i++) told.push(await registry.claim('key ' + i, process.argv[1] + i));
      console.log(JSON.stringify(told));`;
    const flags = ['--conditions=anyseries-source', '--input-type=module', '--eval', script];
    const cwd = new URL('../..', import.meta.url);
    const runs = ['a', 'b', 'c'].map((name) => promisify(execFile)(process.execPath, [...flags, name], { cwd }));
    const told = (await Promise.all(runs)).map(({ stdout }) => JSON.parse(stdout) as string[]);
    expect(told[1]).toEqual(told[0]);
    expect(told[2]).toEqual(told[0]);
    expect(readdirSync(folder)).toHaveLength(40);
  }, 30_000);

  test('says which file is damaged, and what can not be written', async () => {
    const registry = idFolder(folder);
    await registry.claim('a', 'one');
    const [name] = readdirSync(folder);
    writeFileSync(join(folder, name!), '{"key":');
    await expect(registry.get('a')).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining(name!) });
    writeFileSync(join(folder, 'file'), '');
    await expect(idFolder(join(folder, 'file')).claim('a', 'one')).rejects.toMatchObject({ code: 'unavailable' });
    await expect(Array.fromAsync(idFolder(join(folder, 'file')).list())).rejects.toMatchObject({ code: 'unavailable' });
  });
});
