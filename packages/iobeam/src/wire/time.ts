import type { WireJson } from './json.ts';

/** The unit of a number that is a time: seconds, milliseconds, microseconds. */
export type TimeUnit = 'sec' | 'msec' | 'usec';

/** How times are written in answers; `timeval`: `{"sec":S,"usec":U}`. */
export type TimeFormat = TimeUnit | 'timeval';

const microsecondsOf: Readonly<Record<TimeUnit, number>> = { sec: 1_000_000, msec: 1000, usec: 1 };

/** The times that milliseconds in a double tell to the microsecond: until the year 2248. */
export const lastTime = 2 ** 43;
export const firstTime = -lastTime;

/** The whole microseconds of a time in milliseconds. In one product, rounding would be off by one from the year 2109 on. */
export function toMicroseconds(time: number): number {
  const whole = Math.floor(time);
  return whole * 1000 + Math.round((time - whole) * 1000);
}

export function fromMicroseconds(microseconds: number): number {
  return microseconds / 1000;
}

/** The name of a format, in any case of its letters (section 4.2); `undefined` for anything else. */
export function readTimeFormat(text: string): TimeFormat | undefined {
  const name = text.toLowerCase();
  return name === 'timeval' || isTimeUnit(name) ? name : undefined;
}

export function isTimeUnit(name: unknown): name is TimeUnit {
  return typeof name === 'string' && Object.hasOwn(microsecondsOf, name);
}

/** Reads a time of an import (section 5.1): a whole number of the unit. */
export function readTime(json: unknown, unit: TimeUnit): number | undefined {
  const microseconds = Number.isInteger(json) ? (json as number) * microsecondsOf[unit] : Number.NaN;
  return Number.isSafeInteger(microseconds) ? fromMicroseconds(microseconds) : undefined;
}

/** The time in a unit, floored to it. */
export function inUnit(time: number, unit: TimeUnit): number {
  return Math.floor(toMicroseconds(time) / microsecondsOf[unit]);
}

/** Writes a time of an answer, floored to the format. */
export function writeTime(time: number, format: TimeFormat): WireJson {
  if (format !== 'timeval') return inUnit(time, format);
  const { sec, usec } = toTimeval(time);
  return { sec, usec };
}

/** The time in a cell of CSV: `timeval` as `S.UUUUUU` (section 4.5). */
export function writeTimeCell(time: number, format: TimeFormat): string {
  if (format !== 'timeval') return String(inUnit(time, format));
  const { sec, usec } = toTimeval(time);
  return `${sec}.${String(usec).padStart(6, '0')}`;
}

function toTimeval(time: number): { readonly sec: number; readonly usec: number } {
  const microseconds = toMicroseconds(time);
  const sec = Math.floor(microseconds / 1_000_000);
  return { sec, usec: microseconds - sec * 1_000_000 };
}

/** Reads a time of an answer; `undefined` where it is none of that format. */
export function parseTime(json: unknown, format: TimeFormat): number | undefined {
  if (format !== 'timeval') return readTime(json, format);
  const { sec, usec } = (json ?? {}) as { readonly sec?: unknown; readonly usec?: unknown };
  if (!Number.isInteger(sec) || !Number.isInteger(usec)) return undefined;
  return readTime((sec as number) * 1_000_000 + (usec as number), 'usec');
}

/** A date of tokens and devices (section 5.2): `2015-08-27 18:40:00 +0000`. */
export function formatDate(time: number): string {
  return new Date(time).toISOString().replace(/^(.*)T(.*)\.\d{3}Z$/, '$1 $2 +0000');
}

/** A date of everything else: `2015-08-27T18:40:00Z`. */
export function formatIsoDate(time: number): string {
  return new Date(time).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

const datePattern = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?) ?(Z|[+-]\d\d:?\d\d)$/;

/** Reads a date in any of the spellings that were in use; epoch milliseconds. */
export function parseDate(text: string): number | undefined {
  const [, day, clock, zone] = datePattern.exec(text) ?? [];
  if (day === undefined) return undefined;
  const time = Date.parse(`${day}T${clock}${zone!.replace(/(\d\d):?(\d\d)$/, '$1:$2')}`);
  return Number.isNaN(time) ? undefined : time;
}
