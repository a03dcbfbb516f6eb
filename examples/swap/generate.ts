/** One program per backend, made from `program.ts.template` by `pnpm generate`. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const packages = resolve(import.meta.dirname, '../../packages');

/** The ids of the backends: folders of `packages/` that say in `test/backend.ts` how to start one. */
export async function backendIds(): Promise<string[]> {
  const folders = (await readdir(packages)).sort();
  return folders.filter((folder) => existsSync(join(packages, folder, 'test/backend.ts')));
}

/** Where the program of a backend is. */
export function programPath(id: string): string {
  return join(import.meta.dirname, `${id}.ts`);
}

/** What connects to the backend: the name of its package. */
export async function specifierOf(id: string): Promise<string> {
  return JSON.parse(await readFile(join(packages, id, 'package.json'), 'utf8')).name;
}

/** The text of the program that imports `connect` from `specifier`. */
export async function programFor(specifier: string): Promise<string> {
  const template = await readFile(join(import.meta.dirname, 'program.ts.template'), 'utf8');
  return template.replace('{{specifier}}', specifier);
}
