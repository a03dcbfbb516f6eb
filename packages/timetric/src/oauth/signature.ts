import { AnySeriesError } from '@anyseries/core';
import { encodePercent } from './percent.ts';

/** The key of a signature; either secret may be empty. With PLAINTEXT it is the signature itself ("Signing key and signature"). */
export function signingKey(consumerSecret: string, tokenSecret: string): string {
  return `${encodePercent(consumerSecret)}&${encodePercent(tokenSecret)}`;
}

/** HMAC-SHA1 of a signature base string, in Base64. @throws AnySeriesError `unsupported` where the platform has no Web Crypto */
export async function hmacSignature(baseString: string, key: string): Promise<string> {
  const { subtle } = globalThis.crypto ?? {};
  if (subtle === undefined)
    throw new AnySeriesError('unsupported', 'OAuth signs with Web Crypto, which browsers give to https: pages and to localhost only');
  const encoder = new TextEncoder();
  const imported = await subtle.importKey('raw', encoder.encode(key), { name: 'HMAC', hash: 'SHA-1' }, false, ['sign']);
  return toBase64(new Uint8Array(await subtle.sign('HMAC', imported, encoder.encode(baseString))));
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
