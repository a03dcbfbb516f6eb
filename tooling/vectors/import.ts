import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findPackages } from '../packages.ts';

/**
 * Brings in the vectors of every protocol that has a package: `pnpm vectors <folder>`, where the folder holds the documents as
 * `protocols/<id>.md` and the tool that reads them as `tools/vectors.mjs`.
 */
function importVectors(folder: string): void {
  const reader = join(folder, 'tools/vectors.mjs');
  if (!existsSync(reader)) throw new Error(`${folder} has no tools/vectors.mjs`);
  const output = mkdtempSync(join(tmpdir(), 'vectors-'));
  try {
    for (const { id, folder: target } of findPackages()) {
      const document = join(folder, 'protocols', `${id}.md`);
      if (!existsSync(document)) continue;
      execFileSync(process.execPath, [reader, '--out', output, document], { stdio: 'inherit' });
      mkdirSync(join(target, 'test/vectors'), { recursive: true });
      copyFileSync(join(output, `${id}.json`), join(target, 'test/vectors', `${id}.json`));
    }
  } finally {
    rmSync(output, { recursive: true });
  }
}

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: pnpm vectors <folder with protocols/ and tools/vectors.mjs>');
  process.exitCode = 2;
} else {
  importVectors(resolve(process.env.INIT_CWD ?? '.', folder));
}
