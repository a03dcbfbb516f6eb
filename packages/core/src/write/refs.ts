import type { Capabilities } from '../capabilities.ts';
import { AnySeriesError, show } from '../errors.ts';
import { checkKey } from '../series-key.ts';
import type { SeriesRef } from '../series-ref.ts';

/** The series that one sink has met. */
export interface Refs {
  /** The series under a key or a ref (of this sink or another), if it was met before. */
  known(series: unknown): SeriesRef | undefined;
  /** @throws AnySeriesError `invalid` that names `field` */
  find(series: unknown, field: string): SeriesRef;
}

/** So many are kept; beyond, all are forgotten and met anew, so that memory stays bounded. */
const maxKnown = 100_000;

export function createRefs({ maxBytes, reserved = [] }: Capabilities['keys']): Refs {
  const byKey = new Map<string, SeriesRef>();
  const own = new WeakSet<object>();

  function known(series: unknown): SeriesRef | undefined {
    if (typeof series === 'string') return byKey.get(series);
    if (typeof series !== 'object' || series === null) return undefined;
    return own.has(series) ? (series as SeriesRef) : byKey.get((series as Partial<SeriesRef>).key as string);
  }

  function find(series: unknown, field: string): SeriesRef {
    const found = known(series);
    if (found !== undefined) return found;
    const isRef = typeof series === 'object' && series !== null && 'key' in series;
    const key = checkKey(isRef ? series.key : series, field, maxBytes);
    if (reserved.includes(key)) throw new AnySeriesError('invalid', `${field}: ${show(key)} is reserved by the backend`);
    if (byKey.size >= maxKnown) byKey.clear();
    const ref: SeriesRef = { key, slot: undefined };
    byKey.set(key, ref);
    own.add(ref);
    return ref;
  }

  return { known, find };
}
