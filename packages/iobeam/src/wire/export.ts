import { AnySeriesError, type Value } from '@anyseries/core';
import { type HttpResponse, readJson } from '@anyseries/core/http';
import { exportAnswer, readPoint } from './answers.ts';
import { readTimeFormat } from './time.ts';

/** A series of an answer to `GET /exports` (section 4.5), its points by ascending time. */
export interface ExportedSeries {
  readonly projectId?: number | undefined;
  readonly deviceId: string;
  readonly name: string;
  readonly times: readonly number[];
  readonly values: readonly Value[];
}

/** @throws AnySeriesError `protocol` */
export async function readExport(answer: HttpResponse): Promise<ExportedSeries[]> {
  const { result, timefmt = 'msec' } = await readJson(answer, exportAnswer);
  const format = readTimeFormat(timefmt);
  if (format === undefined)
    throw new AnySeriesError('protocol', `the times of the answer are in an unknown format ${JSON.stringify(timefmt)}`);
  return result.map(({ project_id, device_id, name, data }) => {
    const times: number[] = [];
    const values: Value[] = [];
    for (const json of data) {
      const point = readPoint(json, format);
      if (point === undefined) throw new AnySeriesError('protocol', `the answer holds a point of ${JSON.stringify(name)} that is none`);
      times.push(point.time);
      values.push(point.value);
    }
    return { projectId: project_id, deviceId: device_id, name, times, values };
  });
}
