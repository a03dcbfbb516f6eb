import { sha256 } from '@anyseries/core/server';

/** Letters and digits without those that look alike ("Strings" of the protocol document). */
const alphabet = 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** Keys and secrets. */
export const keyLength = 16;
export const verifierLength = 8;
/** What is in a cookie or a form: nobody ever types it. */
export const sessionLength = 32;

/** A text that nobody can guess, each character as likely. */
export function randomText(length: number): string {
  // what is beyond the last multiple of the alphabet would favour its first characters
  const end = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length)
    for (const byte of crypto.getRandomValues(new Uint8Array(2 * length)))
      if (byte < end && text.length < length) text += alphabet[byte % alphabet.length];
  return text;
}

/** Compares secrets by their digests, in a time that does not tell where they differ. */
export async function isSame(a: string, b: string): Promise<boolean> {
  const [digestA, digestB] = await Promise.all([sha256(a), sha256(b)]);
  let difference = 0;
  for (let i = 0; i < digestA.length; i++) difference |= digestA.charCodeAt(i) ^ digestB.charCodeAt(i);
  return difference === 0;
}
