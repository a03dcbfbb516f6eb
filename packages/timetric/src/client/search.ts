import type { CallOptions } from '@anyseries/core';
import { path, readJson, readText } from '@anyseries/core/http';
import { checkObject, invalid, show } from '@anyseries/core/provider';
import type { Parameter } from '../oauth/base-string.ts';
import { encodePercent } from '../oauth/percent.ts';
import { searchAnswer } from '../wire/answers.ts';
import type { Call } from './call.ts';
import type { FoundSeries, SearchQuery, SearchResult } from './model.ts';

export interface SearchCalls {
  /** One page of the series that fit. Anybody may look for public ones; series of one's own are found as well. */
  search(query?: SearchQuery, options?: CallOptions): Promise<SearchResult>;
  /** The same as an Atom feed, which is answered as it is. */
  searchFeed(query?: SearchQuery, options?: CallOptions): Promise<string>;
}

/** Searching ("Search" of the protocol document). */
export function createSearchCalls(call: Call): SearchCalls {
  return {
    async search(query, options) {
      const request = requestOf(query, 'fat.json');
      const { total, results } = await call(options, async (service, context) =>
        readJson(await service.send(request, context), searchAnswer),
      );
      return { ...(total === undefined ? {} : { total }), series: results.map(toFound) };
    },
    async searchFeed(query, options) {
      const request = requestOf(query, 'atom');
      return call(options, async (service, context) => readText(await service.send(request, context)));
    },
  };
}

function requestOf(query: unknown = {}, format: string): { path: string; search: Parameter[] } {
  const { text, user, tags = [], pageSize, page } = checkObject(query, ['text', 'user', 'tags', 'pageSize', 'page'], 'query');
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === 'string' && tag !== ''))
    throw invalid('query.tags', `${show(tags)} is no list of tags`);
  const fields: [name: string, value: unknown, field: string][] = [
    ['q', text, 'text'],
    ['u', user, 'user'],
    ['n', pageSize, 'pageSize'],
    ['p', page, 'page'],
  ];
  const search = fields.flatMap(([name, value, field]): Parameter[] =>
    value === undefined ? [] : [[name, fieldText(value, `query.${field}`)]],
  );
  // tags are kept encoded, and encoded once more in a path
  const place = tags.length === 0 ? '/search/' : `/tags/${tags.map((tag) => path`${encodePercent(tag)}`).join(';')}/`;
  return { path: `${place}results.${format}`, search };
}

function fieldText(value: unknown, field: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return String(value);
  throw invalid(field, `${show(value)} is neither a text nor a whole number above 0`);
}

function toFound({
  name,
  title,
  ...rest
}: { readonly name: string; readonly title: string } & Readonly<Record<string, unknown>>): FoundSeries {
  const told = Object.entries(rest).filter(([, value]) => value !== undefined && value !== null);
  return { id: name, title, ...Object.fromEntries(told) };
}
