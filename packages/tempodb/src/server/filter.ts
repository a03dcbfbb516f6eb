import type { Filter } from './directory.ts';
import type { Query } from './query.ts';

/** The parameters that select series (section 4.3). */
export function readFilter(query: Query): Filter {
  return { ids: query.all('id'), keys: query.all('key'), tags: query.all('tag'), attributes: query.attributes };
}

export function isEmpty({ ids, keys, tags, attributes }: Filter): boolean {
  return ids.length + keys.length + tags.length + attributes.length === 0;
}
