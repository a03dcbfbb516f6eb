import type { Value } from '@anyseries/core';
import { compareCodePoints } from '@anyseries/core/provider';
import { csvAnswer, encodedAnswer } from './answer.ts';
import type { Call } from './call.ts';
import type { ServerContext } from './context.ts';
import { foldRows } from './data-fold.ts';
import { type DataQuery, readDataQuery } from './data-query.ts';
import type { Guard, OpenProject } from './guard.ts';
import { fieldsOf } from './namespaces.ts';
import { readFormat, readOutput } from './query.ts';
import { badParameter, notFound } from './refusal.ts';
import type { Routes } from './router.ts';
import { type Row, readRows } from './rows.ts';
import type { Placed } from './series-lookup.ts';
import { cellAt, type DataSource, type Table, tableCsv, tableJson, tooMany } from './table.ts';

/** Section 4.6. */
export function dataRoutes({ clock, settings }: ServerContext, guard: Guard): Routes {
  return { 'data/:': { GET: query }, 'data/:/*': { GET: query } };

  async function query(call: Call): Promise<Response> {
    const project = await guard.project(call, 'read');
    const [name, field = 'all'] = call.parts;
    const wanted = readDataQuery(call, clock.now());
    const [format, output] = [readFormat(call), readOutput(call)];
    if (wanted.operator !== undefined && /^(all|time)$/i.test(field)) throw badParameter('operator needs one field');
    const table = await readTable(project, await openNamespace(project, name!), field.toLowerCase(), wanted);
    return output === 'csv' ? csvAnswer(tableCsv(table, format, name!)) : encodedAnswer(tableJson(table, format));
  }

  async function readTable(
    project: OpenProject,
    { series, ...source }: DataSource & { readonly series: readonly Placed[] },
    field: string,
    query: DataQuery,
  ): Promise<Table> {
    const { namespace, fields } = source;
    if (field !== 'all' && field !== 'time' && !fields.has(field)) throw notFound('Field');
    const partition = namespace.partitionedBy.toLowerCase();
    const unknown = query.groupBy.find((name) => !fields.has(name.toLowerCase()));
    if (unknown !== undefined) throw badParameter('Invalid value for group_by', unknown);
    const isWhole = field === 'all' || field === 'time' || field === partition;
    const asked = [field, ...query.where.map((condition) => condition.field), ...query.groupBy, query.limitBy?.field ?? field];
    const needed = new Set(asked.map((name) => name.toLowerCase()).filter((name) => name !== partition && name !== 'time'));
    const used = isWhole ? series : series.filter((placed) => needed.has(placed.name.toLowerCase()));
    const merge = query.operator === undefined || isWhole || needed.size > 1;
    const rows = matching(
      readRows(project.store, used, { ...query, limit: mostPerSeries(query, partition), merge }),
      field,
      query,
      partition,
    );
    if (query.operator !== undefined)
      return foldRows(rows, source, field, { ...query, operator: query.operator }, settings.maxAnswerPoints);
    return collectRows(limited(rows, query, partition), source, field);
  }

  async function collectRows(rows: AsyncIterable<Row>, source: DataSource, field: string): Promise<Table> {
    const { namespace, fields } = source;
    const partition = namespace.partitionedBy.toLowerCase();
    const others = [...fields.keys()]
      .filter((name) => name !== partition)
      .sort((a, b) => compareCodePoints(fields.get(a)!.name, fields.get(b)!.name));
    const columns = field === 'all' ? [partition, ...others] : field === 'time' ? [] : [field];
    const found: [number, ...(Value | null)[]][] = [];
    for await (const row of rows) {
      if (found.length * (columns.length + 1) >= settings.maxAnswerPoints) throw tooMany();
      found.push([row.time, ...columns.map((name) => cellAt(row, name, source))]);
    }
    return { columns: columns.map((name) => fields.get(name)!.name), rows: found };
  }
}

async function openNamespace(project: OpenProject, name: string): Promise<DataSource & { readonly series: readonly Placed[] }> {
  const namespace = await project.namespaces.named(name);
  if (namespace === undefined) throw notFound('Namespace');
  const others = (await project.namespaces.list()).filter((other) => other.id !== namespace.id);
  const series = await project.lookup.all(namespace, others);
  const fields = new Map((await fieldsOf(project, namespace, series)).map((field) => [field.name.toLowerCase(), field]));
  const partition = namespace.partitionedBy.toLowerCase();
  if (!fields.has(partition)) fields.set(partition, { name: namespace.partitionedBy, type: 'STRING' });
  return { namespace, fields, series };
}

/** How many of the newest points of a series can be in the answer, as far as that is known before they are read. */
function mostPerSeries({ limit, limitBy, where, operator }: DataQuery, partition: string): number {
  if (operator !== undefined || where.length > 0) return Number.POSITIVE_INFINITY;
  if (limitBy === undefined) return limit ?? Number.POSITIVE_INFINITY;
  return limitBy.field === partition ? limitBy.count : Number.POSITIVE_INFINITY;
}

/** The rows that have the field and fulfil all conditions. */
async function* matching(rows: AsyncIterable<Row>, field: string, { where }: DataQuery, partition: string): AsyncGenerator<Row> {
  const isAny = field === 'all' || field === 'time' || field === partition;
  for await (const row of rows) {
    if (!isAny && !row.cells.has(field)) continue;
    if (where.every((condition) => condition.holds(valueIn(row, condition.field, partition)))) yield row;
  }
}

/** First so many rows for each value of a field, then so many at all. */
async function* limited(
  rows: AsyncIterable<Row>,
  { limit = Number.POSITIVE_INFINITY, limitBy }: DataQuery,
  partition: string,
): AsyncGenerator<Row> {
  const counts = new Map<Value | undefined, number>();
  let left = limit;
  for await (const row of rows) {
    if (limitBy !== undefined) {
      const value = valueIn(row, limitBy.field, partition);
      const count = (counts.get(value) ?? 0) + 1;
      counts.set(value, count);
      if (count > limitBy.count) continue;
    }
    yield row;
    left--;
    if (left === 0) return;
  }
}

function valueIn(row: Row, field: string, partition: string): Value | undefined {
  if (field === 'time') return Math.floor(row.time);
  return field === partition ? row.partition : row.cells.get(field);
}
