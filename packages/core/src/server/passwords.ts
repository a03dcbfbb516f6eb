import { AnySeriesError } from '../errors.ts';

/** The part of Node's `crypto` that is used here. */
interface NodeCrypto {
  scrypt(
    password: string,
    salt: Uint8Array,
    length: number,
    options: { readonly N: number; readonly r: number; readonly p: number; readonly maxmem: number },
    callback: (error: Error | null, key: Uint8Array) => void,
  ): void;
  timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean;
}

const cost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const;
const hashBytes = 32;

/** The scrypt hash of a password that somebody chose, with its salt: `scrypt$SALT$HASH`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  return `scrypt$${toText(salt)}$${toText(await derive(password, salt))}`;
}

/** Whether it is the password; takes as long where there is no hash to compare with. */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [, salt = '', kept = ''] = (hash ?? '').split('$');
  const derived = await derive(password, fromText(salt));
  const expected = fromText(kept);
  return expected.length === derived.length && nodeCrypto().timingSafeEqual(expected, derived);
}

function derive(password: string, salt: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    nodeCrypto().scrypt(password.normalize('NFKC'), salt, hashBytes, cost, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

function nodeCrypto(): NodeCrypto {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  const found = process?.getBuiltinModule?.('node:crypto');
  if (found !== undefined) return found as NodeCrypto;
  throw new AnySeriesError('unsupported', 'passwords need the scrypt of Node, which this platform lacks');
}

function toText(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function fromText(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
