import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AnySeriesError } from '@anyseries/core';
import { show } from '@anyseries/core/provider';

/** A package that is installed. */
export interface InstalledPackage {
  readonly name: string;
  /** The address of the module that an entry names (`.`, `./server`); nothing if it has no such entry. */
  entry(name: string): string | undefined;
}

/** Where packages are looked for: upwards from the working directory, then from the gateway itself. */
export interface Installed {
  find(name: string): InstalledPackage | undefined;
  /** All packages with the names of anyseries, each once, by name. */
  scan(): InstalledPackage[];
}

/** @param from folders to begin at; default: the working directory and the gateway's own */
export function createInstalled(from: readonly string[] = [process.cwd(), fileURLToPath(new URL('.', import.meta.url))]): Installed {
  const folders = [...new Set(from.flatMap((folder) => modulesAbove(realpathSync(folder))))];

  function find(name: string): InstalledPackage | undefined {
    const folder = folders.map((modules) => join(modules, name)).find((candidate) => existsSync(join(candidate, 'package.json')));
    return folder === undefined ? undefined : { name, entry: (entry) => entryOf(name, folder, entry) };
  }

  return {
    find,
    scan() {
      const names = folders.flatMap((modules) => [
        ...namesIn(modules).filter((name) => name.startsWith('anyseries-')),
        ...namesIn(join(modules, '@anyseries')).map((name) => `@anyseries/${name}`),
      ]);
      return [...new Set(names)].sort().flatMap((name) => find(name) ?? []);
    },
  };
}

/** The folders `node_modules` from a folder upwards. */
function modulesAbove(folder: string): string[] {
  const own = basename(folder) === 'node_modules' ? folder : join(folder, 'node_modules');
  const above = dirname(folder) === folder ? [] : modulesAbove(dirname(folder));
  return existsSync(own) ? [own, ...above] : above;
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : [];
}

function entryOf(name: string, folder: string, entry: string): string | undefined {
  const { exports, main = './index.js' } = readManifest(name, folder);
  const target = exports === undefined && entry === '.' ? main : targetOf(exports, entry);
  if (target === undefined) return undefined;
  const path = join(folder, target);
  if (!existsSync(path)) throw new AnySeriesError('not-found', `${name} lacks its file ${target}: is it built?`);
  return pathToFileURL(path).href;
}

function readManifest(name: string, folder: string): { readonly exports?: unknown; readonly main?: string } {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch (error) {
    throw new AnySeriesError('invalid', `${name}: its package.json cannot be read`, { cause: error });
  }
}

/** Conditions that hold here; sources are taken where this file is one itself. */
const conditions: ReadonlySet<string> = new Set([
  ...(import.meta.url.endsWith('.ts') ? ['anyseries-source'] : []),
  'node',
  'import',
  'module-sync',
  'default',
]);

function targetOf(exports: unknown, entry: string): string | undefined {
  const hasEntries = typeof exports === 'object' && exports !== null && Object.keys(exports).some((key) => key.startsWith('.'));
  if (hasEntries) return chosen((exports as Record<string, unknown>)[entry]);
  return entry === '.' ? chosen(exports) : undefined;
}

function chosen(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return undefined;
  for (const [condition, next] of Object.entries(target)) {
    const found = conditions.has(condition) ? chosen(next) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a name is the path of a module, not that of a package. */
export function isModulePath(name: string): boolean {
  return /^(?:\.{0,2}\/|file:|[a-z]:[\\/])/i.test(name);
}

/** The address of the module at a path. @throws AnySeriesError `not-found` */
export function modulePath(name: string): string {
  const path = name.startsWith('file:') ? fileURLToPath(name) : resolve(name);
  if (!existsSync(path)) throw new AnySeriesError('not-found', `there is no module ${show(name)}`);
  return pathToFileURL(path).href;
}
