import { checkKey } from '@anyseries/core/provider';
import { readForm } from '../wire/form.ts';
import type { User } from './accounts.ts';
import { jsonAnswer, readable } from './answers.ts';
import { authenticate } from './authentication.ts';
import type { Call, Handler, Parts } from './call.ts';
import { canWrite, type SeriesEntry } from './directory.ts';
import { searchFeed } from './feed.ts';
import { searchPage } from './pages/search-page.ts';
import { htmlAnswer } from './pages.ts';
import { badRequest } from './refusal.ts';
import { sessionOf } from './session-cookie.ts';

/** What is looked for, and which part of it is wanted. */
export interface Search {
  /** As it was asked for. */
  readonly text: string;
  readonly tags: readonly string[];
  readonly page: number;
  readonly pageSize: number;
}

/** A part of what was found. */
export interface Found {
  readonly search: Search;
  readonly total: number;
  readonly entries: readonly SeriesEntry[];
}

type Format = (found: Found, call: Call) => Response | Promise<Response>;

const formats: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['thin.json', (found) => jsonResults(found, thin)],
  ['fat.json', (found) => jsonResults(found, fat)],
  ['full.json', (found) => jsonResults(found, full)],
  ['atom', searchFeed],
]);

const usualPageSize = 20;

/** GET /search/results.FORMAT and /tags/TAG1;TAG2/results.FORMAT; without a format it is a page. */
export const searchSeries: Handler = async (call, parts) => {
  const [tags, format] = splitPart(call.part);
  const user = await authenticate(call, parts);
  if (format === '') return searchForPeople(call, parts, user, tags);
  const write = formats.get(format);
  if (write === undefined) throw badRequest(`Unknown format ${JSON.stringify(format)}.`);
  return readable(await write(await find(call, parts, user, tags), call));
};

/** Who has logged in needs no other credentials. */
async function searchForPeople(call: Call, parts: Parts, user: User | undefined, tags: readonly string[]): Promise<Response> {
  const session = await sessionOf(call, parts);
  return htmlAnswer(searchPage(await find(call, parts, user ?? session?.user, tags), call), { ...call, session });
}

async function find({ query }: Call, parts: Parts, user: User | undefined, tags: readonly string[]): Promise<Found> {
  const parameters = new Map(readForm(query.replaceAll(';', '&')));
  const [page, pageSize] = [readCount(parameters, 'p', 1), readCount(parameters, 'n', usualPageSize)];
  const search: Search = { text: parameters.get('q') ?? '', tags, page, pageSize };
  const all = await matching(search, parameters, user, parts);
  const from = (page - 1) * pageSize;
  return { search, total: all.length, entries: all.slice(from, from + pageSize) };
}

/** The tags of the path, and the format. Tags are encoded twice there: once as they are kept, once for the path. */
function splitPart(part: string): [tags: readonly string[], format: string] {
  const [, list = '', format = ''] = /^(.*?)\/?(?:results\.([^/]*))?$/s.exec(part)!;
  return [list.split(';').flatMap((tag) => decoded(tag) || []), format];
}

function decoded(tag: string): string {
  try {
    return decodeURIComponent(tag);
  } catch {
    return tag;
  }
}

function readCount(parameters: ReadonlyMap<string, string>, name: string, usual: number): number {
  const text = parameters.get(name);
  if (text === undefined) return usual;
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0) throw badRequest(`Cannot read ${name}: give a whole number above 0.`);
  return Number(text);
}

async function matching(
  { text, tags }: Search,
  parameters: ReadonlyMap<string, string>,
  user: User | undefined,
  { directory }: Parts,
): Promise<readonly SeriesEntry[]> {
  const key = parameters.get('anyseries_key');
  if (key !== undefined) {
    const entry = user && isKey(key) ? await directory.findByKey(user, key) : undefined;
    return entry !== undefined && (canWrite(user!, entry) || entry.isPublic) ? [entry] : [];
  }
  const owner = parameters.get('u');
  const words = text.toLowerCase().split(/\s+/);
  const found: SeriesEntry[] = [];
  for await (const entry of directory.list(user)) {
    if (isOwnedBy(entry, owner, user) && tags.every((tag) => entry.series.tags.includes(tag)) && holds(entry, words)) found.push(entry);
  }
  return found.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
}

function isKey(text: string): boolean {
  try {
    return checkKey(text) === text;
  } catch {
    return false;
  }
}

/** `me` is who asks; what nobody owns is everybody's of the project. */
function isOwnedBy(entry: SeriesEntry, owner: string | undefined, user: User | undefined): boolean {
  if (owner === undefined) return true;
  if (owner === 'me' || owner === user?.name) return user !== undefined && canWrite(user, entry);
  return entry.owner === owner;
}

function holds(entry: SeriesEntry, words: readonly string[]): boolean {
  const { description = '' } = entry.series.attributes;
  const text = [titleOf(entry), captionOf(entry), description, ...entry.series.tags].join('\n').toLowerCase();
  return words.every((word) => text.includes(word));
}

export function titleOf({ series: { name, key } }: SeriesEntry): string {
  return name ?? key;
}

export function captionOf(entry: SeriesEntry): string {
  return entry.series.attributes.caption ?? titleOf(entry);
}

function jsonResults({ search, total, entries }: Found, show: (entry: SeriesEntry) => object): Response {
  return jsonAnswer(200, { total, page: search.page, pagesize: search.pageSize, results: entries.map(show) });
}

function thin(entry: SeriesEntry): object {
  return { name: entry.id, title: titleOf(entry) };
}

function fat(entry: SeriesEntry): object {
  const { tags, attributes } = entry.series;
  const { description } = attributes;
  const visibility = entry.isPublic ? { public: true } : {};
  return { ...thin(entry), caption: captionOf(entry), description, tags, owner: entry.owner, ...visibility };
}

/** An extension: everything, for programs that keep more here than the service knew. */
function full(entry: SeriesEntry): object {
  const { key, tags, attributes } = entry.series;
  return { ...thin(entry), key, attributes, tags, owner: entry.owner, public: entry.isPublic };
}
