import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { invalid, readVariable } from '@anyseries/core/provider';
import { createVault, randomHex, type Vault } from '@anyseries/core/server';

/**
 * What protocols seal opens with the key in the variable `ANYSERIES_GATEWAY_KEY`, or else with that in a file, which is made where it is missing. A
 * main store that is a file itself has one beside it that is made when something is sealed first. What is in memory is sealed for as long as it is
 * there. Without any of them there is no vault.
 *
 * @param keyFile default: the file of the main store with `.key` behind
 * @param mainUrl the address of the main store, if it was opened by one
 * @throws AnySeriesError `invalid` for what is no key, or one that others may read
 */
export async function openVault(keyFile: string | undefined, mainUrl: string | undefined): Promise<Vault | undefined> {
  const key = readVariable('ANYSERIES_GATEWAY_KEY') ?? (keyFile === undefined ? undefined : await readKey(keyFile));
  if (key !== undefined) return createVault(key);
  if (mainUrl === 'memory:' || mainUrl === 'sqlite::memory:') return createVault(randomHex(32));
  return mainUrl?.startsWith('sqlite:') ? openBeside(`${mainUrl.slice('sqlite:'.length)}.key`) : undefined;
}

/** Most protocols seal nothing: no file is made for them. */
async function openBeside(file: string): Promise<Vault> {
  let opened: Promise<Vault> | undefined;
  const vault = () => {
    opened ??= readKey(file).then(createVault);
    return opened;
  };
  if (await stat(file).catch(() => undefined)) await vault();
  return {
    seal: async (secret, name) => (await vault()).seal(secret, name),
    open: async (sealed, name) => (await vault()).open(sealed, name),
  };
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
