import { toTime } from '@anyseries/core';
import { floorTime, invalid, show } from '@anyseries/core/provider';
import { csvRow } from '../wire/encode-csv.ts';
import type { TimetricValue } from '../wire/value.ts';
import type { Data, RowInput } from './model.ts';

/** So many rows, or so many characters, go into one request; the end of a line ends a piece. */
const pieceRows = 10_000;
const pieceLength = 1 << 20;

/**
 * Data as CSV, in pieces of whole lines. What is one text already stays one piece, so that it is stored as a whole or not at all.
 *
 * @throws AnySeriesError `invalid` that names the row
 */
export async function* toCsv(data: Data, field: string): AsyncGenerator<string> {
  if (typeof data === 'string') yield data;
  else if (data instanceof Blob) yield* lines(data.stream());
  else if (isIterable(data)) yield* pieces(data, field);
  else throw invalid(field, `${show(data)} is no number, no rows, no text, no file and no stream`);
}

/** Data as one text. */
export async function toCsvText(data: Data, field: string): Promise<string> {
  return (await Array.fromAsync(toCsv(data, field))).join('');
}

function isIterable(data: unknown): data is Iterable<unknown> | AsyncIterable<unknown> {
  return typeof data === 'object' && data !== null && (Symbol.iterator in data || Symbol.asyncIterator in data);
}

/** Rows, or parts of a text cut anywhere: which of the two, each element tells. */
async function* pieces(elements: Iterable<unknown> | AsyncIterable<unknown>, field: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = '';
  let rows = 0;
  let place = 0;
  for await (const element of elements) {
    if (typeof element === 'string') text += element;
    else if (element instanceof Uint8Array) text += decoder.decode(element, { stream: true });
    else {
      text += rowText(element, `${field}[${place}]`);
      rows++;
    }
    place++;
    if (rows < pieceRows && text.length < pieceLength) continue;
    const end = text.lastIndexOf('\n') + 1;
    if (end === 0) continue;
    yield text.slice(0, end);
    text = text.slice(end);
    rows = 0;
  }
  text += decoder.decode();
  if (text !== '') yield text;
}

async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  yield* pieces(stream, 'data');
}

function rowText(row: unknown, field: string): string {
  const [time, value] = (Array.isArray(row) ? row : isRow(row) ? [row.time, row.value] : []) as readonly unknown[];
  if (time === undefined || (Array.isArray(row) && row.length !== 2)) throw invalid(field, `${show(row)} is no pair of a time and a value`);
  return csvRow(floorTime(toTime(time, `${field}.time`), 'us'), checkValue(value, `${field}.value`));
}

function isRow(row: unknown): row is Extract<RowInput, { readonly time: unknown }> {
  return typeof row === 'object' && row !== null && 'time' in row;
}

/** @throws AnySeriesError `invalid` for what the service has no type for */
export function checkValue(value: unknown, field: string): TimetricValue {
  if (value === null || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value;
  throw invalid(field, `${show(value)} is no finite number, no boolean and not null`);
}
