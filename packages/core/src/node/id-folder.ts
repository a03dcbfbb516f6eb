import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AnySeriesError } from '../errors.ts';
import type { IdRegistry } from '../id-registry.ts';

/**
 * A registry of ids in a folder, one small file per key, which any number of processes on one machine may share: whoever claims a key first has it,
 * without locks that a process could leave behind. The folder is made where it is missing.
 *
 * ```ts
 * const provider = connect({ url, registry: idFolder('./timetric-series') });
 * ```
 */
export function idFolder(folder: string): IdRegistry {
  const fileOf = (key: string) => join(folder, `${createHash('sha256').update(key).digest('hex')}.json`);

  async function read(file: string): Promise<readonly [key: string, id: string] | undefined> {
    try {
      const { key, id } = JSON.parse(await readFile(file, 'utf8')) as { key: string; id: string };
      return [key, id];
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw failure('read', file, error);
    }
  }

  async function claim(key: string, id: string): Promise<string> {
    const file = fileOf(key);
    const draft = `${file}.${randomUUID()}.tmp`;
    try {
      await mkdir(folder, { recursive: true });
      await writeFile(draft, `${JSON.stringify({ key, id })}\n`, { flush: true });
      // a link appears whole, and only where there is none yet
      await link(draft, file);
      return id;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw failure('written', file, error);
    } finally {
      await rm(draft, { force: true }).catch(() => {});
    }
    // it may have been forgotten meanwhile
    return (await read(file))?.[1] ?? claim(key, id);
  }

  return {
    get: async (key) => (await read(fileOf(key)))?.[1],

    claim,

    async delete(key, id) {
      const file = fileOf(key);
      if ((await read(file))?.[1] === id) await rm(file, { force: true });
    },

    async *list() {
      const names = await readdir(folder).catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT') return [];
        throw failure('read', folder, error);
      });
      for (const name of names.filter((each) => each.endsWith('.json'))) {
        const entry = await read(join(folder, name));
        if (entry !== undefined) yield entry;
      }
    },
  };
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}

function failure(what: string, path: string, cause: unknown): AnySeriesError {
  return new AnySeriesError('unavailable', `${path} could not be ${what}: ${(cause as Error).message}`, { cause });
}
