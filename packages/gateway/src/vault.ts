import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { invalid, readVariable } from '@anyseries/core/provider';
import { createVault, type Vault } from '@anyseries/core/server';

/**
 * What protocols seal opens with the key in the variable `ANYSERIES_GATEWAY_KEY`, or else with that in a file, which is made where it is missing.
 * Without either there is no vault: what has to be sealed then ends with the process.
 *
 * @throws AnySeriesError `invalid` for what is no key, or one that others may read
 */
export async function openVault(keyFile: string | undefined): Promise<Vault | undefined> {
  const key = readVariable('ANYSERIES_GATEWAY_KEY') ?? (keyFile === undefined ? undefined : await readKey(keyFile));
  return key === undefined ? undefined : createVault(key);
}

async function readKey(file: string): Promise<string> {
  await writeFile(file, `${randomBytes(32).toString('hex')}\n`, { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return;
    throw invalid('keyFile', `${file} can neither be read nor made: ${error.message}`);
  });
  const { mode } = await stat(file);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) throw invalid('keyFile', `${file} can be read by others: chmod 600`);
  return (await readFile(file, 'utf8')).trim();
}
