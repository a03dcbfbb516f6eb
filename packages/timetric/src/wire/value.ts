/** What a row of Timetric holds: a number (always a double), a truth value, or nothing. */
export type TimetricValue = number | boolean | null;

const words: ReadonlyMap<string, TimetricValue> = new Map<string, TimetricValue>([
  ['', null],
  ['null', null],
  ['none', null],
  ['true', true],
  ['false', false],
]);

/** Reads a value, the words in any letter case; `undefined`: it is none ("Time and value formats"). */
export function parseValue(text: string): TimetricValue | undefined {
  return parseNumber(text) ?? words.get(text.toLowerCase());
}

/** Reads a decimal number; hexadecimal ones, infinities and what no double can hold are none. */
export function parseNumber(text: string): number | undefined {
  const code = text.charCodeAt(text.length - 1);
  // the last character of a number is a digit, mostly; the words of JavaScript for numbers end in letters
  if (!(code >= 0x30 && code <= 0x39) && code !== 0x2e) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || /[xob\s]/i.test(text)) return undefined;
  return value;
}

/** The text of a value as the service writes it: whole numbers with a decimal place, so that Python reads them as what they are. */
export function valueText(value: TimetricValue): string {
  if (typeof value !== 'number') return String(value);
  if (!Number.isInteger(value)) return String(value);
  const text = Object.is(value, -0) ? '-0' : String(value);
  return text.includes('e') ? text : `${text}.0`;
}
