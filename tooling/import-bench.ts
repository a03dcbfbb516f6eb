import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root } from './packages.ts';

/**
 * Brings in, unchanged, the server, the points and the bare loops that the ratios of `pnpm bench delivery` refer to: `pnpm bench:import <folder>`,
 * where the folder holds them as `tools/bench/*.mjs`.
 */
function importBench(folder: string): void {
  const source = join(folder, 'tools/bench');
  if (!existsSync(source)) throw new Error(`${folder} has no tools/bench`);
  const target = join(root, 'benchmarks/delivery/imported');
  mkdirSync(target, { recursive: true });
  for (const file of readdirSync(source).filter((name) => name.endsWith('.mjs'))) {
    // by content, because the originals may be read-only
    writeFileSync(join(target, file), readFileSync(join(source, file)));
  }
}

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: pnpm bench:import <folder with tools/bench>');
  process.exitCode = 2;
} else {
  importBench(resolve(process.env.INIT_CWD ?? '.', folder));
}
