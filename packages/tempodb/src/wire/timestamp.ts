const minuteMs = 60_000;
const dayMs = 86_400_000;

/** The instants that a timestamp can name: those of the years 0001 to 9999. */
const first = Date.parse('0001-01-01T00:00:00Z');
const last = Date.parse('9999-12-31T23:59:59.999Z');

/** The day of the latest timestamp read and written; most calls are about that day again. */
let readDay = -1;
let readMidnight = Number.NaN;
let writtenMidnight = Number.NaN;
let writtenDay = '';

/**
 * Reads a timestamp in any of the spellings that clients send (section 4.5 of the protocol document); one without an offset is UTC.
 *
 * @returns epoch milliseconds, finer digits cut off; `undefined` for anything else, also for days that no calendar has
 */
export function parseTimestamp(text: string): number | undefined {
  return parseCanonical(text) ?? parseOther(text);
}

/** `2012-01-01T00:00:00.000Z`, with or without milliseconds: what points arrive with by the thousand. */
function parseCanonical(text: string): number | undefined {
  const { length } = text;
  if ((length !== 24 && length !== 20) || text[length - 1] !== 'Z' || !isDateAndTime(text)) return undefined;
  if (length === 24 && text[19] !== '.') return undefined;
  const day = twoDigits(text, 0) * 1e6 + twoDigits(text, 2) * 1e4 + twoDigits(text, 5) * 100 + twoDigits(text, 8);
  const time = timeOfDay(twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17));
  const milliseconds = length === 20 ? 0 : twoDigits(text, 20) * 10 + digit(text, 22);
  if (day !== readDay) {
    readMidnight = midnight(Math.trunc(day / 1e4), Math.trunc(day / 100) % 100, day % 100);
    readDay = day;
  }
  return inRange(readMidnight + time + milliseconds);
}

const otherForms = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,12}))?)?(?:Z|([+\- ])(\d\d):?(\d\d))?)?$/;

function parseOther(text: string): number | undefined {
  const parts = otherForms.exec(text);
  if (parts === null) return undefined;
  const number = (place: number) => Number(parts[place] ?? 0);
  const milliseconds = Number((parts[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const offset = timeOfDay(number(9), number(10), 0);
  const local = midnight(number(1), number(2), number(3)) + timeOfDay(number(4), number(5), number(6)) + milliseconds;
  // a plus sign that nobody escaped arrives as a space
  return inRange(parts[8] === '-' ? local + offset : local - offset);
}

function isDateAndTime(text: string): boolean {
  return text[4] === '-' && text[7] === '-' && text[10] === 'T' && text[13] === ':' && text[16] === ':';
}

/** NaN where there is none; it makes NaN of all that is computed with it. */
function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - 48;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}

function twoDigits(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

function timeOfDay(hours: number, minutes: number, seconds: number): number {
  return hours < 24 && minutes < 60 && seconds < 60 ? ((hours * 60 + minutes) * 60 + seconds) * 1000 : Number.NaN;
}

/** NaN for a day that the calendar does not have. */
function midnight(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : Number.NaN;
}

function inRange(time: number): number | undefined {
  return time >= first && time <= last ? time : undefined;
}

/**
 * Writes a timestamp as the service did: three fraction digits, finer ones cut off. Instants beyond the year 9999 get a sign and six digits.
 *
 * @param offset how far the zone is ahead of UTC, in milliseconds; left out, the text is in UTC and ends in `Z`. Seconds of an offset, which
 *   zones had before they had standard time, are dropped from the clock and from the offset alike, so that the text names the same instant
 */
export function formatTimestamp(time: number, offset?: number): string {
  if (offset === undefined) return `${formatLocal(time)}Z`;
  const minutes = Math.trunc(offset / minuteMs);
  const hours = twoPlaces(Math.trunc(Math.abs(minutes) / 60));
  return `${formatLocal(time + minutes * minuteMs)}${minutes < 0 ? '-' : '+'}${hours}:${twoPlaces(Math.abs(minutes) % 60)}`;
}

function formatLocal(time: number): string {
  const sinceMidnight = time - writtenMidnight;
  if (!(sinceMidnight >= 0 && sinceMidnight < dayMs)) {
    writtenMidnight = Math.floor(time / dayMs) * dayMs;
    writtenDay = new Date(writtenMidnight).toISOString().slice(0, -'00:00:00.000Z'.length);
  }
  const seconds = Math.trunc((time - writtenMidnight) / 1000);
  const minutes = Math.trunc(seconds / 60);
  const milliseconds = Math.trunc(time - writtenMidnight) % 1000;
  const fraction = milliseconds > 99 ? milliseconds : `${milliseconds > 9 ? '0' : '00'}${milliseconds}`;
  return `${writtenDay}${twoPlaces(Math.trunc(minutes / 60))}:${twoPlaces(minutes % 60)}:${twoPlaces(seconds % 60)}.${fraction}`;
}

function twoPlaces(number: number): string {
  return number > 9 ? String(number) : `0${number}`;
}
