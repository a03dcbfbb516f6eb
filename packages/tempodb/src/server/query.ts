import { decodePart } from './percent.ts';

/** The parameters of a query string (section 4.2). One without a value counts as not given. */
export interface Query {
  /** As received, without the question mark. */
  readonly raw: string;
  /** The first value. */
  get(name: string): string | undefined;
  /** The value under the first of these names that has one. */
  getAny(...names: readonly string[]): string | undefined;
  all(name: string): readonly string[];
  /** The pairs of `attr[NAME]=VALUE`. */
  readonly attributes: readonly (readonly [name: string, value: string])[];
}

export function parseQuery(raw: string): Query {
  const values = new Map<string, string[]>();
  const attributes: [string, string][] = [];
  for (const pair of raw.split('&')) {
    const equals = pair.indexOf('=');
    if (equals < 0) continue;
    const name = decode(pair.slice(0, equals));
    const value = decode(pair.slice(equals + 1));
    if (value === '') continue;
    const attribute = /^attr\[(.*)\]$/s.exec(name)?.[1];
    if (attribute !== undefined) attributes.push([attribute, value]);
    else if (values.has(name)) values.get(name)!.push(value);
    else values.set(name, [value]);
  }
  const get = (name: string) => values.get(name)?.[0];
  return {
    raw,
    get,
    getAny: (...names) => names.map(get).find((value) => value !== undefined),
    all: (name) => values.get(name) ?? [],
    attributes,
  };
}

/** What is no UTF-8 stays as it came: it can match nothing. */
function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  return decodePart(spaced) ?? spaced;
}
