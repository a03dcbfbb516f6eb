import { type PointBatch, type Store, type Value, valueAt } from '@anyseries/core';
import { compareCodePoints, loadFold, pickRows } from '@anyseries/core/provider';
import { createAccumulator } from '@anyseries/core/server';
import { encodeJson } from '../wire/json.ts';
import { inputNamespace } from '../wire/names.ts';
import { type TimeFormat, writeTime, writeTimeCell } from '../wire/time.ts';
import { csvAnswer, encodedAnswer } from './answer.ts';
import { type Call, parameter } from './call.ts';
import type { ServerContext } from './context.ts';
import { cellOf, csvLine } from './csv.ts';
import type { Guard, OpenProject } from './guard.ts';
import { endAfter, type Operator, readFormat, readLimit, readMilliseconds, readOperator, readOutput, readWidth } from './query.ts';
import { badField, badParameter } from './refusal.ts';
import type { Routes } from './router.ts';
import type { Placed } from './series-lookup.ts';
import { tooMany } from './table.ts';

/** What is asked for of each series. */
interface ExportQuery {
  /** Epoch milliseconds; both included, `to` with its whole millisecond. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly limit: number | undefined;
  readonly operator: Operator | undefined;
  /** Milliseconds. */
  readonly width: number | undefined;
  /** Whether a value is wanted; `undefined`: every one. */
  readonly filter: ((value: Value) => boolean) | undefined;
}

interface Points {
  readonly times: number[];
  readonly values: Value[];
}

/** Section 4.5. */
export function exportRoutes({ settings }: ServerContext, guard: Guard): Routes {
  return {
    'exports/:': { GET: exportSeries },
    'exports/:/:': { GET: exportSeries },
    'exports/:/:/*': { GET: exportSeries },
  };

  async function exportSeries(call: Call): Promise<Response> {
    const [projectText, device = 'all', name = 'all'] = call.parts;
    const project = await guard.project(call, 'read', () => readProject(projectText!));
    const query = readQuery(call);
    const [format, output] = [readFormat(call), readOutput(call)];
    const found: (Placed & Points)[] = [];
    let left = settings.maxAnswerPoints;
    for (const series of await seriesOf(project, device, name)) {
      const points = await readSeries(project.store, series.key, query, left);
      left -= points.times.length;
      if (points.times.length > 0) found.push({ ...series, ...points });
    }
    return output === 'csv' ? csvAnswer(toCsv(project.id, found, format)) : encodedAnswer(toJson(project.id, found, format));
  }
}

/** The series of a path, by device and then by name. */
async function seriesOf({ namespaces, lookup }: OpenProject, device: string, name: string): Promise<Placed[]> {
  const [anyDevice, anyName] = [isAll(device), isAll(name)];
  const all = await namespaces.list();
  const others = all.filter((namespace) => namespace.name !== inputNamespace);
  if (!anyDevice && !anyName) return lookup.named(device, name, others);
  const placed = await lookup.all(all.find((namespace) => namespace.name === inputNamespace)!, others);
  return placed
    .filter((series) => (anyDevice || series.partition === device) && (anyName || series.name.toLowerCase() === name.toLowerCase()))
    .sort((a, b) => compareCodePoints(a.partition, b.partition) || compareCodePoints(a.name, b.name));
}

function isAll(part: string): boolean {
  return part.toLowerCase() === 'all';
}

function readProject(text: string): number {
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw badField('Invalid project_id', text);
}

function readQuery(call: Call): ExportQuery {
  const [from, to] = ['from', 'to'].map((name) => {
    const text = parameter(call, name);
    return text === undefined ? undefined : readMilliseconds(text, name);
  });
  if (from !== undefined && to !== undefined && from > to) throw badParameter('from is after to');
  const operator = readOperator(call);
  const width = parameter(call, 'group_by');
  if (width !== undefined && operator === undefined) throw badParameter('group_by requires operator');
  return {
    from,
    to,
    limit: readLimit(call, 'limit'),
    operator,
    width: width === undefined ? undefined : readWidth(width),
    filter: readFilter(call),
  };
}

const comparisons: Readonly<Record<string, (value: number | bigint, bound: number) => boolean>> = {
  greater_than: (value, bound) => value > bound,
  less_than: (value, bound) => value < bound,
  // biome-ignore lint/suspicious/noDoubleEquals: a bigint equals a number by value, not by type
  equals: (value, bound) => value == bound,
};

