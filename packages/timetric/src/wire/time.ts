import { toTime } from '@anyseries/core';

/** Up to here the product of a double of seconds and a million rounds to the right microsecond, and so does that of milliseconds and a thousand. */
const easySeconds = 2 ** 32;

/** Epoch milliseconds as Unix seconds: never with an exponent, always with a decimal place, exact to a microsecond ("Time and value formats"). */
export function secondsText(time: number): string {
  if (Math.abs(time) > easySeconds * 1000) return longSecondsText(time);
  const seconds = Math.round(time * 1000) / 1e6;
  return Number.isInteger(seconds) ? `${seconds}.0` : microsecondsText(seconds);
}

function microsecondsText(seconds: number): string {
  const text = String(seconds);
  return text.includes('e') ? seconds.toFixed(6) : text;
}

/** Times in the far past and the far future: what is behind the second is split off first, which loses nothing. */
function longSecondsText(time: number): string {
  const size = Math.abs(time);
  const microseconds = Math.round((size % 1000) * 1000);
  const whole = Math.floor(size / 1000) + Math.floor(microseconds / 1e6);
  const part = String(microseconds % 1e6)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return `${time < 0 ? '-' : ''}${whole}.${part || '0'}`;
}

const decimalPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const plainPattern = /^([+-]?)(\d*)\.?(\d*)$/;

/** Epoch milliseconds of Unix seconds, rounded to a microsecond; `undefined`: it is no number of seconds, or of none that there is a date for. */
export function parseSeconds(text: string): number | undefined {
  const seconds = Number(text);
  if (Math.abs(seconds) < easySeconds && text !== '') return isDecimal(text) ? Math.round(seconds * 1e6) / 1000 : undefined;
  if (!decimalPattern.test(text)) return undefined;
  return existing(longSeconds(text) ?? seconds * 1000);
}

/** A text that `Number` understands is one of digits unless it has another letter than that of an exponent, or blanks. */
function isDecimal(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 0x30 || code > 0x39) && code !== 0x2e) return decimalPattern.test(text);
  }
  return true;
}

function longSeconds(text: string): number | undefined {
  const [, sign, whole = '', part = ''] = plainPattern.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const milliseconds = Number(whole) * 1000 + Math.round(Number(`${part.padEnd(7, '0').slice(0, 7)}`) / 10) / 1000;
  return sign === '-' ? -milliseconds : milliseconds;
}

const existing = (time: number) => (Math.abs(time) <= 8.64e15 ? time : undefined);

/** Epoch milliseconds of an uploaded time: Unix seconds, or ISO 8601, in UTC where it names no zone; with `T` or a blank before the hour. */
export function parseTimestamp(text: string): number | undefined {
  const seconds = parseSeconds(text);
  if (seconds !== undefined) return seconds;
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ]+(\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?) *(Z|[+-]\d\d(?::?\d\d)?)?)?$/i.exec(text);
  if (match === null) return undefined;
  const [, date, clock, zone = 'Z'] = match;
  try {
    return toTime(clock === undefined ? `${date}` : `${date}T${clock.replace(/([.,]\d{12})\d+/, '$1')}${zone}`);
  } catch {
    return undefined;
  }
}

/** ISO 8601 in UTC, with no more decimal places than it takes. */
export function isoText(time: number): string {
  const whole = Math.floor(time / 1000);
  const [, part = ''] = secondsText(time - whole * 1000).split('.');
  return new Date(whole * 1000).toISOString().replace('.000Z', part === '0' ? 'Z' : `.${part}Z`);
}
