import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { textFile, tokenFolder } from '@anyseries/core/node';
import { createTokenStore } from '@anyseries/core/provider';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyseries-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a text file', () => {
  test('holds what was written last, for its owner alone, and leaves nothing else behind', async () => {
    const file = textFile(join(folder, 'id'));
    expect(await file.read()).toBeUndefined();
    await file.write('one');
    await file.write('two\n');
    expect(await textFile(join(folder, 'id')).read()).toBe('two\n');
    expect(statSync(join(folder, 'id')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['id']);
    await file.delete();
    await file.delete();
    expect(await file.read()).toBeUndefined();
  });

  test('written many times at once it holds one of the texts, whole', async () => {
    const file = textFile(join(folder, 'id'));
    const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(10_000));
    await Promise.all(texts.map((text) => file.write(text)));
    expect(texts).toContain(await file.read());
    expect(readdirSync(folder)).toEqual(['id']);
  });

  test('that cannot be written keeps what was there, and says which it is', async () => {
    const file = textFile(join(folder, 'missing', 'id'));
    await expect(file.write('x')).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining(join('missing', 'id')) });
  });
});

describe.each([
  ['in memory', () => createTokenStore()],
  ['in a folder', () => tokenFolder(join(folder, 'tokens'))],
])('a token store %s', (_, open) => {
  test('gives back what was saved last under a name', async () => {
    const store = open();
    const names = ['a', 'A/..', '..', 'é?*', 'a.json'];
    for (const name of names) await store.save(name, { token: 'old' });
    for (const name of names) await store.save(name, { token: name, secret: 's' });
    for (const name of names) expect(await store.load(name)).toEqual({ token: name, secret: 's' });
    await store.delete('a');
    await store.delete('a');
    expect([await store.load('a'), await store.load('never')]).toEqual([undefined, undefined]);
    expect(await store.load('..')).toEqual({ token: '..', secret: 's' });
  });
});

test('a token folder and its files are for their owner alone', async () => {
  const store = tokenFolder(join(folder, 'tokens'));
  await store.save('a', { token: 't' });
  expect(statSync(join(folder, 'tokens')).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, 'tokens', 'a.json')).mode & 0o777).toBe(0o600);
});

test('a file of tokens that is damaged is told without what is in it', async () => {
  const store = tokenFolder(folder);
  writeFileSync(join(folder, 'a.json'), '{"token":"s3cret');
  chmodSync(join(folder, 'a.json'), 0o600);
  const failure: unknown = await store.load('a').catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'invalid', message: expect.stringContaining('delete it') });
  expect(String(failure)).not.toContain('s3cret');
});
