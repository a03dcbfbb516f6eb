import { type PointBatch, type SeriesRef, type Value, valueAt } from '@anyseries/core';

/** What a series carries through the encoder: the beginning of its dataset, and the bytes by which that is longer than usual. */
interface Slot {
  readonly head: string;
  readonly extraBytes: number;
}

/** Characters of a graph id that a server has made. */
const usualIdLength = 20;
const tail = ']}';

/** Bytes of a dataset beside its points, with the comma that parts it from the next. */
export const datasetBytes = '{"graph":"","points":[]},'.length + usualIdLength;

/** Names the graph that takes the points of a series. Has to come before its points are measured or encoded. */
export function assignGraph(ref: SeriesRef, graph: string): void {
  const escaped = JSON.stringify(graph);
  ref.slot = {
    head: `{"graph":${escaped},"points":[`,
    extraBytes: Math.max(0, byteLength(escaped) - 2 - usualIdLength),
  } satisfies Slot;
}

/** What stands behind the count of a point without a note: nothing, or as the original client wrote it, an empty one. */
export type NoNote = '' | ',"text":""';

/**
 * The datasets of a batch, one per series: `[{"graph":G,"points":[{"time":T,"count":C},...]},...]`. The same batch gives the same bytes, because a
 * server that remembers idempotency keys compares them.
 */
export function encodeDatasets(batch: PointBatch, noNote: NoNote): string {
  const points = batch.refs.map(() => '');
  for (let row = 0; row < batch.length; row++) {
    const place = batch.series[row]!;
    const point = encodePoint(batch.times[row]!, valueAt(batch, row), noNote);
    points[place] = points[place] === '' ? point : `${points[place]},${point}`;
  }
  return `[${batch.refs.map(({ slot }, place) => `${(slot as Slot).head}${points[place]}${tail}`).join(',')}]`;
}

/** The bytes that a point takes in a request, with the comma that parts it from the next. */
export function pointBytes({ slot }: SeriesRef, time: number, value: Value, noNote: NoNote): number {
  return byteLength(encodePoint(time, value, noNote)) + 1 + ((slot as Slot | undefined)?.extraBytes ?? 0);
}

/** A value that carries a note with its count: only texts do, in this one form. */
export function notedCount(count: number, note: string): string {
  return `${count} ${note}`;
}

/** Times are whole seconds here, in milliseconds. */
function encodePoint(time: number, value: Value, noNote: NoNote): string {
  const seconds = Math.round(time / 1000);
  if (typeof value !== 'string') return `{"time":${seconds},"count":${value}${noNote}}`;
  const blank = value.indexOf(' ');
  return `{"time":${seconds},"count":${value.slice(0, blank)},"text":${JSON.stringify(value.slice(blank + 1))}}`;
}

const encoder = new TextEncoder();

function byteLength(text: string): number {
  // most of what is measured is ASCII
  return /^[\x20-\x7f]*$/.test(text) ? text.length : encoder.encode(text).length;
}
