import { invalid, show } from './errors.ts';

/** What a canonical series key is made of. */
export interface SeriesKeyParts {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Builds the canonical key `name{a="v",b="w"}`: labels by code point; `\`, `"` and line feed escaped in values, `{` and `\` in the name.
 *
 * ```ts
 * seriesKey({ name: 'cpu', labels: { host: 'a', core: '1' } }); // 'cpu{core="1",host="a"}'
 * ```
 *
 * @throws AnySeriesError `invalid` when a label's name is empty or holds one of `= " , { } \` or a line feed, or the key is no series key
 */
export function seriesKey(parts: { readonly name: string; readonly labels?: Readonly<Record<string, string>> | undefined }): string {
  if (typeof parts !== 'object' || parts === null) throw invalid('parts', `${show(parts)} is no { name, labels }`);
  if (typeof parts.name !== 'string') throw invalid('name', `${show(parts.name)} is no text`);
  return checkKey(buildKey(parts.name, checkLabels(parts.labels ?? {})), 'name');
}

/** The name and labels of a canonical key; any other text is a name without labels. */
export function parseSeriesKey(key: string): SeriesKeyParts {
  const parts = readKey(checkKey(key, 'key'));
  return parts !== undefined && buildKey(parts.name, parts.labels) === key ? parts : { name: key, labels: {} };
}

/** The key, if it is one: 1 to 1,024 bytes of well-formed UTF-8 without U+0000. @throws AnySeriesError `invalid` that names `field` */
export function checkKey(key: unknown, field = 'series', maxBytes = 1024): string {
  if (typeof key !== 'string') throw invalid(field, `${show(key)} is no series key: give a text`);
  if (key === '') throw invalid(field, 'a series key has at least one byte');
  if (key.includes('\0')) throw invalid(field, `${show(key)} holds U+0000, which no series key can`);
  if (!key.isWellFormed()) throw invalid(field, `${show(key)} holds half of a surrogate pair and is no UTF-8`);
  if (key.length * 3 > maxBytes && byteLength(key) > maxBytes) throw invalid(field, `${show(key)} is longer than ${maxBytes} bytes`);
  return key;
}

/** Orders texts by code point, which is the order of their UTF-8 bytes. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

const encoder = new TextEncoder();

export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

function checkLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels))
    throw invalid('labels', `${show(labels)} is no record of texts`);
  for (const [label, value] of Object.entries(labels)) {
    if (!/^[^="{},\\\n]+$/.test(label))
      throw invalid('labels', `the label ${show(label)} is empty or holds one of = " , { } \\ or a line feed`);
    if (typeof value !== 'string') throw invalid(`labels.${label}`, `${show(value)} is no text`);
  }
  return labels;
}

function buildKey(name: string, labels: Readonly<Record<string, string>>): string {
  const escapedName = name.replace(/[{\\]/g, '\\$&');
  const names = Object.keys(labels).sort(compareCodePoints);
  if (names.length === 0) return escapedName;
  const pairs = names.map((label) => `${label}="${labels[label]!.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`);
  return `${escapedName}{${pairs.join(',')}}`;
}

const namePattern = /^(?:[^{\\]|\\[{\\])*/;
const labelPattern = /([^="{},\\\n]+)="((?:[^"\\\n]|\\[\\"n])*)"(,|\}$)/y;

/** Reads a key by the grammar; whether it is canonical shows when it is built again. */
function readKey(key: string): SeriesKeyParts | undefined {
  const escapedName = namePattern.exec(key)![0];
  const name = escapedName.replace(/\\([{\\])/g, '$1');
  if (escapedName.length === key.length) return { name, labels: {} };
  if (key[escapedName.length] !== '{') return undefined;
  const labels: [string, string][] = [];
  labelPattern.lastIndex = escapedName.length + 1;
  while (labelPattern.lastIndex < key.length) {
    const match = labelPattern.exec(key);
    if (match === null) return undefined;
    labels.push([match[1]!, match[2]!.replace(/\\([\\"n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))]);
    if (match[3] === '}') return { name, labels: Object.fromEntries(labels) };
  }
  return undefined;
}
