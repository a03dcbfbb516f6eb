import { AnySeriesError } from '@anyseries/core';

/**
 * What is kept of a password: enough to recognise it, and the API token locked with it, so that a dashboard can show the token although nothing
 * that is stored gives it away.
 */
export interface KeptPassword {
  /** The cost of scrypt that it was made with. */
  readonly cost: number;
  readonly salt: string;
  readonly verifier: string;
  /** The token, locked with a key that only the password gives. */
  readonly sealedToken: string;
}

/** 32 MiB and about a tenth of a second; asked for at log-in only, never per request. */
const usualCost = 2 ** 15;
const blockSize = 8;

/** @param cost a power of two; less than usual is for tests */
export async function keepPassword(password: string, token: string, cost = usualCost): Promise<KeptPassword> {
  const salt = toHex(crypto.getRandomValues(new Uint8Array(16)));
  const { verifier, key } = await derive(password, salt, cost);
  return { cost, salt, verifier, sealedToken: await seal(token, key) };
}

/** The token behind a password; `undefined` where the password is wrong, or nothing is kept. Takes as long in either case. */
export async function openWithPassword(password: string, kept: KeptPassword | undefined): Promise<string | undefined> {
  const { cost, salt } = kept ?? { cost: usualCost, salt: '' };
  const { verifier, key } = await derive(password, salt, cost);
  return kept !== undefined && areEqual(verifier, kept.verifier) ? unseal(kept.sealedToken, key) : undefined;
}

/** Locks a text with a random secret of its owner. */
export async function sealWith(secret: string, text: string): Promise<string> {
  return seal(text, await keyOf(secret));
}

export async function unsealWith(secret: string, sealed: string): Promise<string | undefined> {
  return unseal(sealed, await keyOf(secret));
}

/** Digests of both, so that the key is never what a session is found by. */
async function keyOf(secret: string): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`microlog key ${secret}`)));
}

type Bytes = Uint8Array<ArrayBuffer>;

/** The half that is kept and the half that locks; neither tells anything of the other. */
async function derive(password: string, salt: string, cost: number): Promise<{ verifier: string; key: Bytes }> {
  const bytes = await scrypt(password, salt, 64, { N: cost, r: blockSize, p: 1, maxmem: 128 * blockSize * (cost + 8) });
  return { verifier: toHex(bytes.subarray(0, 32)), key: bytes.slice(32) };
}

type Scrypt = (password: string, salt: string, length: number, options: object, done: (error: Error | null, key: Bytes) => void) => void;

/** Node's; the web's own cryptography has none. */
function scrypt(password: string, salt: string, length: number, options: object): Promise<Bytes> {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): { scrypt: Scrypt } | undefined } };
  const native = process?.getBuiltinModule?.('node:crypto')?.scrypt;
  if (native === undefined)
    throw new AnySeriesError('unsupported', 'passwords need scrypt, which this platform lacks: run the server on Node');
  return new Promise((resolve, reject) => {
    native(password.normalize('NFC'), salt, length, options, (error, key) =>
      error === null ? resolve(new Uint8Array(key)) : reject(error),
    );
  });
}

const vectorBytes = 12;

async function seal(text: string, key: Bytes): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(vectorBytes));
  const locked = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await importKey(key), new TextEncoder().encode(text));
  return toHex(iv) + toHex(new Uint8Array(locked));
}

async function unseal(sealed: string, key: Bytes): Promise<string | undefined> {
  const bytes = fromHex(sealed);
  const algorithm = { name: 'AES-GCM', iv: bytes.subarray(0, vectorBytes) };
  try {
    return new TextDecoder().decode(await crypto.subtle.decrypt(algorithm, await importKey(key), bytes.subarray(vectorBytes)));
  } catch {
    return undefined;
  }
}

function importKey(key: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function fromHex(text: string): Bytes {
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

/** In a time that does not tell where they differ. */
function areEqual(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
