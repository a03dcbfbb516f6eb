/** The JSON text of a number: exact for 64-bit integers, also those that are doubles, and for minus zero. */
export function encodeValue(value: number | bigint): string {
  if (typeof value === 'bigint') return value.toString();
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  // beyond 2^53 a double prints zeros for its last digits, which a reader of integers takes for another number
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && value >= -(2 ** 63) && value < 2 ** 63) return BigInt(value).toString();
  return String(value);
}
