import type { FoldRequest } from '@anyseries/core/provider';

/** Whether the service can be asked for a rollup: it knows no periods with fractions of a second, and no other order than ascending. */
export function rollsUp({ every: { unit, count } }: FoldRequest, descending: boolean): boolean {
  return !descending && (unit !== 'ms' || count % 1000 === 0);
}
