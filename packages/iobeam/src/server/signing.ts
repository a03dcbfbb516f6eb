import { isAnySeriesError, type Records } from '@anyseries/core';
import { randomHex, type Vault } from '@anyseries/core/server';
import { type DecodedToken, encodeBase64, encodeClaims, type TokenClaims } from '../wire/token.ts';

/** Makes and proves tokens (section 3.2). */
export interface Signer {
  sign(claims: TokenClaims): Promise<string>;
  /** Whether a token was signed here. */
  verify(token: DecodedToken): Promise<boolean>;
}

interface SigningKey {
  readonly kid: number;
  readonly key: CryptoKey;
}

const collection = 'iobeam/signing-keys';
const sealName = 'the signing key of iobeam';

/** Keys that no vault keeps: they end with the process, and are the same for all servers over one store until then. */
const unkept = new WeakMap<Records, Promise<readonly SigningKey[]>>();

/** A signer whose key is kept sealed in the records; the first one to need it makes it. */
export function createSigner(records: Records, vault: Vault | undefined): Signer {
  let loaded: Promise<readonly SigningKey[]> | undefined;

  /** The newest first; it is the one that signs. */
  function keys(): Promise<readonly SigningKey[]> {
    loaded ??= (vault === undefined ? unkeptKeys(records) : keptKeys(records, vault)).catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  }

  return {
    async sign(claims) {
      const { kid, key } = (await keys())[0]!;
      const signed = encodeClaims(claims, kid);
      const signature = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(signed));
      return `${signed}.${encodeBase64(new Uint8Array(signature))}`;
    },

    async verify({ algorithm, signed, signature }) {
      if (algorithm !== 'HS256') return false;
      const bytes = new TextEncoder().encode(signed);
      for (const { key } of await keys()) if (await crypto.subtle.verify('HMAC', key, signature, bytes)) return true;
      return false;
    },
  };
}

/** Adds a key, sealed; from now on it signs. @throws AnySeriesError `conflict` where the number is taken */
export async function addSigningKey(records: Records, vault: Vault, kid: number, secret: string): Promise<void> {
  const id = String(kid).padStart(10, '0');
  await records.put(collection, id, { kid, sealed: await vault.seal(secret, sealName) }, { ifVersion: null });
}

async function keptKeys(records: Records, vault: Vault): Promise<readonly SigningKey[]> {
  const kept = await Array.fromAsync(records.list<{ kid: number; sealed: string }>(collection));
  if (kept.length > 0) {
    const opened = kept.map(async ({ value: { kid, sealed } }) => ({ kid, key: await importKey(await vault.open(sealed, sealName)) }));
    return (await Promise.all(opened)).reverse();
  }
  try {
    await addSigningKey(records, vault, 1, randomHex(32));
  } catch (error) {
    if (!isAnySeriesError(error) || error.code !== 'conflict') throw error;
    // another gateway over the same store was faster
  }
  return keptKeys(records, vault);
}

function unkeptKeys(records: Records): Promise<readonly SigningKey[]> {
  const present = unkept.get(records) ?? importKey(randomHex(32)).then((key) => [{ kid: 1, key }]);
  unkept.set(records, present);
  return present;
}

function importKey(secret: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', new TextEncoder().encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
}
