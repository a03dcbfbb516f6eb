import type { Value } from '../src/point.ts';
import type { FoldRequest } from '../src/rollup/fold.ts';

/** The definitions of TempoDB's document, 4.9 and 4.10, taken literally: the platform is asked at every point, sums are exact fractions. */
export function foldByDefinition(points: readonly (readonly [number, Value])[], rollup: FoldRequest): [number, Value, number][] {
  const buckets = new Map<number, Value[]>();
  for (const [time, value] of points) {
    const start = Math.max(-8.64e15, bucketStart(Math.floor(time), rollup));
    buckets.set(start, [...(buckets.get(start) ?? []), value]);
  }
  const folded = [...buckets].sort(([a], [b]) => a - b).map(([start, values]) => [start, ...apply(rollup, values)] as const);
  return folded.flatMap(([start, value, tolerance]) => (value === undefined ? [] : [[start, value, tolerance] as [number, Value, number]]));
}

const dayMs = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** The offset by the fields of the local clock. */
export function offsetByFields(time: number, timeZone: string): number {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  formats.set(timeZone, format);
  const fields = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]));
  const year = fields.era === 'BC' ? 1 - Number(fields.year) : Number(fields.year);
  const local = Date.UTC(2000 + (year % 400), Number(fields.month) - 1, Number(fields.day), Number(fields.hour), Number(fields.minute));
  const cycles = Math.round((year - (year % 400) - 2000) / 400);
  const whole = Math.floor(time / 1000) * 1000;
  return local + Number(fields.second) * 1000 + cycles * 146_097 * dayMs - whole;
}

function bucketStart(time: number, { every, timeZone }: FoldRequest): number {
  const count = BigInt(every.count);
  const offset = BigInt(offsetByFields(time, timeZone));
  if (every.unit === 'ms') return Number(floorDivide(BigInt(time) + offset, count) * count - offset);
  let day = Math.floor((time + Number(offset)) / dayMs);
  while (firstInstant(day + 1, timeZone) <= time) day++;
  if (every.unit === 'd') return firstInstant(Number(floorDivide(BigInt(day), count) * count), timeZone);
  const date = new Date(day * dayMs);
  const month = BigInt((date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth());
  return firstInstant(Date.UTC(1970, Number(floorDivide(month, count) * count), 1) / dayMs, timeZone);
}

const instants = new Map<string, number>();

/** By trying every minute; good where the zone's offsets and transitions are whole minutes. */
function firstInstant(day: number, timeZone: string): number {
  const name = `${day} ${timeZone}`;
  const known = instants.get(name);
  if (known !== undefined) return known;
  let time = day * dayMs - 15 * 3_600_000;
  while (time + offsetByFields(time, timeZone) < day * dayMs) time += 60_000;
  instants.set(name, time);
  return time;
}

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  return (dividend - (((dividend % divisor) + divisor) % divisor)) / divisor;
}

const scale = 2n ** 1074n;

/** The double as a multiple of 2^-1074. */
function exact(value: number): bigint {
  let [number, exponent] = [value, 1074];
  while (!Number.isInteger(number)) {
    number *= 2;
    exponent--;
  }
  return BigInt(number) << BigInt(exponent);
}

/** The nearest double, but for the last bit. */
function divide(dividend: bigint, divisor: bigint): number {
  const bits = divisor.toString(2).length - (dividend < 0n ? -dividend : dividend).toString(2).length + 64;
  const quotient = bits >= 0 ? (dividend << BigInt(bits)) / divisor : dividend / (divisor << BigInt(-bits));
  return Number(quotient) * 2 ** -bits;
}

/** The value and how far from it a double may be. */
function apply({ fn }: FoldRequest, values: readonly Value[]): [Value | undefined, number] {
  if (fn.name === 'count') return [values.length, 0];
  if (fn.name === 'first') return [values[0], 0];
  if (fn.name === 'last') return [values.at(-1), 0];
  const numeric = values.filter((value) => typeof value === 'number' || typeof value === 'bigint');
  if (numeric.length === 0) return [undefined, 0];
  const ordered = numeric.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (fn.name === 'min') return [ordered[0], 0];
  if (fn.name === 'max') return [ordered.at(-1), 0];
  const doubles = ordered.map(Number);
  const n = doubles.length;
  const fractions = doubles.map(exact);
  const sum = fractions.reduce((a, b) => a + b, 0n);
  const magnitude = divide(
    fractions.reduce((a, b) => a + (b < 0n ? -b : b), 0n),
    scale,
  );
  const squares = fractions.reduce((a, b) => a + b * b, 0n);
  const ss = divide(BigInt(n) * squares - sum * sum, BigInt(n) * scale * scale);
  const near = (value: number): [number, number] => [value, Math.abs(value) * 1e-15];
  switch (fn.name) {
    case 'sum':
      return [divide(sum, scale), Math.abs(divide(sum, scale)) * 3e-16 + magnitude * 1e-29];
    case 'mean':
      return [divide(sum, BigInt(n) * scale), Math.abs(divide(sum, BigInt(n) * scale)) * 5e-16 + magnitude * 1e-29];
    case 'ss':
      return near(ss);
    case 'variance':
      return near(n === 1 ? 0 : ss / (n - 1));
    case 'stddev':
      return near(n === 1 ? 0 : Math.sqrt(ss / (n - 1)));
    case 'mult': {
      const product = fractions.reduce((a, b) => a * b, 1n);
      const value = divide(product, scale ** BigInt(n));
      return [value, Math.abs(value) * 4e-16];
    }
    case 'range':
      return near(doubles.at(-1)! - doubles[0]!);
    default: {
      const position = ((n - 1) * fn.rank!) / 100;
      const [below, above] = [doubles[Math.floor(position)]!, doubles[Math.ceil(position)]!];
      return [below + (above - below) * (position % 1), (Math.abs(below) + Math.abs(above)) * 1e-15];
    }
  }
}
