import type { PointBatch } from '@anyseries/core';
import { type BodyWriter, utf8, writeBody } from '@anyseries/core/http';
import { encodeNumber } from './json.ts';
import { toMicroseconds } from './time.ts';

/** A batch with its rows by series, in order within each: those of place `p` are `order[starts[p]]` to `order[starts[p + 1] - 1]`. */
export interface SortedBatch {
  readonly batch: PointBatch;
  readonly order: Uint32Array;
  readonly starts: Uint32Array;
}

/** What an import is about. */
export interface ImportHead {
  readonly projectId: number;
  readonly deviceId: string;
  /** By place in the batch, all of its series with their {@link seriesPrefix}. */
  readonly series: readonly { readonly prefix: Uint8Array }[];
}

export function sortBySeries(batch: PointBatch): SortedBatch {
  const { length, refs, series } = batch;
  const starts = new Uint32Array(refs.length + 1);
  for (let row = 0; row < length; row++) starts[series[row]! + 1]!++;
  for (let place = 0; place < refs.length; place++) starts[place + 1]! += starts[place]!;
  const ends = starts.slice();
  const order = new Uint32Array(length);
  for (let row = 0; row < length; row++) order[ends[series[row]!]!++] = row;
  return { batch, order, starts };
}

/** What stays the same for all imports of a series. */
export function seriesPrefix(name: string): Uint8Array {
  return utf8(`{"name":${JSON.stringify(name)},"data":[`);
}

/**
 * The body of an import of the form of series (section 4.4): the points of some series of a batch, told by their places in it. Times are
 * in microseconds. All points
 * of the neutral provider go through here.
 */
export function encodeImport(
  { projectId, deviceId, series }: ImportHead,
  { batch, order, starts }: SortedBatch,
  places: readonly number[],
): Uint8Array<ArrayBuffer> {
  const { times, values, others } = batch;
  return writeBody((body) => {
    body.ascii(`{"project_id":${projectId},"device_id":${JSON.stringify(deviceId)},"timefmt":"usec","sources":[`);
    let separator = '';
    for (const place of places) {
      body.ascii(separator);
      separator = ',';
      body.bytes(series[place]!.prefix);
      const first = starts[place]!;
      const end = starts[place + 1]!;
      for (let at = first; at < end; at++) {
        const row = order[at]!;
        body.ascii(at === first ? '{"time":' : ',{"time":');
        writeMicroseconds(body, toMicroseconds(times[row]!));
        body.ascii(',"value":');
        const value = values[row]!;
        if (Number.isNaN(value)) body.bytes(utf8(encodeOther(others.get(row)!)));
        else writeNumber(body, value);
        body.ascii('}');
      }
      body.ascii(']}');
    }
    body.ascii(']}');
  });
}

const threeDigits = Array.from({ length: 1000 }, (_, number) => String(number).padStart(3, '0'));

/** Whole seconds by themselves: neighbours in a series share most of their digits. */
function writeMicroseconds(body: BodyWriter, microseconds: number): void {
  if (microseconds < 1_000_000) {
    body.ascii(String(microseconds));
    return;
  }
  const seconds = Math.floor(microseconds / 1_000_000);
  const rest = microseconds - seconds * 1_000_000;
  const milliseconds = Math.floor(rest / 1000);
  body.integer(seconds);
  body.ascii(threeDigits[milliseconds]!);
  body.ascii(threeDigits[rest - milliseconds * 1000]!);
}

/** `body` writes numbers as `String` does, which is not JSON that keeps all of them: see {@link encodeNumber}. */
function writeNumber(body: BodyWriter, number: number): void {
  if (number !== 0 && Math.abs(number) <= Number.MAX_SAFE_INTEGER) body.number(number);
  else body.ascii(encodeNumber(number));
}

function encodeOther(value: bigint | boolean | string): string {
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
}
