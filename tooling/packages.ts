import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository, without a slash at the end. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What the tools read of a `package.json`, whether of a source folder or of a packed tarball. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly type?: string;
  readonly sideEffects?: boolean;
  readonly engines?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly imports?: Readonly<Record<string, unknown>>;
  readonly publishConfig?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

export interface Package {
  /** The folder's name: `memory`. */
  readonly id: string;
  /** The folder, absolute. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Every package below packages/ that gets published, by name; a folder is all it takes to be one. */
export function findPackages(): Package[] {
  return globSync('packages/*/package.json', { cwd: root })
    .sort()
    .map((file) => {
      const folder = join(root, dirname(file));
      const manifest = JSON.parse(readFileSync(join(root, file), 'utf8')) as Manifest;
      return { id: folder.slice(folder.lastIndexOf('/') + 1), folder, manifest };
    })
    .filter(({ manifest }) => manifest.private !== true);
}

/** The dependencies of a package that are packages of this repository, their own included, each once. */
export function ownDependencies(target: Package, packages: readonly Package[]): Package[] {
  const found = new Set<Package>();
  const visit = (from: Package) => {
    for (const name of Object.keys(from.manifest.dependencies ?? {})) {
      const next = packages.find(({ manifest }) => manifest.name === name);
      if (next === undefined || found.has(next)) continue;
      found.add(next);
      visit(next);
    }
  };
  visit(target);
  return [...found];
}

/** Whether a package connects to a backend: its index exports `connect`. */
export function isProvider({ folder }: Package): boolean {
  const index = join(folder, 'src/index.ts');
  return existsSync(index) && /\bconnect\b/.test(readFileSync(index, 'utf8'));
}
