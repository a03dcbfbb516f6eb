import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
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
  const vault = await openVault(file);
  const sealed = await vault!.seal('a secret', 'it');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
  expect(await (await openVault(file))!.open(sealed, 'it')).toBe('a secret');
});

test('the variable goes before the file, which is then not made', async () => {
  vi.stubEnv('ANYSERIES_GATEWAY_KEY', 'ab'.repeat(32));
  const sealed = await (await openVault(file))!.seal('a secret', 'it');
  expect(await (await openVault(undefined))!.open(sealed, 'it')).toBe('a secret');
  expect(() => statSync(file)).toThrow('ENOENT');
});

test('without either there is none', async () => {
  expect(await openVault(undefined)).toBeUndefined();
});

test('a file that others can read, that holds no key, or that cannot be made is refused by name', async () => {
  writeFileSync(file, 'ab'.repeat(32));
  chmodSync(file, 0o640);
  await expect(openVault(file)).rejects.toMatchObject({ code: 'invalid', message: expect.stringMatching(/^keyFile: .*chmod 600/) });
  writeFileSync(file, 'no key');
  chmodSync(file, 0o600);
  await expect(openVault(file)).rejects.toMatchObject({ code: 'invalid', message: expect.not.stringContaining('no key\n') });
  await expect(openVault(join(folder, 'none', 'key'))).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringMatching(/^keyFile:/),
  });
});
