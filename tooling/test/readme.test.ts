import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run, tool } from '../commands.ts';
import { root } from '../packages.ts';
import { examplesOf, findReadmes } from '../readme-examples.ts';

// inside the repository, where the packages resolve; the programs run in an empty folder
const programs = join(root, 'tooling/.readme');
const folder = mkdtempSync(join(tmpdir(), 'anyseries-readme-'));

beforeAll(() => mkdirSync(programs, { recursive: true }));
afterAll(() => {
  for (const path of [programs, folder]) rmSync(path, { recursive: true, force: true });
});

describe.each(findReadmes())('%s', (file) => {
  const examples = examplesOf(file);

  test('has an example', () => {
    expect(examples.length).toBeGreaterThan(0);
  });

  test('links to files that exist', () => {
    const links = [...readFileSync(join(root, file), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link!);
    expect(links.filter((link) => !existsSync(join(root, dirname(file), link)))).toEqual([]);
  });

  test.each(examples)('the example at line $line runs and prints what it says', async ({ code, output, line }) => {
    const program = join(programs, `${file.replaceAll('/', '-')}-${line}.ts`);
    writeFileSync(program, code);
    const result = await run(tool('node'), ['--conditions=anyseries-source', program], { cwd: folder, env: { NODE_OPTIONS: '' } });
    expect(result).toEqual({ passed: true, output: output === undefined ? expect.any(String) : `${output}\n` });
  });
});
