import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './commands.ts';
import { findPackages, type Manifest, type Package, root } from './packages.ts';

export interface PackedPackage extends Package {
  /** The tarball's path. */
  readonly tarball: string;
  /** The manifest as it is published. */
  readonly packed: Manifest;
}

/** Packs every package as it would be published, from what stands in its `dist`. */
export async function packAll(): Promise<PackedPackage[]> {
  const destination = join(root, 'tooling/.packed');
  rmSync(destination, { recursive: true, force: true });
  const packed: PackedPackage[] = [];
  for (const entry of findPackages()) packed.push(await pack(entry, join(destination, entry.id)));
  return packed;
}

async function pack(entry: Package, destination: string): Promise<PackedPackage> {
  mkdirSync(destination, { recursive: true });
  const result = await run('pnpm', ['pack', '--pack-destination', destination], { cwd: entry.folder });
  const file = readdirSync(destination).find((name) => name.endsWith('.tgz'));
  if (!result.passed || file === undefined) throw new Error(`${entry.manifest.name} cannot be packed:\n${result.output}`);
  const tarball = join(destination, file);
  const manifest = await run('tar', ['-xzOf', tarball, 'package/package.json']);
  return { ...entry, tarball, packed: JSON.parse(manifest.output) as Manifest };
}
