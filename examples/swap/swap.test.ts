import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { backendIds, programFor, programPath, specifierOf } from './generate.ts';

const run = promisify(execFile);
const ids = await backendIds();

interface StartedBackend {
  /** The variables with which `connect()` reaches it. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Runs the program of one backend in a process of its own. */
async function output(id: string): Promise<string> {
  const { start } = await import(join(import.meta.dirname, `../../packages/${id}/test/backend.ts`));
  const { environment, close }: StartedBackend = await start();
  try {
    const env = { ...process.env, ...environment };
    const { stdout } = await run(process.execPath, ['--conditions=anyseries-source', programPath(id)], { env });
    return stdout;
  } finally {
    await close();
  }
}

test('the programs differ in the import specifier and in nothing else', async () => {
  const bare = new Set<string>();
  for (const id of ids) {
    const specifier = await specifierOf(id);
    const program = await readFile(programPath(id), 'utf8');
    expect(program, 'run `pnpm generate`').toBe(await programFor(specifier));
    expect(program.split(specifier)).toHaveLength(2);
    bare.add(program.replace(`'${specifier}'`, ''));
  }
  expect(ids.length).toBeGreaterThanOrEqual(2);
  expect(bare.size).toBe(1);
});

test('the programs print the same', async () => {
  const outputs = new Set(await Promise.all(ids.map(output)));
  expect([...outputs]).toEqual([
    [
      '4 points stored',
      '2026-11-21T00:00:00.000Z  19 °C',
      '2026-11-21T00:20:00.000Z  20 °C',
      '2026-11-21T01:00:00.000Z  21 °C',
      '2026-11-21T01:30:00.000Z  23 °C',
      '2026-11-21T00:00:00.000Z  19.5 °C on average',
      '2026-11-21T01:00:00.000Z  22 °C on average',
      'latest: 23 °C',
      '',
    ].join('\n'),
  ]);
});
