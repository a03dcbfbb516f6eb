import type { PointBatch, SeriesRef } from '@anyseries/core';
import { createBatchBuilder } from '@anyseries/core/provider';
import { parseTimestamp } from '../wire/timestamp.ts';
import { isName } from './directory.ts';

/** Why an element of a body is no point, as the service says it (section 5.8). */
export interface Fault {
  readonly status: '403' | '422';
  readonly messages: readonly string[];
}

/** The points of a body. */
export interface ReadPoints {
  readonly batch: PointBatch;
  /** Per row of the batch, the index of its element. */
  readonly indices: readonly number[];
  readonly faults: ReadonlyMap<number, Fault>;
}

/** An element of a body: `{"t","v"}`, with `"id"` or `"key"` where the path names no series. */
export interface Element {
  readonly t?: unknown;
  readonly v?: unknown;
  readonly id?: unknown;
  readonly key?: unknown;
}

/** What an element without a series is told. */
type Unnamed = 'missing' | 'invalid' | 'unknown';

const namingMessages = { missing: 'Must provide a series ID or key', invalid: 'Invalid series key' } as const;
const forbidden: Fault = { status: '403', messages: ['Forbidden'] };

export interface PointSource {
  readonly elements: readonly unknown[];
  /** The time of elements that have none. */
  readonly now: number;
  /** The time of all elements, whatever they have. */
  readonly time?: number | undefined;
  seriesOf(element: Element): SeriesRef | Unnamed;
  /** Rows to be left out. */
  readonly refused?: ReadonlyMap<number, Fault>;
}

/** Sorts the elements of a body into points and faults. All points of a request go through here. */
export function readPoints({ elements, now, time, seriesOf, refused }: PointSource): ReadPoints {
  const builder = createBatchBuilder(elements.length);
  const indices: number[] = [];
  const faults = new Map(refused);
  for (let index = 0; index < elements.length; index++) {
    if (refused?.has(index)) continue;
    const element = toElement(elements[index]);
    const value = toValue(element.v);
    const series = seriesOf(element);
    const pointTime = time ?? toTime(element.t, now);
    if (value === undefined || pointTime === undefined || typeof series === 'string') {
      faults.set(index, faultOf(value, series, pointTime));
    } else {
      builder.add(series, pointTime, value);
      indices.push(index);
    }
  }
  return { batch: builder.build(), indices, faults };
}

const nothing: Element = {};

function toElement(given: unknown): Element {
  return typeof given === 'object' && given !== null && !Array.isArray(given) ? given : nothing;
}

/** Section 4.6. */
function toValue(given: unknown): number | bigint | undefined {
  if (typeof given === 'number') return Number.isFinite(given) ? given : undefined;
  if (typeof given === 'boolean') return given ? 1 : 0;
  return typeof given === 'bigint' ? given : undefined;
}

/** A time that is absent is now; one that cannot be read is `undefined`. */
export function toTime(given: unknown, now: number): number | undefined {
  if (typeof given === 'string') return parseTimestamp(given);
  return given === undefined || given === null ? now : undefined;
}

function faultOf(value: unknown, series: SeriesRef | Unnamed, time: number | undefined): Fault {
  const messages = [
    ...(value === undefined ? ['Must provide a numeric value'] : []),
    ...(series === 'missing' || series === 'invalid' ? [namingMessages[series]] : []),
    ...(time === undefined ? ['Invalid timestamp'] : []),
  ];
  return messages.length === 0 ? forbidden : { status: '422', messages };
}

/** The ids that elements name. */
export function idsOf(elements: readonly unknown[]): Set<string> {
  const ids = new Set<string>();
  for (const element of elements) {
    const { id } = toElement(element);
    if (isGiven(id)) ids.add(id);
  }
  return ids;
}

/** Finds the series that elements name, each key's once. An id counts before a key. */
export function createNaming(keysById: ReadonlyMap<string, string>): PointSource['seriesOf'] {
  const refs = new Map<string, SeriesRef>();

  function refOf(key: string): SeriesRef | 'invalid' {
    const known = refs.get(key);
    if (known !== undefined) return known;
    if (!isName(key)) return 'invalid';
    const ref = { key, slot: undefined };
    refs.set(key, ref);
    return ref;
  }

  return ({ id, key }) => {
    if (isGiven(id)) {
      const named = keysById.get(id);
      return named === undefined ? 'unknown' : refOf(named);
    }
    return isGiven(key) ? refOf(key) : 'missing';
  };
}

function isGiven(name: unknown): name is string {
  return typeof name === 'string' && name !== '';
}
