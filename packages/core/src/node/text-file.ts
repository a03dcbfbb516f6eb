import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AnySeriesError } from '../errors.ts';

/** A small text in a file of its own. Whoever reads it, and whenever the process ends: it is there as a whole or not at all. */
export interface TextFile {
  /** The text; `undefined` where there is no file. */
  read(): Promise<string | undefined>;
  /** Replaces the text; it is on the disk when this ends. */
  write(text: string): Promise<void>;
  /** What is not there is no error. */
  delete(): Promise<void>;
}

export interface TextFileOptions {
  /** The permissions of the file; default `0o600`: its owner's alone. */
  readonly mode?: number | undefined;
}

/**
 * ```ts
 * const file = textFile('./iobeam_device_id');
 * await file.write('greenhouse-01');
 * ```
 */
export function textFile(path: string, { mode = 0o600 }: TextFileOptions = {}): TextFile {
  return {
    async read() {
      try {
        return await readFile(path, 'utf8');
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw failure('read', path, error);
      }
    },

    async write(text) {
      const draft = `${path}.${randomUUID()}.tmp`;
      try {
        await withFile(await open(draft, 'wx', mode), async (file) => {
          await file.writeFile(text);
          await file.sync();
        });
        await rename(draft, path);
        await withFile(await open(dirname(path)), (folder) => folder.sync());
      } catch (error) {
        await rm(draft, { force: true }).catch(() => {});
        throw failure('written', path, error);
      }
    },

    delete: () => rm(path, { force: true }),
  };
}

async function withFile(file: FileHandle, work: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(file);
  } finally {
    await file.close();
  }
}

function isMissing(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ENOENT';
}

function failure(what: string, path: string, cause: unknown): AnySeriesError {
  return new AnySeriesError('unavailable', `the file ${path} could not be ${what}: ${(cause as Error).message}`, { cause });
}
