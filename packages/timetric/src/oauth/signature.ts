import { AnySeriesError } from '@anyseries/core';
import { encodePercent } from './percent.ts';

/** The key of a signature; either secret may be empty. With PLAINTEXT it is the signature itself ("Signing key and signature"). */
export function signingKey(consumerSecret: string, tokenSecret: string): string {
  return `${encodePercent(consumerSecret)}&${encodePercent(tokenSecret)}`;
}

/** HMAC-SHA1 of a signature base string, in Base64. @throws AnySeriesError `unsupported` where the platform has no Web Crypto */
export async function hmacSignature(baseString: string, key: string): Promise<string> {
  const signature = await crypto.subtle.sign('HMAC', await importedKey(key), encoder.encode(baseString));
  return toBase64(new Uint8Array(signature));
}

const encoder = new TextEncoder();

/** Importing a key takes as long as signing with it, and few keys sign many requests. */
const imported = new Map<string, Promise<CryptoKey>>();
const mostImported = 100;

function importedKey(key: string): Promise<CryptoKey> {
  const present = imported.get(key);
  if (present !== undefined) return present;
  if (imported.size >= mostImported) imported.clear();
  const added = importKey(key);
  imported.set(key, added);
  return added;
}

async function importKey(key: string): Promise<CryptoKey> {
  const { subtle } = globalThis.crypto ?? {};
  if (subtle === undefined)
    throw new AnySeriesError('unsupported', 'OAuth signs with Web Crypto, which browsers give to https: pages and to localhost only');
  return subtle.importKey('raw', encoder.encode(key), { name: 'HMAC', hash: 'SHA-1' }, false, ['sign']);
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
