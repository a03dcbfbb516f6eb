import { createVault } from '@anyseries/core/server';
import { expect, test } from 'vitest';

const hex = '00112233445566778899aabbccddeeff'.repeat(2);
const base64 = Buffer.from(hex, 'hex').toString('base64');

test('a sealed text opens again, whichever way the key is written, and never looks the same twice', async () => {
  const sealed = await createVault(hex).seal('a secret, ünd mehr', 'x');
  expect(await createVault(base64).open(sealed, 'x')).toBe('a secret, ünd mehr');
  expect(await createVault(hex).seal('a secret, ünd mehr', 'x')).not.toBe(sealed);
  expect(Buffer.from(sealed, 'base64').toString('latin1')).not.toContain('secret');
});

test('it opens with its own key and under its own name only, and undamaged', async () => {
  const vault = createVault(hex);
  const sealed = await vault.seal('secret', 'the signing key');
  const damaged = `${sealed.slice(0, -4)}AAA=`;
  const attempts = [
    () => createVault('f'.repeat(64)).open(sealed, 'the signing key'),
    () => vault.open(sealed, 'another'),
    () => vault.open(damaged, 'the signing key'),
    () => vault.open('?', 'x'),
  ];
  for (const open of attempts)
    await expect(open()).rejects.toMatchObject({ code: 'unauthenticated', message: expect.stringContaining('ANYSERIES_GATEWAY_KEY') });
});

test.each(['', 'short', '0'.repeat(63), 'g'.repeat(64), `${base64}AAAA`])('%o is no key, and is not shown', (key) => {
  const create = () => createVault(key);
  expect(create).toThrow(/^ANYSERIES_GATEWAY_KEY: is no key/);
  if (key !== '') expect(create).not.toThrow(key);
});
