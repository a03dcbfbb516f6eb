import { AnySeriesError, isAnySeriesError, show } from '../errors.ts';
import type { SeriesRef } from '../series-ref.ts';
import type { Lane } from './lanes.ts';

/** A series as one writer knows it: looked up once per point, or not at all when the point carries the ref. */
export interface KnownSeries {
  readonly owner: object;
  readonly ref: SeriesRef;
  readonly lane: Lane;
  /** The last batch that it was put into, and its place among the refs there. */
  batch: number;
  place: number;
}

/** A ref of the sink, with what the writer keeps there. */
interface MarkedRef extends SeriesRef {
  writerSeries?: KnownSeries;
}

/** The series that one writer has met. */
export interface SeriesTable {
  /** The series under a key or a ref, if it was met before. */
  known(series: unknown): KnownSeries | undefined;
  /** @throws AnySeriesError `invalid` that names `field` */
  find(series: unknown, field: string): KnownSeries;
}

/** So many are kept; beyond, all are forgotten and met anew, so that memory stays bounded. */
const maxKnown = 100_000;

/** `refOf` is the sink's `ref`: it knows which keys the backend takes. */
export function createSeriesTable(refOf: (key: string) => SeriesRef, lanes: readonly Lane[]): SeriesTable {
  const byKey = new Map<string, KnownSeries>();
  const owner = {};

  function known(series: unknown): KnownSeries | undefined {
    if (typeof series === 'string') return byKey.get(series);
    if (typeof series !== 'object' || series === null) return undefined;
    const marked = (series as MarkedRef).writerSeries;
    if (marked?.owner === owner) return marked;
    const { key } = series as Partial<SeriesRef>;
    return typeof key === 'string' ? byKey.get(key) : undefined;
  }

  function find(series: unknown, field: string): KnownSeries {
    const found = known(series);
    if (found !== undefined) return found;
    const isRef = typeof series === 'object' && series !== null && 'key' in series;
    const ref: MarkedRef = checkedRef(isRef ? series.key : series, field);
    if (byKey.size >= maxKnown) byKey.clear();
    const met: KnownSeries = { owner, ref, lane: lanes[laneOf(ref.key, lanes.length)]!, batch: 0, place: 0 };
    byKey.set(ref.key, met);
    ref.writerSeries = met;
    return met;
  }

  function checkedRef(key: unknown, field: string): SeriesRef {
    try {
      return refOf(key as string);
    } catch (error) {
      if (!isAnySeriesError(error)) throw error;
      const named = error.message.startsWith('series:') ? error.message.slice('series:'.length) : ` ${show(key)}: ${error.message}`;
      throw new AnySeriesError(error.code, `${field}:${named}`);
    }
  }

  return { known, find };
}

/** Spreads keys over lanes, the same in every process (FNV-1a). */
export function laneOf(key: string, lanes: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % lanes;
}
