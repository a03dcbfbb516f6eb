import type { TimeResolution } from './capabilities.ts';
import { invalid, show } from './errors.ts';

/** Anything with the nanoseconds of an instant, such as `Temporal.Instant` and `Temporal.ZonedDateTime`. */
export interface InstantLike {
  readonly epochNanoseconds: bigint;
}

/** Epoch milliseconds (fractions allowed), a `Date`, an ISO 8601 text with its zone (`2026-11-21T10:00:00.000001Z`; a date alone is UTC), or an instant. */
export type TimeInput = number | Date | string | InstantLike;

const limitMs = 8.64e15;
/** From here on a double steps by more than a microsecond: such times are kept as they are. */
const exactMs = Number.MAX_SAFE_INTEGER / 1000;

const isoPattern =
  /^(?<year>\d{4}|[+-]\d{6})-(?<month>\d\d)-(?<day>\d\d)(?:[Tt](?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,](?<fraction>\d{1,12}))?)?(?<zone>[Zz]|[+-]\d\d(?::?\d\d)?))?$/;

/** Epoch milliseconds of any form of a time. In texts and instants, what is finer than a microsecond is floored; numbers are kept. @throws AnySeriesError `invalid` that names `field` */
export function toTime(input: unknown, field = 'time'): number {
  if (typeof input === 'number') return checkTime(input, field);
  if (typeof input === 'string') return checkTime(parseIso(input, field), field);
  if (input instanceof Date) return checkTime(input.getTime(), field);
  const nanoseconds = typeof input === 'object' && input !== null ? (input as Partial<InstantLike>).epochNanoseconds : undefined;
  if (typeof nanoseconds === 'bigint') return checkTime(fromNanoseconds(nanoseconds), field);
  throw invalid(field, `${show(input)} is no time: give epoch milliseconds, a Date, an ISO 8601 text or an instant`);
}

/** The time floored to what a backend keeps. */
export function floorTime(time: number, resolution: TimeResolution): number {
  if (resolution === 'ms') return Math.floor(time);
  if (resolution === 's') return Math.floor(Math.floor(time) / 1000) * 1000;
  return Number.isInteger(time) || Math.abs(time) >= exactMs ? time : floorToMicroseconds(time);
}

function floorToMicroseconds(time: number): number {
  const nearest = Math.round(time * 1000);
  return nearest / 1000 <= time ? nearest / 1000 : (nearest - 1) / 1000;
}

function checkTime(time: number, field: string): number {
  if (time >= -limitMs && time <= limitMs) return time === 0 ? 0 : time;
  const what = Number.isFinite(time) ? 'is outside the years -271821 to 275760' : 'is no time';
  throw invalid(field, `${show(time)} ${what}; give epoch milliseconds`);
}

function fromNanoseconds(nanoseconds: bigint): number {
  const remainder = ((nanoseconds % 1000n) + 1000n) % 1000n;
  const microseconds = (nanoseconds - remainder) / 1000n;
  return joinMicroseconds(microseconds);
}

/** The nearest double of a number of microseconds, in milliseconds. */
function joinMicroseconds(microseconds: bigint): number {
  const exact = Number(microseconds);
  if (Number.isSafeInteger(exact)) return exact / 1000;
  return Number(microseconds / 1000n) + Number(microseconds % 1000n) / 1000;
}

function parseIso(text: string, field: string): number {
  const parts = isoPattern.exec(text)?.groups;
  const problem = `${show(text)} is no ISO 8601 time with a zone, such as '2026-11-21T10:00:00.000Z' or '2026-11-21'`;
  if (parts === undefined) throw invalid(field, problem);
  const [year, month, day] = [Number(parts.year), Number(parts.month), Number(parts.day)];
  const [hour, minute, second] = [Number(parts.hour ?? 0), Number(parts.minute ?? 0), Number(parts.second ?? 0)];
  const midnight = new Date(0).setUTCFullYear(year, month - 1, day);
  const date = new Date(midnight);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && parts.year !== '-000000';
  const offset = parseOffset(parts.zone);
  if (!exists || hour > 23 || minute > 59 || second > 59 || offset === undefined) throw invalid(field, problem);
  const seconds = midnight + (hour * 3600 + minute * 60 + second) * 1000 - offset;
  const microseconds = Number((parts.fraction ?? '').slice(0, 6).padEnd(6, '0'));
  if (microseconds % 1000 === 0) return seconds + microseconds / 1000;
  return joinMicroseconds(BigInt(seconds) * 1000n + BigInt(microseconds));
}

/** Milliseconds that a zone such as `Z`, `+01:00`, `+0100` or `+01` is ahead of UTC. */
function parseOffset(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', ''));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
