import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Capabilities, Provider, ReadCapability, WriteCapability } from '@anyseries/core';
import type { DataSeries } from './datasets.ts';

export type DemoProvider = Provider<Capabilities & { readonly write: WriteCapability; readonly read: ReadCapability }>;

/** A fresh, empty backend. `close` closes the provider too and removes everything. */
export interface OpenBackend {
  readonly provider: DemoProvider;
  close(): Promise<void>;
}

export interface DemoBackend {
  readonly id: string;
  open(): Promise<OpenBackend>;
}

const packages = resolve(import.meta.dirname, '../../packages');

/**
 * Every package with a `test/backend.ts` that exports `open()`: a new backend joins by bringing that file.
 * `wanted` picks some of them by the name of their folder, or names other modules of that kind by their path.
 */
export async function findBackends(wanted: readonly string[]): Promise<DemoBackend[]> {
  const folders = wanted.length > 0 ? wanted : (await readdir(packages)).sort();
  const modules = folders
    .map((name) => (name.endsWith('.ts') ? resolve(name) : join(packages, name, 'test/backend.ts')))
    .filter((path) => wanted.length > 0 || existsSync(path));
  return Promise.all(modules.map(loadBackend));
}

async function loadBackend(path: string): Promise<DemoBackend> {
  const { open } = (await import(pathToFileURL(path).href)) as Pick<DemoBackend, 'open'>;
  if (typeof open !== 'function') throw new Error(`${path} exports no open()`);
  const id = basename(path) === 'backend.ts' ? basename(dirname(dirname(path))) : basename(path, '.ts');
  return { id, open };
}

/** Why the backend cannot keep a series and give it back, by its own declaration; `undefined` if it can. */
export function whyUnsuited({ capabilities }: DemoProvider, { points }: DataSeries): string | undefined {
  const { values, times, read } = capabilities;
  const isWhole = points.every(({ value }) => Number.isSafeInteger(value));
  if (!values.includes('number') && !isWhole) return 'only whole numbers are kept';
  if (!values.some((kind) => kind === 'number' || kind === 'integer' || kind === 'bigint')) return 'numbers are not kept';
  if (points.some(({ time }) => time < times.min || time > times.max)) return 'such times are not kept';
  if (read.windows !== 'any') return 'only windows that end now can be read';
  return undefined;
}
