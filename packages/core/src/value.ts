import type { ValueKind } from './capabilities.ts';
import { AnySeriesError, invalid, show } from './errors.ts';
import type { Value } from './point.ts';

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;

/** A value as the contract holds it: a `bigint` only where a double cannot hold the integer. @throws AnySeriesError `invalid` that names `field` */
export function toValue(input: unknown, field = 'value'): Value {
  switch (typeof input) {
    case 'number':
      if (Number.isFinite(input)) return input;
      throw invalid(field, `${input} is no value; leave the point out`);
    case 'bigint':
      return toInteger(input, field);
    case 'boolean':
      return input;
    case 'string':
      if (input.isWellFormed()) return input;
      throw invalid(field, 'the text holds half of a surrogate pair and cannot be written as UTF-8');
    default:
      throw invalid(field, `${show(input)} is no value: give a number, bigint, boolean or string`);
  }
}

/** An integer as the contract holds it. @throws AnySeriesError `invalid` where neither a double nor 64 bits hold it */
export function toInteger(input: bigint, field = 'value'): number | bigint {
  const double = Number(input);
  if (Number.isFinite(double) && BigInt(double) === input) return double;
  if (input >= minInt64 && input <= maxInt64) return input;
  throw invalid(field, 'the integer is outside 64 bits');
}

/** Whether a backend that keeps these kinds keeps the value; if not, why. */
export function unkeptValue(value: Value, kinds: ReadonlySet<ValueKind>): string | undefined {
  if (typeof value === 'number') {
    if (kinds.has('number')) return undefined;
    if (kinds.has('bigint'))
      return Number.isInteger(value) && isInt64(value) ? undefined : `${value} is no 64-bit integer, and no other number is kept`;
    if (kinds.has('integer'))
      return Number.isSafeInteger(value) ? undefined : `${value} is no whole number below 2^53, and no other is kept`;
    return 'numbers are not kept';
  }
  if (typeof value === 'bigint')
    return kinds.has('bigint') ? undefined : `${value} cannot be held exactly, and 64-bit integers are not kept`;
  return kinds.has(typeof value as ValueKind) ? undefined : `values of type ${typeof value} are not kept`;
}

/**
 * The sum of two values of a series: exact for whole numbers, in doubles otherwise.
 *
 * @throws AnySeriesError `conflict` where one is no number, or the sum is neither a finite double nor a 64-bit integer
 */
export function addValues(present: Value, amount: Value): number | bigint {
  if (typeof present === 'number' && typeof amount === 'number') {
    const sum = present + amount;
    if (Math.abs(sum) <= Number.MAX_SAFE_INTEGER) return sum;
  }
  if (!isNumeric(present) || !isNumeric(amount)) throw new AnySeriesError('conflict', `value: a ${typeof present} cannot be incremented`);
  if (isWhole(present) && isWhole(amount)) return wholeSum(present, amount);
  return finite(Number(present) + Number(amount));
}

/**
 * The sum of two values of a counter: both are first cut to integers, toward zero, so that the sum is one, too.
 *
 * @throws AnySeriesError `conflict` where one is no number, or the sum is outside 64 bits
 */
export function addIntegers(present: Value, amount: Value): number | bigint {
  const sum = addValues(truncate(present), truncate(amount));
  if (isInt64(sum)) return sum;
  throw new AnySeriesError('conflict', 'value: the sum is outside 64 bits');
}

function truncate(value: Value): Value {
  return typeof value === 'number' ? Math.trunc(value) + 0 : value;
}

/** Exact where 64 bits hold the sum, so that no integer leaves them unnoticed; whole doubles beyond 64 bits are added as doubles. */
function wholeSum(present: number | bigint, amount: number | bigint): number | bigint {
  const sum = BigInt(present) + BigInt(amount);
  if (isInt64(sum)) return toInteger(sum);
  if (isInt64(present) && isInt64(amount)) throw new AnySeriesError('conflict', 'value: the sum is outside 64 bits');
  return finite(Number(sum));
}

function finite(sum: number): number {
  if (Number.isFinite(sum)) return sum;
  throw new AnySeriesError('conflict', 'value: the sum is too large for a number');
}

function isNumeric(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function isWhole(value: number | bigint): boolean {
  return typeof value === 'bigint' || Number.isInteger(value);
}

function isInt64(value: number | bigint): boolean {
  return value >= minInt64 && value <= maxInt64;
}