/** All given conditions must hold; values that are no numbers hold none. */
function readFilter(call: Call): ExportQuery['filter'] {
  const conditions = Object.entries(comparisons).flatMap(([name, compare]) => {
    const text = parameter(call, name);
    if (text === undefined) return [];
    const bound = text.trim() === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(bound)) throw badParameter(`Invalid value for ${name}`, text);
    return [(value: number | bigint) => compare(value, bound)];
  });
  if (conditions.length === 0) return undefined;
  return (value) => (typeof value === 'number' || typeof value === 'bigint') && conditions.every((holds) => holds(value));
}

/** The points of one series that an answer holds, by ascending time; at most `most`. */
async function readSeries(store: Store, key: string, query: ExportQuery, most: number): Promise<Points> {
  const { from, to, limit = Number.POSITIVE_INFINITY, operator, width, filter } = query;
  const range = { series: key, start: from, end: endAfter(to) };
  if (operator !== undefined && width === undefined) return foldAll(store.read(range).pages(), operator, query);
  const rollup = operator === undefined || width === undefined ? undefined : { every: width, fn: operator };
  const order = 'descending';
  if (filter === undefined) return newest(store.read({ ...range, order, limit, ...(rollup && { rollup }) }).pages(), limit, most);
  const wanted = filtered(store.read({ ...range, order }).pages(), filter);
  return newest(rollup === undefined ? wanted : folded(wanted, rollup), limit, most);
}

async function* filtered(pages: AsyncIterable<PointBatch>, isWanted: (value: Value) => boolean): AsyncGenerator<PointBatch> {
  for await (const page of pages) {
    const rows = Array.from({ length: page.length }, (_, row) => row).filter((row) => isWanted(valueAt(page, row)));
    if (rows.length > 0) yield pickRows(page, rows);
  }
}

async function* folded(pages: AsyncIterable<PointBatch>, { every, fn }: { readonly every: number; readonly fn: Operator }) {
  const { foldPages } = await loadFold();
  const rollup = { every: { count: every, unit: 'ms' }, fn: { name: fn }, timeZone: 'UTC' } as const;
  yield* foldPages(pages, rollup, { descending: true, limit: Number.POSITIVE_INFINITY });
}

/** Collects what comes latest first. */
async function newest(pages: AsyncIterable<PointBatch>, limit: number, most: number): Promise<Points> {
  const times: number[] = [];
  const values: Value[] = [];
  for await (const page of pages) {
    for (let row = 0; row < page.length && times.length < limit; row++) {
      if (times.length === most) throw tooMany();
      times.push(page.times[row]!);
      values.push(valueAt(page, row));
    }
    if (times.length >= limit) break;
  }
  return { times: times.reverse(), values: values.reverse() };
}

/** One value for all points, at the beginning of the range or at the first that counts. */
async function foldAll(pages: AsyncIterable<PointBatch>, operator: Operator, { from, filter }: ExportQuery): Promise<Points> {
  const accumulator = createAccumulator({ name: operator }, false);
  let first: number | undefined;
  for await (const page of pages) {
    for (let row = 0; row < page.length; row++) {
      const value = valueAt(page, row);
      const counts = operator === 'count' || typeof value === 'number' || typeof value === 'bigint';
      if (!counts || (filter !== undefined && !filter(value))) continue;
      first ??= page.times[row]!;
      accumulator.add(value, page.times[row]!);
    }
  }
  const result = accumulator.result();
  return first === undefined || result === undefined ? { times: [], values: [] } : { times: [from ?? first], values: [result] };
}

function toJson(projectId: number, found: readonly (Placed & Points)[], format: TimeFormat): string {
  const series = found.map(({ partition, name, times, values }) => {
    const points = times.map((time, i) => `{"time":${encodeJson(writeTime(time, format))},"value":${encodeJson(values[i]!)}}`);
    const head = encodeJson({ project_id: projectId, device_id: partition, name });
    return `${head.slice(0, -1)},"data":[${points.join(',')}]}`;
  });
  return `{"result":[${series.join(',')}],"timefmt":"${format}"}`;
}

function toCsv(projectId: number, found: readonly (Placed & Points)[], format: TimeFormat): string {
  const lines = found.flatMap(({ partition, name, times, values }) =>
    times.map((time, i) => csvLine([String(projectId), partition, name, writeTimeCell(time, format), cellOf(values[i]!)])),
  );
  return csvLine(['project_id', 'device_id', 'name', 'time', 'value']) + lines.join('');
}
