import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AnySeriesError } from '../errors.ts';
import type { StoredTokens, TokenStore } from '../token-store.ts';
import { textFile } from './text-file.ts';

/**
 * A token store in a folder, one file per name, readable by its owner alone (the folder 0700, files 0600). The folder is made where it is missing.
 *
 * ```ts
 * const provider = connect({ tokenStore: tokenFolder('./tokens') });
 * ```
 */
export function tokenFolder(folder: string): TokenStore {
  const fileOf = (name: string) => textFile(join(folder, `${encodeURIComponent(name).replaceAll('.', '%2E')}.json`));

  return {
    async load(name) {
      const text = await fileOf(name).read();
      return text === undefined ? undefined : parse(text, name);
    },
    async save(name, tokens) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await fileOf(name).write(`${JSON.stringify(tokens)}\n`);
    },
    delete: (name) => fileOf(name).delete(),
  };
}

/** The message leaves out what is in the file. */
function parse(text: string, name: string): StoredTokens {
  try {
    return JSON.parse(text) as StoredTokens;
  } catch {
    throw new AnySeriesError('invalid', `tokenStore: the file of ${JSON.stringify(name)} holds no JSON; delete it`);
  }
}
