import type { Value } from '@anyseries/core';

type Other = Exclude<Value, number>;

const no = Uint8Array.of(0);
const yes = Uint8Array.of(1);
const textTag = 2;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * A value that is no number, as the column keeps it. A BLOB of one byte is a boolean; one that begins with 2 is a text with U+0000 in it, which
 * Node 22 would read only as far as that.
 */
export function encodeValue(value: Other): bigint | string | Uint8Array {
  if (typeof value === 'boolean') return value ? yes : no;
  if (typeof value === 'bigint' || !value.includes('\0')) return value;
  const bytes = encoder.encode(value);
  const tagged = new Uint8Array(bytes.length + 1);
  tagged[0] = textTag;
  tagged.set(bytes, 1);
  return tagged;
}

export function decodeValue(stored: number | bigint | string | Uint8Array): Value {
  if (typeof stored !== 'object') return stored;
  if (stored.length === 1) return stored[0] === 1;
  return decoder.decode(stored.subarray(1));
}
