import type { Value } from '@anyseries/core';
import { isStreamName } from '../series-address.ts';
import { isObject } from '../wire/json.ts';
import { deviceField, inputNamespace, isDeviceId, isReservedName } from '../wire/names.ts';
import { isTimeUnit, readTime, type TimeUnit } from '../wire/time.ts';
import type { Body } from './call.ts';
import { isNamespaceName } from './namespace-records.ts';
import { badField, type Refusal } from './refusal.ts';

/** A value on its way into the store. */
export interface ImportedValue {
  readonly partition: string;
  readonly name: string;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly value: Value;
}

/** An import of whatever form (section 4.4). */
export interface ImportBody {
  readonly namespace: string;
  /** What the limit counts: values of lists, cells of tables. */
  readonly size: number;
  /** The values, nulls left out. @throws Refusal for the first that is wrong, or that tells no partition */
  values(partitionedBy: string): Generator<ImportedValue>;
}

/** Reads an import; its form shows in its members. @throws Refusal */
export function readImport(body: Body): ImportBody {
  const unit = readUnit(body.timefmt);
  if (Array.isArray(body.sources)) return readSeriesList(body.sources, requiredDevice(body), unit);
  if (isObject(body.sources)) return readTable(body.sources, 'data', { [deviceField]: requiredDevice(body) }, inputNamespace, unit);
  if (!isObject(body.data)) throw badField('sources is required');
  const namespace = body.namespace ?? inputNamespace;
  if (!isNamespaceName(namespace)) throw badField('Invalid namespace');
  const device = body.device_id === undefined ? {} : { [deviceField]: requiredDevice(body) };
  if (body.labels !== undefined && body.labels !== null && !isObject(body.labels)) throw badField('Invalid labels');
  return readTable(body.data, body.data.values === undefined ? 'data' : 'values', { ...device, ...body.labels }, namespace, unit);
}

function readUnit(timefmt: unknown): TimeUnit {
  const unit = timefmt === undefined || timefmt === null ? 'msec' : typeof timefmt === 'string' ? timefmt.toLowerCase() : timefmt;
  if (isTimeUnit(unit)) return unit;
  throw badField('Invalid timefmt');
}

function requiredDevice({ device_id: device }: Body): string {
  if (device === undefined || device === null || device === '') throw badField('device_id is required');
  return checkDevice(device);
}

function checkDevice(device: unknown): string {
  const id = typeof device === 'string' ? device.trim() : device;
  if (isDeviceId(id)) return id;
  throw badField('Invalid device_id');
}

function readSeriesList(sources: readonly unknown[], device: string, unit: TimeUnit): ImportBody {
  const series = sources.map((source) => {
    if (!isObject(source) || !Array.isArray(source.data)) throw badField('Invalid sources');
    return { name: checkName(source.name, deviceField), points: source.data as readonly unknown[] };
  });
  return {
    namespace: inputNamespace,
    size: series.reduce((sum, { points }) => sum + points.length, 0),
    *values() {
      for (const { name, points } of series) {
        for (const point of points) {
          if (!isObject(point) || !('time' in point) || !('value' in point)) throw invalidPoint();
          const time = checkTime(point.time, unit);
          const value = checkValue(point.value);
          if (value !== undefined) yield { partition: device, name, time, value };
        }
      }
    },
  };
}

type Labels = Readonly<Record<string, unknown>>;

function readTable(table: Body, rowsName: 'data' | 'values', labels: Labels, namespace: string, unit: TimeUnit): ImportBody {
  const { fields, [rowsName]: rows } = table;
  if (!Array.isArray(fields) || !Array.isArray(rows)) throw badField('Invalid fields or rows');
  const timeColumn = fields.findIndex(isTimeField);
  if (timeColumn < 0) throw badField('Missing field time');
  const columns = fields.map((field, place) => (place === timeColumn ? '' : checkName(field)));
  const names = columns.filter((_, place) => place !== timeColumn);
  if (new Set(names.map((name) => name.toLowerCase())).size < names.length) throw badField('Duplicate field');
  const constants = Object.entries(labels).map(([name, value]) => [checkName(name), checkValue(value)] as const);

  return {
    namespace,
    size: rows.length * names.length,
    *values(partitionedBy) {
      const isPartition = (name: string) => name.toLowerCase() === partitionedBy.toLowerCase();
      for (const row of rows as readonly unknown[]) {
        if (!Array.isArray(row) || row.length !== columns.length) throw badField('Row length does not match fields');
        const time = checkTime(row[timeColumn], unit);
        const cells = new Map<string, readonly [name: string, value: Value]>();
        for (const [name, value] of constants) if (value !== undefined) cells.set(name.toLowerCase(), [name, value]);
        for (const [place, name] of columns.entries()) {
          const value = place === timeColumn ? undefined : checkValue(row[place]);
          if (value !== undefined) cells.set(name.toLowerCase(), [name, value]);
        }
        const partition = partitionOf(cells.get(partitionedBy.toLowerCase())?.[1], partitionedBy);
        for (const [name, value] of cells.values()) if (!isPartition(name)) yield { partition, name, time, value };
      }
    },
  };
}

function isTimeField(field: unknown): boolean {
  return typeof field === 'string' && field.toLowerCase() === 'time';
}

function partitionOf(value: Value | undefined, field: string): string {
  if (value === undefined) throw badField(`Missing value for ${field}`);
  return field === deviceField ? checkDevice(value) : String(value);
}

/** `partition`: a name that is none in this form, because something else tells it. */
function checkName(name: unknown, partition?: string): string {
  if (typeof name !== 'string' || name === '' || !name.isWellFormed() || name.includes('\0')) throw badField('Invalid series name');
  if (isReservedName(name) || (partition !== undefined && !isStreamName(name))) throw badField('Reserved series name', name);
  return name;
}

function checkTime(json: unknown, unit: TimeUnit): number {
  const time = readTime(json, unit);
  if (time === undefined) throw badField('Invalid time');
  return time;
}

/** `undefined`: no value, which erases nothing. */
function checkValue(json: unknown): Value | undefined {
  if (json === null) return undefined;
  if (typeof json === 'number' ? Number.isFinite(json) : typeof json === 'bigint' || typeof json === 'boolean') return json as Value;
  if (typeof json === 'string' && json.isWellFormed()) return json;
  throw invalidPoint();
}

function invalidPoint(): Refusal {
  return badField('Invalid data point');
}
