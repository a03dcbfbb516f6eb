import type { Value } from '@anyseries/core';
import { compareCodePoints } from '@anyseries/core/provider';
import { type Accumulator, createAccumulator } from '@anyseries/core/server';
import type { DataQuery } from './data-query.ts';
import type { Operator } from './query.ts';
import type { Row } from './rows.ts';
import { cellAt, type DataSource, type Table, tooMany } from './table.ts';

/** The rows of one bucket of time with the same values in the grouping fields. */
interface Group {
  time: number;
  readonly cells: readonly (Value | null)[];
  readonly accumulator: Accumulator;
}

/** Folds one field of rows into groups: the newest bucket first, groups of the same time by their values. */
export async function foldRows(
  rows: AsyncIterable<Row>,
  source: DataSource,
  field: string,
  query: DataQuery & { readonly operator: Operator },
  most: number,
): Promise<Table> {
  const { operator, width, groupBy, limit, limitBy, limitPeriods } = query;
  const names = groupBy.map((name) => name.toLowerCase());
  const groups = new Map<string, Group>();
  for await (const row of rows) {
    const value = cellAt(row, field, source)!;
    if (operator !== 'count' && typeof value !== 'number' && typeof value !== 'bigint') continue;
    const bucket = width === undefined ? 0 : Math.floor(row.time / width) * width;
    const cells = names.map((name) => cellAt(row, name, source));
    const id = [bucket, ...cells.map((cell) => `${typeof cell} ${cell}`)].join('\0');
    let group = groups.get(id);
    if (group === undefined) {
      if (groups.size >= most) throw tooMany();
      group = { time: width === undefined ? row.time : bucket, cells, accumulator: createAccumulator({ name: operator }, true) };
      groups.set(id, group);
    }
    if (width === undefined) group.time = Math.min(group.time, row.time);
    group.accumulator.add(value, row.time);
  }
  const columns = [
    `${operator === 'mean' ? 'avg' : operator}(${source.fields.get(field)!.name})`,
    ...names.map((name) => source.fields.get(name)!.name),
  ];
  const sorted = [...groups.values()].sort((a, b) => b.time - a.time || compareCells(a.cells, b.cells));
  const newest = width === undefined || limitPeriods === undefined ? sorted : newestPeriods(sorted, limitPeriods);
  const kept = limitBy === undefined ? newest : newestBy(newest, names.indexOf(limitBy.field), limitBy.count);
  return { columns, rows: kept.slice(0, limit).map(({ time, cells, accumulator }) => [time, accumulator.result() ?? null, ...cells]) };
}

function newestPeriods(groups: readonly Group[], count: number): Group[] {
  const times = new Set([...new Set(groups.map(({ time }) => time))].slice(0, count));
  return groups.filter(({ time }) => times.has(time));
}

/** `place`: that of the field among the cells; -1, where the groups do not tell it: then all have the same, unknown one. */
function newestBy(groups: readonly Group[], place: number, count: number): Group[] {
  const counts = new Map<Value | null | undefined, number>();
  return groups.filter(({ cells }) => {
    const seen = (counts.get(cells[place]) ?? 0) + 1;
    counts.set(cells[place], seen);
    return seen <= count;
  });
}

function compareCells(a: readonly (Value | null)[], b: readonly (Value | null)[]): number {
  for (const [i, cell] of a.entries()) {
    const order = compareValues(cell, b[i] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}

function compareValues(a: Value | null, b: Value | null): number {
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b);
  if (a === b || a === null || b === null) return Number(b === null) - Number(a === null);
  return a < b ? -1 : Number(a > b);
}
