import { AnySeriesError, type CallOptions, type TimeInput, toTime, type Value } from '@anyseries/core';
import { path, readJson, readText } from '@anyseries/core/http';
import { checkObject, invalid, show } from '@anyseries/core/provider';
import { dataAnswer } from '../wire/answers.ts';
import { readExport } from '../wire/export.ts';
import { parseTime, readTimeFormat, type TimeFormat } from '../wire/time.ts';
import type { Call } from './call.ts';
import type { Condition, DataQuery, DataTable, ExportQuery, SeriesData } from './model.ts';
import { parametersOf } from './parameters.ts';

export interface QueryCalls {
  /** Reads streams of devices (4.5); those without points are left out. */
  query(query?: ExportQuery, options?: CallOptions): Promise<readonly SeriesData[]>;
  /** The same as CSV. */
  queryCsv(query?: ExportQuery, options?: CallOptions): Promise<string>;
  /** Reads rows of a namespace (4.6), the newest first; `undefined` where there are none. */
  queryData(namespace: string, query?: DataQuery, options?: CallOptions): Promise<DataTable | undefined>;
  /** The same as CSV. */
  queryDataCsv(namespace: string, query?: DataQuery, options?: CallOptions): Promise<string>;
}

const exportNames = 'deviceId series limit from to greaterThan lessThan equals operator groupBy timeFormat'.split(' ');
const dataNames = 'field limit limitBy from to where operator groupBy limitPeriods timeFormat'.split(' ');

export function createQueryCalls(call: Call): QueryCalls {
  function ask(query: ExportQuery, output: 'json' | 'csv', options: unknown) {
    return call(options, ({ send, connection }, context) => {
      const { deviceId = 'all', series = 'all', ...rest } = checkObject(query, exportNames, 'query') as ExportQuery;
      const target = path`/v1/exports/${connection.projectId('read')}/${deviceId}/${series}`;
      return send('read', { path: target, search: { ...exportSearch(rest), ...outputSearch(output) } }, context);
    });
  }

  function askData(namespace: string, query: DataQuery, output: 'json' | 'csv', options: unknown) {
    return call(options, ({ send }, context) => {
      const { field, ...rest } = checkObject(query, dataNames, 'query') as DataQuery;
      const target = field === undefined ? path`/v1/data/${namespace}` : path`/v1/data/${namespace}/${field}`;
      const search = new URLSearchParams({ ...dataSearch(rest), ...outputSearch(output) });
      for (const condition of rest.where ?? []) search.append('where', conditionText(condition));
      return send('read', { path: target, search }, context);
    });
  }

  return {
    async query(query = {}, options) {
      const found = await readExport(await ask(query, 'json', options));
      return found.map(({ times, values, ...series }) => ({ ...series, points: times.map((time, i) => ({ time, value: values[i]! })) }));
    },
    queryCsv: async (query = {}, options) => readText(await ask(query, 'csv', options)),
    async queryData(namespace, query = {}, options) {
      const format = query.timeFormat ?? 'usec';
      const answer = await askData(namespace, query, 'json', options);
      const [table] = (await readJson(answer, dataAnswer)).result;
      return table && { fields: table.fields, rows: table.values.map((row) => readRow(row, format)) };
    },
    queryDataCsv: async (namespace, query = {}, options) => readText(await askData(namespace, query, 'csv', options)),
  };
}

function outputSearch(output: 'json' | 'csv'): Record<string, string> {
  return output === 'csv' ? { output } : {};
}

function exportSearch({ limit, from, to, greaterThan, lessThan, equals, operator, groupBy, timeFormat = 'usec' }: ExportQuery) {
  return parametersOf({
    limit,
    from: from === undefined ? undefined : milliseconds(from, 'query.from'),
    to: to === undefined ? undefined : milliseconds(to, 'query.to'),
    greater_than: greaterThan,
    less_than: lessThan,
    equals,
    operator,
    group_by: groupBy,
    timefmt: checkFormat(timeFormat),
  });
}

function dataSearch({ limit, limitBy, from, to, operator, groupBy, limitPeriods, timeFormat = 'usec' }: DataQuery) {
  const times = from === undefined && to === undefined ? undefined : `${instant(from, 'query.from')},${instant(to, 'query.to')}`;
  return parametersOf({
    limit,
    limit_by: limitBy && `${limitBy.field},${limitBy.count}`,
    time: times,
    operator,
    group_by: groupBy?.join(','),
    limit_periods: limitPeriods,
    timefmt: checkFormat(timeFormat),
  });
}

function conditionText({ field, is, value }: Condition): string {
  return `${is}(${field},${typeof value === 'string' ? quoted(value) : value})`;
}

/** Bare where it can be: that is how the clients of the service wrote it. */
function quoted(text: string): string {
  return /^[\w:.-]+$/.test(text) ? text : `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** A text that is no date is one of the service's own, such as `now()-2h`. */
function instant(time: TimeInput | undefined, field: string): string {
  if (time === undefined) return '';
  return typeof time === 'string' && time.startsWith('now()') ? time : String(milliseconds(time, field));
}

function milliseconds(time: TimeInput, field: string): number {
  return Math.floor(toTime(time, field));
}

function checkFormat(format: unknown): TimeFormat {
  const known = typeof format === 'string' ? readTimeFormat(format) : undefined;
  if (known === undefined) throw invalid('query.timeFormat', `${show(format)} is none of sec, msec, usec and timeval`);
  return known;
}

function readRow([time, ...cells]: readonly unknown[], format: TimeFormat): DataTable['rows'][number] {
  const told = parseTime(time, format);
  if (told === undefined || !cells.every(isCell)) throw new AnySeriesError('protocol', 'the answer holds a row that is none');
  return [told, ...(cells as (Value | null)[])];
}

function isCell(cell: unknown): boolean {
  return cell === null || ['number', 'bigint', 'boolean', 'string'].includes(typeof cell);
}
