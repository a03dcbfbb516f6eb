import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openVault } from '../src/vault.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyseries-key-'));
  file = join(folder, 'key');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test('the file of the key is made for its owner alone, and opens what it sealed from then on', async () => {
  const vault = await openVault(file, undefined);
  const sealed = await vault!.seal('a secret', 'it');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
  expect(await (await openVault(file, undefined))!.open(sealed, 'it')).toBe('a secret');
});

test('the variable goes before the file, which is then not made', async () => {
  vi.stubEnv('ANYSERIES_GATEWAY_KEY', 'ab'.repeat(32));
  const sealed = await (await openVault(file, undefined))!.seal('a secret', 'it');
  expect(await (await openVault(undefined, undefined))!.open(sealed, 'it')).toBe('a secret');
  expect(() => statSync(file)).toThrow('ENOENT');
});

test('a variable that holds no key is refused without a word of it', async () => {
  vi.stubEnv('ANYSERIES_GATEWAY_KEY', 'f00dface');
  const refused = expect.objectContaining({ code: 'invalid', message: expect.stringMatching(/^ANYSERIES_GATEWAY_KEY: /) });
  await expect(openVault(undefined, undefined)).rejects.toEqual(refused);
  await expect(openVault(undefined, undefined)).rejects.not.toThrow('f00dface');
});

test('a file that others can read, that holds no key, or that cannot be made is refused by name', async () => {
  const refused = (message: RegExp) => ({ code: 'invalid', message: expect.stringMatching(message) });
  writeFileSync(file, 'ab'.repeat(32));
  chmodSync(file, 0o640);
  await expect(openVault(file, undefined)).rejects.toMatchObject(refused(/^keyFile: .*chmod 600/));
  writeFileSync(file, 'no key');
  chmodSync(file, 0o600);
  await expect(openVault(file, undefined)).rejects.toMatchObject(refused(/is no key of 32 bytes/));
  await expect(openVault(join(folder, 'none', 'key'), undefined)).rejects.toMatchObject(refused(/^keyFile: /));
});

describe('a main store that is a file', () => {
  test('has a key beside it, made when something is sealed first', async () => {
    const vault = await openVault(undefined, `sqlite:${folder}/data.db`);
    expect(readdirSync(folder)).toEqual([]);
    const sealed = await Promise.all(['a', 'b', 'c'].map((secret) => vault!.seal(secret, 'it')));
    expect(readdirSync(folder)).toEqual(['data.db.key']);
    const again = await openVault(undefined, `sqlite:${folder}/data.db`);
    expect(await Promise.all(sealed.map((text) => again!.open(text, 'it')))).toEqual(['a', 'b', 'c']);
  });

  test('is not opened with a key that others can read', async () => {
    writeFileSync(`${folder}/data.db.key`, 'ab'.repeat(32), { mode: 0o644 });
    await expect(openVault(undefined, `sqlite:${folder}/data.db`)).rejects.toThrow('chmod 600');
  });

  test('opens nothing once its key is another', async () => {
    const sealed = await (await openVault(undefined, `sqlite:${folder}/data.db`))!.seal('a secret', 'it');
    rmSync(`${folder}/data.db.key`);
    const other = await openVault(undefined, `sqlite:${folder}/data.db`);
    await expect(other!.open(sealed, 'it')).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

test.each(['memory:', 'sqlite::memory:'])('what is sealed over %s opens for as long as it is there', async (store) => {
  const vault = await openVault(undefined, store);
  expect(await vault!.open(await vault!.seal('a secret', 'it'), 'it')).toBe('a secret');
  const other = await openVault(undefined, store);
  await expect(other!.open(await vault!.seal('a secret', 'it'), 'it')).rejects.toMatchObject({ code: 'unauthenticated' });
});

test.each([undefined, 'postgres://localhost/data'])('without a key there is none over %s, which may outlive the process', async (store) => {
  expect(await openVault(undefined, store)).toBeUndefined();
});
