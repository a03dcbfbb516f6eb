import { type PointBatch, type Value, valueAt } from '@anyseries/core';
import { encodeNumber } from './json.ts';
import { toMicroseconds } from './time.ts';

/** The series of an import: the rows of a batch that are points of it, in order. */
export interface ImportSeries {
  /** `{"name":"cpu","data":[`, see {@link seriesPrefix}. */
  readonly prefix: string;
  readonly rows: ArrayLike<number>;
}

/** What stays the same for all points of a series. */
export function seriesPrefix(name: string): string {
  return `{"name":${JSON.stringify(name)},"data":[`;
}

/** The body of an import of the form of series (section 4.4), times in microseconds. All points of the neutral provider go through here. */
export function encodeImport(projectId: number, deviceId: string, series: Iterable<ImportSeries>, batch: PointBatch): string {
  const { times, values } = batch;
  let body = `{"project_id":${projectId},"device_id":${JSON.stringify(deviceId)},"timefmt":"usec","sources":[`;
  let separator = '';
  for (const { prefix, rows } of series) {
    body += separator + prefix;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      const value = values[row]!;
      const text = Number.isNaN(value) ? encodeOther(valueAt(batch, row)) : encodeNumber(value);
      body += `${i === 0 ? '' : ','}{"time":${toMicroseconds(times[row]!)},"value":${text}}`;
    }
    body += ']}';
    separator = ',';
  }
  return `${body}]}`;
}

function encodeOther(value: Value): string {
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
}
