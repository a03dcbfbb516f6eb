import { build } from 'esbuild';
import { root } from '../packages.ts';

/** Bundles a program for the browser from the sources, as one folder of modules: name to text. */
export async function bundleForBrowser(code: string, { minify = false } = {}): Promise<ReadonlyMap<string, string>> {
  const result = await build({
    stdin: { contents: code, resolveDir: root, sourcefile: 'entry.ts', loader: 'ts' },
    absWorkingDir: root,
    outdir: 'out',
    entryNames: 'entry',
    write: false,
    bundle: true,
    splitting: true,
    minify,
    format: 'esm',
    target: 'es2024',
    platform: 'browser',
    conditions: ['anyseries-source'],
    // not resolved but kept, so that a test can name them
    external: ['node:*'],
    logLevel: 'silent',
  });
  return new Map(result.outputFiles.map(({ path, text }) => [path.slice(path.lastIndexOf('/out/') + '/out/'.length), text]));
}
