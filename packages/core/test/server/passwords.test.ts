import { scryptSync } from 'node:crypto';
import { hashPassword, isPassword } from '@anyseries/core/server';
import { expect, test, vi } from 'vitest';

test('a password is known by its hash, and no other is', async () => {
  const hash = await hashPassword('correct horse');
  expect(hash).toMatch(/^scrypt\$[\w+/=]{24}\$[\w+/=]{44}$/);
  expect(await isPassword('correct horse', hash)).toBe(true);
  expect(await isPassword('correct horses', hash)).toBe(false);
  expect(await isPassword('', hash)).toBe(false);
});

test('the hash is that of scrypt, with a salt of its own', async () => {
  const [, salt, derived] = (await hashPassword('x')).split('$');
  const expected = scryptSync('x', Buffer.from(salt!, 'base64'), 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 });
  expect(derived).toBe(expected.toString('base64'));
  expect((await hashPassword('x')).split('$')[1]).not.toBe(salt);
});

test('letters count as the same however they are put together', async () => {
  expect(await isPassword('Zoe\u0308', await hashPassword('Zo\u00eb'))).toBe(true);
});

test('where there is no hash there is no password', async () => {
  expect(await isPassword('', undefined)).toBe(false);
  expect(await isPassword('x', '')).toBe(false);
  expect(await isPassword('x', 'scrypt$$')).toBe(false);
});

test('a platform without scrypt is told so', async () => {
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never);
  await expect(hashPassword('x')).rejects.toMatchObject({ code: 'unsupported' });
  vi.restoreAllMocks();
});
