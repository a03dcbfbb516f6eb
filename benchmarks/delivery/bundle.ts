import { join } from 'node:path';
import { build } from 'esbuild';

const files = ['run', 'writer', 'influx', 'questdb', 'clickhouse'];

/** Where modules are found from, and tools do not look. */
const folder = join(import.meta.dirname, '../../node_modules/.cache/anyseries-delivery');

/**
 * Turns `run.ts` and the candidates into JavaScript, which is what programs run: stripping types takes time and memory that are not the writer's.
 * Answers the folder.
 */
export async function bundleCandidates(): Promise<string> {
  await build({
    entryPoints: files.map((file) => join(import.meta.dirname, `${file}.ts`)),
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    conditions: ['anyseries-source'],
    external: ['undici', '@influxdata/*', '@questdb/*', '@clickhouse/*'],
    logLevel: 'warning',
  });
  return folder;
}
