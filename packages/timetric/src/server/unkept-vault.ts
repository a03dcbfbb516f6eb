import { type Credentials, createVault, randomHex, type Vault } from '@anyseries/core/server';

const vaults = new WeakMap<Credentials, Vault>();

/** Stands in where no vault was given: what it seals ends with the process, and opens for all servers over the same credentials until then. */
export function unkeptVault(credentials: Credentials): Vault {
  const known = vaults.get(credentials);
  if (known !== undefined) return known;
  const vault = createVault(randomHex(32));
  vaults.set(credentials, vault);
  return vault;
}
