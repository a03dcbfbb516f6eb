import { expect, test } from 'vitest';
import { checkTypeTests } from '../type-tests.ts';

test('what is not declared does not compile, for exactly the stated reason', { timeout: 120_000 }, async () => {
  expect(await checkTypeTests()).toEqual([]);
});
