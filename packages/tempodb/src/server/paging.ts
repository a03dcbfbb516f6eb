import { parseQuery, type Query } from './query.ts';
import { badParameter } from './refusal.ts';

/** Where the rows of a page go on: at a time, or behind a key. */
export type Place = number | string;

/** The query of a paged request, and where its page begins. */
export interface Position<P extends Place> {
  readonly query: Query;
  /** Left out: at the beginning. */
  readonly place: P | undefined;
}

/**
 * Reads a query that may be the one of a link (section 4.14). Links carry the query that they continue, and the place where they do, in one opaque
 * parameter, because clients take apart, unescape and escape anew whatever else is in them.
 *
 * @throws Refusal 400
 */
export function readPosition<P extends Place>(query: Query, kind: P extends number ? 'number' : 'string'): Position<P> {
  const cursor = query.get('cursor');
  if (cursor === undefined) return { query, place: undefined };
  const [raw, place] = decodeCursor(cursor);
  const isPlace = kind === 'number' ? Number.isSafeInteger(place) : typeof place === 'string';
  if (typeof raw !== 'string' || !isPlace) throw badParameter('cursor', cursor);
  return { query: parseQuery(raw), place: place as P };
}

/** The headers of a page that is not the last. */
export function nextPageHeaders(path: string, query: string, place: Place): Record<string, string> {
  return { link: `<${path}?cursor=${encodeCursor([query, place])}>; rel="next"`, truncated: 'true' };
}

function encodeCursor(content: readonly [string, Place]): string {
  let binary = '';
  for (const byte of new TextEncoder().encode(JSON.stringify(content))) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function decodeCursor(cursor: string): unknown[] {
  try {
    const binary = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
    const content: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0))));
    return Array.isArray(content) ? content : [];
  } catch {
    return [];
  }
}
