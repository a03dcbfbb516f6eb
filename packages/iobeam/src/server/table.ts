import type { Value } from '@anyseries/core';
import { faultCodes } from '../wire/fault.ts';
import { encodeJson, type WireJson } from '../wire/json.ts';
import { type TimeFormat, writeTime, writeTimeCell } from '../wire/time.ts';
import { cellOf, csvLine } from './csv.ts';
import type { Field } from './field-records.ts';
import type { Namespace } from './namespace-records.ts';
import { Refusal } from './refusal.ts';
import type { Row } from './rows.ts';

/** An answer of `GET /data` (section 4.6); the time of a row is its first cell. */
export interface Table {
  /** Without that of the time. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly [time: number, ...cells: (Value | null)[]])[];
}

/** A namespace with all its fields. */
export interface DataSource {
  readonly namespace: Namespace;
  /** By name in lower case; what partitions the namespace is among them. */
  readonly fields: ReadonlyMap<string, Field>;
}

/** The cell of a row. What partitions a namespace is kept as a text, and told as its type says. */
export function cellAt(row: Row, field: string, { namespace, fields }: DataSource): Value | null {
  if (field !== namespace.partitionedBy.toLowerCase()) return row.cells.get(field) ?? null;
  const type = fields.get(field)?.type;
  if (type === 'BOOLEAN') return row.partition === 'true';
  const number = type === 'LONG' || type === 'DOUBLE' ? Number(row.partition) : Number.NaN;
  return Number.isNaN(number) ? row.partition : number;
}

export function tableJson({ columns, rows }: Table, format: TimeFormat): string {
  if (rows.length === 0) return `{"result":[],"timefmt":"${format}"}`;
  const values = rows.map(([time, ...cells]) => encodeJson([writeTime(time, format), ...cells] as WireJson));
  return `{"result":[{"fields":${encodeJson(['time', ...columns])},"values":[${values.join(',')}]}],"timefmt":"${format}"}`;
}

/** Columns are told with their namespace: the command-line client divides at the dot. */
export function tableCsv({ columns, rows }: Table, format: TimeFormat, namespace: string): string {
  const head = csvLine(['time', ...columns.map((name) => `${namespace}.${name}`)]);
  return head + rows.map(([time, ...cells]) => csvLine([writeTimeCell(time, format), ...cells.map(cellOf)])).join('');
}

/** More than one answer may hold. */
export function tooMany(): Refusal {
  return new Refusal(413, faultCodes.tooMany, 'Too many data points in one answer', 'narrow the time, or give a limit');
}
