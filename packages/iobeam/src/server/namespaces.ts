import type { Json } from '@anyseries/core';
import { compareCodePoints } from '@anyseries/core/provider';
import { namespaceLabel } from '../series-address.ts';
import { isObject } from '../wire/json.ts';
import { isReservedName } from '../wire/names.ts';
import { formatIsoDate } from '../wire/time.ts';
import { emptyAnswer, jsonAnswer } from './answer.ts';
import { type Body, type Call, parameter } from './call.ts';
import { type Field, type FieldType, typeOf } from './field-records.ts';
import { type Guard, type OpenProject, projectIdOf } from './guard.ts';
import { isNamespaceName, type Namespace } from './namespace-records.ts';
import { badField, notFound } from './refusal.ts';
import type { Routes } from './router.ts';
import type { Placed } from './series-lookup.ts';

const fieldTypes: ReadonlySet<unknown> = new Set<FieldType>(['LONG', 'DOUBLE', 'BOOLEAN', 'STRING']);

/** Section 4.7. */
export function namespaceRoutes(guard: Guard): Routes {
  return {
    namespaces: { GET: look, POST: create },
    'namespaces/:': { GET: get, PUT: replace },
  };

  async function look(call: Call): Promise<Response> {
    const project = await guard.project(call, 'read');
    const name = parameter(call, 'namespace_name') ?? parameter(call, 'name');
    const all = await project.namespaces.list();
    const found = name === undefined ? all : all.filter((namespace) => namespace.name === name);
    return jsonAnswer(200, { namespaces: await Promise.all(found.map((namespace) => describe(project, namespace))) });
  }

  async function get(call: Call): Promise<Response> {
    const project = await guard.project(call, 'read');
    return jsonAnswer(200, await describe(project, await find(project, call)));
  }

  async function create(call: Call): Promise<Response> {
    const { project, body } = await openForBody(call);
    const { namespace_name, name = namespace_name, partitioning_field: partitionedBy } = body;
    if (!isNamespaceName(name)) throw badField('Invalid namespace_name');
    if (!isFieldName(partitionedBy) || !isLabelName(partitionedBy)) throw badField('Invalid partitioning_field');
    const fields = readFields(body);
    const labels = readLabels(body);
    const namespace = await project.namespaces.create({ name, partitionedBy, labels });
    await addFields(project, namespace.id, [{ name: partitionedBy, type: fields.get(partitionedBy) ?? 'STRING' }, ...toList(fields)]);
    return jsonAnswer(201, await describe(project, namespace), { location: `/v1/namespaces/${namespace.id}` });
  }

  /** Fields can be added, and labels are those of the body; nothing else changes. */
  async function replace(call: Call): Promise<Response> {
    const { project, body } = await openForBody(call);
    const { namespace_name, name = namespace_name, partitioning_field: partitionedBy } = body;
    const fields = readFields(body);
    const labels = readLabels(body);
    const namespace = await find(project, call);
    if (name !== undefined && name !== namespace.name) throw badField('namespace_name cannot be changed');
    if (partitionedBy !== undefined && partitionedBy !== namespace.partitionedBy) throw badField('partitioning_field cannot be changed');
    const given = new Map(Array.from(fields, ([field, type]) => [field.toLowerCase(), type]));
    for (const { name: field, type } of await project.fields.list(namespace.id)) {
      if (given.get(field.toLowerCase()) !== type) throw badField('Fields can only be added', field);
    }
    await addFields(project, namespace.id, toList(fields));
    await project.namespaces.relabel(namespace.id, labels);
    return emptyAnswer(204);
  }

  async function openForBody(call: Call): Promise<{ project: OpenProject; body: Body }> {
    let body: Body = {};
    const project = await guard.project(call, 'write', async () => {
      body = await call.json();
      return projectIdOf(body);
    });
    return { project, body };
  }
}

async function find(project: OpenProject, { parts }: Call): Promise<Namespace> {
  const found = /^\d{1,15}$/.test(parts[0]!) ? await project.namespaces.find(Number(parts[0])) : undefined;
  if (found === undefined) throw notFound('Namespace');
  return found;
}

async function addFields({ store, fields }: OpenProject, namespace: number, given: readonly Field[]): Promise<void> {
  await store.transaction(async (tx) => {
    for (const field of given) await fields.ensure(tx, namespace, field, true);
  });
}

/** The fields of a namespace. Those that other protocols have made are entered when they are first seen, with the type of their newest value. */
export async function fieldsOf(project: OpenProject, namespace: Namespace, series: readonly Placed[]): Promise<readonly Field[]> {
  const kept = await project.fields.list(namespace.id);
  const names = new Set(kept.map(({ name }) => name.toLowerCase()));
  const strangers = new Map<string, Placed>();
  for (const placed of series) if (!names.has(placed.name.toLowerCase())) strangers.set(placed.name.toLowerCase(), placed);
  if (strangers.size === 0) return kept;
  const newest = await project.store.latest([...strangers.values()].map(({ key }) => key));
  const types = new Map(newest.map(({ series: key, value }) => [key, typeOf(value)]));
  const found = [...strangers.values()].flatMap(({ key, name }) => (types.has(key) ? [{ name, type: types.get(key)! }] : []));
  await addFields(project, namespace.id, found);
  return [...kept, ...found];
}

/** The name stands twice: clients of both spellings are about (section 4.7). */
async function describe(project: OpenProject, namespace: Namespace) {
  const { id, name, partitionedBy, created, modified, labels } = namespace;
  const others = (await project.namespaces.list()).filter((other) => other.id !== id);
  const fields = [...(await fieldsOf(project, namespace, await project.lookup.all(namespace, others)))];
  fields.sort((a, b) => Number(b.name === partitionedBy) - Number(a.name === partitionedBy) || compareCodePoints(a.name, b.name));
  return {
    namespace_id: id,
    project_id: project.id,
    namespace_name: name,
    partitioning_field: partitionedBy,
    created: formatIsoDate(created),
    last_modified: formatIsoDate(modified),
    fields: Object.fromEntries(fields.map((field) => [field.name, field.type])),
    labels,
    name,
  };
}

function readFields({ fields }: Body): Map<string, FieldType> {
  if (fields === undefined || fields === null) return new Map();
  if (!isObject(fields)) throw badField('Invalid fields');
  for (const [name, type] of Object.entries(fields)) {
    if (!isFieldName(name) || !fieldTypes.has(type)) throw badField('Invalid fields', name);
  }
  return new Map(Object.entries(fields) as [string, FieldType][]);
}

function toList(fields: ReadonlyMap<string, FieldType>): Field[] {
  return Array.from(fields, ([name, type]) => ({ name, type }));
}

function readLabels({ labels }: Body): Record<string, Json> {
  if (labels === undefined || labels === null) return {};
  if (isObject(labels))
    return JSON.parse(JSON.stringify(labels, (_, value) => (typeof value === 'bigint' ? Number(value) : value))) as Record<string, Json>;
  throw badField('Invalid labels');
}

function isFieldName(name: unknown): name is string {
  return (
    typeof name === 'string' && name !== '' && name.length <= 255 && name.isWellFormed() && !name.includes('\0') && !isReservedName(name)
  );
}

/** What partitions a namespace is a label of its series. */
function isLabelName(name: string): boolean {
  return name !== namespaceLabel && /^[^="{},\\\n]+$/.test(name);
}
