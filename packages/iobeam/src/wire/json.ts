import type { Value } from '@anyseries/core';

/** What the JSON of this protocol holds: that of `JSON`, and whole numbers that a double cannot hold. */
export type WireJson = Value | null | readonly WireJson[] | { readonly [name: string]: WireJson | undefined };

/** JSON without blanks, as old devices need it (section 2, rule 4). Exact for 64-bit integers and for minus zero; members that are `undefined` are left out. */
export function encodeJson(json: WireJson): string {
  if (typeof json === 'object' && json !== null) return isList(json) ? `[${json.map(encodeJson).join(',')}]` : encodeMembers(json);
  return typeof json === 'number' || typeof json === 'bigint' ? encodeNumber(json) : JSON.stringify(json);
}

function encodeMembers(members: { readonly [name: string]: WireJson | undefined }): string {
  let text = '';
  for (const [name, member] of Object.entries(members)) {
    if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${encodeJson(member)}`;
  }
  return `{${text}}`;
}

/**
 * The JSON of a number. Beyond 2^53 a double prints zeros for its last digits, which a reader of integers takes for another number. JSON has no
 * infinities: a sum that is too large for a double is the largest one.
 */
export function encodeNumber(number: number | bigint): string {
  if (typeof number === 'bigint') return number.toString();
  if (number === 0) return Object.is(number, -0) ? '-0' : '0';
  if (!Number.isFinite(number)) return String(Math.sign(number) * Number.MAX_VALUE);
  if (Number.isInteger(number) && !Number.isSafeInteger(number) && Math.abs(number) < 2 ** 63) return BigInt(number).toString();
  return String(number);
}

function isList(json: object): json is readonly WireJson[] {
  return Array.isArray(json);
}

/** Whether JSON is an object, and no list. */
export function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
