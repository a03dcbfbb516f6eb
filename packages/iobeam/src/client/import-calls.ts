import { type CallOptions, type TimeInput, toTime, type Value } from '@anyseries/core';
import { checkObject, invalid, show, toValue } from '@anyseries/core/provider';
import { checkDeviceId } from '../settings.ts';
import { inputNamespace, isReservedName } from '../wire/names.ts';
import { inUnit, isTimeUnit, type TimeUnit } from '../wire/time.ts';
import type { Call, Session } from './call.ts';
import type { DataSeries, ImportOptions, ImportTable, NamespaceTable } from './model.ts';

export interface ImportCalls {
  /** Imports points of streams in one request, all or none; the service takes 1,000 (4.4). */
  importSeries(series: readonly DataSeries[], options?: ImportOptions): Promise<void>;
  /** Imports rows in one request, all or none; the service takes 1,000 cells, empty ones included. */
  importTable(table: ImportTable, options?: ImportOptions): Promise<void>;
  /** The same into a namespace, with labels; what partitions the namespace has to be among columns or labels. */
  importRows(table: NamespaceTable, options?: CallOptions & Pick<ImportOptions, 'timeUnit'>): Promise<void>;
}

/** What an import says beside its project and its unit. */
export interface ImportBody {
  readonly search?: Readonly<Record<string, string>>;
  readonly json: Readonly<Record<string, unknown>>;
}

const ownOptions = ['deviceId', 'timeUnit'];

export function createImportCalls(call: Call, deviceOf: () => Promise<string>): ImportCalls {
  return {
    async importSeries(series, options = {}) {
      const unit = checkUnit(options.timeUnit);
      await call(
        options,
        async (session, context) => {
          const now = session.clock.now();
          const sources = checkList(series, 'series').map((each, i) => seriesJson(each as DataSeries, `series[${i}]`, unit, now));
          await importBody(session, { json: { device_id: await device(options), sources } }, unit, context);
        },
        ownOptions,
      );
    },

    async importTable(table, options = {}) {
      const unit = checkUnit(options.timeUnit);
      await call(
        options,
        async (session, context) => {
          const { fields, rows } = tableJson(table, unit);
          const json = { device_id: await device(options), sources: { fields, data: rows } };
          await importBody(session, { search: { fmt: 'table' }, json }, unit, context);
        },
        ownOptions,
      );
    },

    async importRows(table, options = {}) {
      const unit = checkUnit(options.timeUnit);
      await call(
        options,
        async (session, context) => {
          const {
            namespace = inputNamespace,
            labels = {},
            ...rest
          } = checkObject(table, ['columns', 'rows', 'namespace', 'labels'], 'table');
          const { fields, rows } = tableJson(rest as unknown as ImportTable, unit);
          await importBody(
            session,
            { search: { fmt: 'table' }, json: { data: { fields, values: rows }, labels, namespace } },
            unit,
            context,
          );
        },
        ['timeUnit'],
      );
    },
  };

  async function device({ deviceId }: ImportOptions): Promise<string> {
    return deviceId === undefined ? deviceOf() : checkDeviceId(deviceId, 'options.deviceId');
  }
}

/** A repeated import replaces what the first one stored, so that it may be sent again. */
export async function importBody(
  { send, connection }: Session,
  { search = {}, json }: ImportBody,
  unit: TimeUnit,
  context: Parameters<Session['send']>[2],
): Promise<void> {
  const timefmt = unit === 'msec' ? {} : { timefmt: unit };
  const body = { project_id: connection.projectId('write'), ...json, ...timefmt };
  await send('write', { method: 'POST', path: '/v1/imports', search, json: body, idempotent: true }, context);
}

function seriesJson(series: DataSeries, field: string, unit: TimeUnit, now: number) {
  const { name, points } = checkObject(series, ['name', 'points'], field);
  const data = checkList(points, `${field}.points`).map((point, i) => {
    const where = `${field}.points[${i}]`;
    const { time, value } = checkObject(point, ['time', 'value'], where);
    return { time: timeIn(time === undefined ? now : (time as TimeInput), unit, `${where}.time`), value: toValue(value, `${where}.value`) };
  });
  return { name: checkName(name, `${field}.name`), data };
}

function tableJson(table: ImportTable, unit: TimeUnit): { readonly fields: readonly string[]; readonly rows: readonly unknown[] } {
  const { columns, rows } = checkObject(table, ['columns', 'rows'], 'table');
  const names = checkColumns(columns, 'table.columns');
  return {
    fields: ['time', ...names],
    rows: checkList(rows, 'table.rows').map((row, i) => {
      const [time, ...values] = checkList(row, `table.rows[${i}]`) as [TimeInput, ...unknown[]];
      if (values.length !== names.length) throw invalid(`table.rows[${i}]`, `has ${values.length} values for ${names.length} columns`);
      const cells = values.map((value, k) => cellOf(value, `table.rows[${i}][${k + 1}]`));
      return [timeIn(time, unit, `table.rows[${i}][0]`), ...cells];
    }),
  };
}

export function cellOf(value: unknown, field: string): Value | null {
  return value === null ? null : toValue(value, field);
}

function timeIn(time: TimeInput, unit: TimeUnit, field: string): number {
  const told = inUnit(toTime(time, field), unit);
  if (Number.isSafeInteger(told)) return told;
  throw invalid(field, `${show(time)} is outside of the years that ${unit} can tell`);
}

/** The name of a stream. @throws AnySeriesError `invalid` that names the field */
export function checkName(name: unknown, field: string): string {
  if (typeof name !== 'string' || name === '') throw invalid(field, `${show(name)} is no name of a stream`);
  if (isReservedName(name)) throw invalid(field, `${show(name)} is reserved by the service`);
  return name;
}

/** The names of columns: no two are the same, whatever the case of their letters. */
export function checkColumns(columns: unknown, field: string): readonly string[] {
  const names = checkList(columns, field).map((name, i) => checkName(name, `${field}[${i}]`));
  const twice = names.find((name, i) => names.findIndex((other) => other.toLowerCase() === name.toLowerCase()) < i);
  if (twice !== undefined) throw invalid(field, `has ${show(twice)} twice`);
  return names;
}

function checkList(list: unknown, field: string): readonly unknown[] {
  if (Array.isArray(list)) return list;
  throw invalid(field, `${show(list)} is no list`);
}

function checkUnit(unit: unknown = 'usec'): TimeUnit {
  if (isTimeUnit(unit)) return unit;
  throw invalid('options.timeUnit', `${show(unit)} is none of sec, msec and usec`);
}
