import type { PointInput, Transaction } from '@anyseries/core';
import { faultCodes } from '../wire/fault.ts';
import { deviceField, inputNamespace } from '../wire/names.ts';
import { emptyAnswer } from './answer.ts';
import type { Body, Call } from './call.ts';
import type { ServerContext } from './context.ts';
import { ensureDevice, isRegistered } from './devices.ts';
import { type FieldType, typeConflict, typeOf, widened } from './field-records.ts';
import { type Guard, type OpenProject, projectIdOf } from './guard.ts';
import { type ImportedValue, readImport } from './import-body.ts';
import type { Namespace } from './namespace-records.ts';
import { notFound, Refusal } from './refusal.ts';
import type { Routes } from './router.ts';
import { keyInNamespace, type Spellings } from './series-lookup.ts';

/** The values of one field in a request. */
interface Column {
  readonly name: string;
  /** The type that takes all of them, as far as there is one. */
  type: FieldType;
  isMixed: boolean;
  readonly values: ImportedValue[];
}

/** By name in lower case. */
type Columns = ReadonlyMap<string, Column>;

/** Section 4.4. A request is stored as a whole or not at all. */
export function importRoutes({ clock, settings }: ServerContext, guard: Guard): Routes {
  const takesMixed = settings.typeConflicts === 'store';
  return { imports: { POST: importValues } };

  async function importValues(call: Call): Promise<Response> {
    let body: Body = {};
    const project = await guard.project(call, 'write', async () => {
      body = await call.json();
      return projectIdOf(body);
    });
    const { namespace: name, size, values } = readImport(body);
    const present = await project.namespaces.named(name);
    const partitionedBy = present?.partitionedBy ?? deviceField;
    const columns = collect(values(partitionedBy));
    const devices = partitionedBy === deviceField ? partitionsOf(columns) : new Set<string>();
    if (settings.unknownDevices === 'refuse') await checkRegistered(project, devices);
    if (size > settings.maxPoints)
      throw new Refusal(413, faultCodes.tooMany, 'Too many data points in one request', `at most ${settings.maxPoints}`);
    const mixed = columns.values().find(({ isMixed }) => isMixed);
    if (mixed !== undefined && !takesMixed) throw typeConflict(mixed);
    if (columns.size === 0) return emptyAnswer(200);
    const namespace = present ?? (await project.namespaces.ensure(name));
    const points = await pointsOf(project, namespace, columns);
    await project.store.transaction(async (tx) => {
      for (const device of devices) await ensureDevice(tx, device, clock.now());
      await ensureFields(tx, project, namespace, columns);
      tx.write(points);
    });
    return emptyAnswer(200);
  }

  async function ensureFields(tx: Transaction, { fields }: OpenProject, { id, partitionedBy }: Namespace, columns: Columns): Promise<void> {
    await fields.ensure(tx, id, { name: partitionedBy, type: 'STRING' }, true);
    for (const { name, type } of columns.values()) await fields.ensure(tx, id, { name, type }, takesMixed);
  }
}

/** The values by field, whatever the case of its letters. */
function collect(values: Iterable<ImportedValue>): Columns {
  const columns = new Map<string, Column>();
  for (const imported of values) {
    const lower = imported.name.toLowerCase();
    const type = typeOf(imported.value);
    let column = columns.get(lower);
    if (column === undefined) {
      column = { name: imported.name, type, isMixed: false, values: [] };
      columns.set(lower, column);
    }
    column.values.push(imported);
    const wide = widened(column.type, type);
    column.isMixed ||= wide === undefined;
    column.type = wide ?? column.type;
  }
  return columns;
}

function partitionsOf(columns: Columns): Set<string> {
  const partitions = new Set<string>();
  for (const { values } of columns.values()) for (const { partition } of values) partitions.add(partition);
  return partitions;
}

async function checkRegistered({ store }: OpenProject, devices: Iterable<string>): Promise<void> {
  for (const device of devices) if (!(await isRegistered(store, device))) throw notFound('Device');
}

async function pointsOf(project: OpenProject, namespace: Namespace, columns: Columns): Promise<PointInput[]> {
  const usual = new Map<string, string>();
  for (const [lower, { name }] of columns) usual.set(lower, (await project.fields.find(namespace.id, name))?.name ?? name);
  const keyOf = namespace.name === inputNamespace ? await keysInInput(project, columns, usual) : keysElsewhere(namespace, usual);
  const points: PointInput[] = [];
  for (const [lower, { values }] of columns) {
    for (const { partition, time, value } of values) points.push({ series: keyOf(partition, lower), time, value });
  }
  return points;
}

type KeyOf = (partition: string, lowerName: string) => string;

async function keysInInput({ lookup }: OpenProject, columns: Columns, usual: ReadonlyMap<string, string>): Promise<KeyOf> {
  const wanted = new Map<string, Map<string, Spellings>>();
  for (const [lower, { values }] of columns) {
    for (const { partition, name } of values) {
      const names = wanted.get(partition) ?? new Map<string, Spellings>();
      wanted.set(partition, names);
      if (!names.has(lower)) names.set(lower, { given: name, usual: usual.get(lower)! });
    }
  }
  const keys = new Map<string, ReadonlyMap<string, string>>();
  for (const [device, names] of wanted) keys.set(device, await lookup.keysFor(device, names));
  return (device, lower) => keys.get(device)!.get(lower)!;
}

function keysElsewhere(namespace: Namespace, usual: ReadonlyMap<string, string>): KeyOf {
  const keys = new Map<string, string>();
  return (partition, lower) => {
    const place = `${lower}\0${partition}`;
    const key = keys.get(place) ?? keyInNamespace(namespace, partition, usual.get(lower)!);
    keys.set(place, key);
    return key;
  };
}
