import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const page = new URL('../../../../docs/delivery.md', import.meta.url);
const text = readFileSync(page, 'utf8');

test('every promise of docs/delivery.md links to a test that exists, by its name', () => {
  const links = [...text.matchAll(/\]\(([^)\s#"]+)(?: "([^"]+)")?\)/g)].map(([, path, name]) => ({ path: path!, name }));
  expect(links.length).toBeGreaterThan(15);
  for (const { path, name } of links) {
    const target = new URL(path, page);
    expect({ path, isThere: existsSync(target) }).toEqual({ path, isThere: true });
    if (name !== undefined)
      expect({ path, name, isThere: readFileSync(target, 'utf8').includes(name) }).toEqual({ path, name, isThere: true });
  }
  const promises = text.slice(text.indexOf('## Promises'), text.indexOf('## What is not promised'));
  const rows = promises.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| promise') && !line.startsWith('| ---'));
  expect(rows.filter((row) => !row.includes('.test.ts "'))).toEqual([]);
});
