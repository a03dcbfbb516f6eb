import { open, readFile, stat } from 'node:fs/promises';
import { AnySeriesError } from '@anyseries/core';
import { invalid } from '@anyseries/core/provider';
import { createVault, randomHex, type Vault } from '@anyseries/core/server';

const variable = 'ANYSERIES_GATEWAY_KEY';

/**
 * The vault of a gateway. Its key is in the variable `ANYSERIES_GATEWAY_KEY`, or in a file that nobody else may read; the file is made when the first
 * secret is sealed. Where neither can be, as over a store in memory, the key lasts as long as the process.
 *
 * @param keyFile default: the file of the main store with `.key` behind
 * @param mainUrl the address of the main store, if it was opened by one
 */
export function openVault(keyFile: string | undefined, mainUrl: string | undefined): Vault {
  const file = keyFile ?? besideStore(mainUrl);
  let opened: Promise<Vault> | undefined;

  function vault(): Promise<Vault> {
    opened ??= readKey(file)
      .then(createVault)
      .catch((error: unknown) => {
        opened = undefined;
        throw error;
      });
    return opened;
  }

  return {
    seal: async (secret, name) => (await vault()).seal(secret, name),
    open: async (sealed, name) => (await vault()).open(sealed, name),
  };
}

function besideStore(mainUrl: string | undefined): string | undefined {
  const path = mainUrl?.startsWith('sqlite:') ? mainUrl.slice('sqlite:'.length) : ':memory:';
  return path === ':memory:' ? undefined : `${path}.key`;
}

async function readKey(file: string | undefined): Promise<string> {
  const told = process.env[variable];
  if (told) return told;
  if (file === undefined) return randomHex(32);
  return (await readKeyFile(file)) ?? makeKeyFile(file);
}

/** @throws AnySeriesError `invalid` where others may read it, or it cannot be read */
async function readKeyFile(file: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(file);
    // Windows has no such modes
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw invalid(file, 'holds the key of the gateway, and others may read it: chmod 600');
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw error instanceof AnySeriesError ? error : invalid(file, `holds the key of the gateway and cannot be read (${code})`);
  }
}

async function makeKeyFile(file: string): Promise<string> {
  const key = randomHex(32);
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(`${key}\n`).finally(() => handle.close());
    return key;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST')
      throw invalid(file, `cannot be made for the key of the gateway (${code}); set ${variable}, or keyFile in the configuration`);
    // another gateway was faster
    return (await readKeyFile(file)) ?? makeKeyFile(file);
  }
}
