import { toBase64 } from '../oauth/signature.ts';
import { csvRow } from '../wire/encode-csv.ts';
import { isoText } from '../wire/time.ts';
import { valueText } from '../wire/value.ts';
import type { Row, ShownRows } from './points.ts';

/** How a row is written. */
export type WriteRow = (row: Row) => string;

export const unixRow: WriteRow = ({ time, value }) => csvRow(time, value);
export const isoRow: WriteRow = ({ time, value }) => `${isoText(time)},${valueText(value)}\n`;

const partLength = 1 << 20;

/** All rows as the bytes of CSV, oldest first. In parts on the way, because no text can hold very many. */
export async function csvBytes(rows: ShownRows, write: WriteRow): Promise<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  let text = '';
  for await (const page of rows.pages()) {
    for (const row of page) text += write(row);
    if (text.length < partLength) continue;
    parts.push(encoder.encode(text));
    text = '';
  }
  parts.push(encoder.encode(text));
  return joined(parts);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Tells whether a series is still what somebody has read. */
export async function entityTag(csv: Uint8Array<ArrayBuffer>): Promise<string> {
  return `"${toBase64(new Uint8Array(await crypto.subtle.digest('SHA-256', csv)))}"`;
}
