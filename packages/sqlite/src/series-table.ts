import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { parseSeriesKey, type Series, type SeriesFilter, type SeriesInput } from '@anyseries/core';
import { matchesFilter } from '@anyseries/core/provider';
import { seriesPageLength } from './protocol.ts';

/** Series by key, with their metadata. */
export interface SeriesTable {
  /** The number of a series in the file. */
  find(key: string): number | undefined;
  /** The same; a series that does not exist is made. Only within a transaction. */
  ensure(key: string): number;
  /** A series as it is now, also one that does not exist. */
  describe(key: string): Series;
  /** Only within a transaction. */
  put(series: SeriesInput): Series;
  /** Only within a transaction. */
  delete(key: string, id: number): void;
  /** The next page of series with a key after this one, in key order. With `filter.keys`, these keys are the page. */
  page(filter: SeriesFilter, after: string): readonly Series[];
  /** A transaction was committed, or rolled back with all series that it made. */
  settle(committed: boolean): void;
  /** Forgets the numbers of series, because another connection has written. */
  forget(): void;
}

interface SeriesRow {
  readonly id: number;
  readonly key: string;
  readonly name: string | null;
  readonly attributes: string;
  readonly tags: string;
}

type Property = readonly [kind: 0 | 1 | 2 | 3, name: string, value: string];

const rememberedKeys = 500_000;
/** Up to here the series with a property are collected and sorted; beyond, all series are tried in key order. */
const fewSeries = 10_000;

export function createSeriesTable(database: DatabaseSync): SeriesTable {
  const ids = new Map<string, number>();
  let made: string[] = [];
  const selectId = database.prepare('SELECT id FROM series WHERE key = ?');
  const selectRow = database.prepare('SELECT id, key, name, attributes, tags FROM series WHERE key = ?');
  const insert = database.prepare('INSERT INTO series (key) VALUES (?)');
  const update = database.prepare('UPDATE series SET name = ?, attributes = ?, tags = ? WHERE id = ?');
  const remove = database.prepare('DELETE FROM series WHERE id = ?');
  const addProperty = database.prepare('INSERT INTO series_property (kind, name, value, series) VALUES (?, ?, ?, ?)');
  const removeProperty = database.prepare('DELETE FROM series_property WHERE kind = ? AND name = ? AND value = ? AND series = ?');
  const countProperty = database.prepare(
    `SELECT count(*) AS count FROM (SELECT 1 FROM series_property WHERE kind = ? AND name = ? AND value = ? LIMIT ${fewSeries + 1})`,
  );

  function remember(key: string, id: number): number {
    if (ids.size >= rememberedKeys) ids.clear();
    ids.set(key, id);
    return id;
  }

  function find(key: string): number | undefined {
    const known = ids.get(key);
    if (known !== undefined) return known;
    const row = selectId.get(key) as { id: number } | undefined;
    return row && remember(key, row.id);
  }

  function ensure(key: string): number {
    const present = find(key);
    if (present !== undefined) return present;
    const id = Number(insert.run(key).lastInsertRowid);
    for (const property of propertiesOf(parseSeriesKey(key))) addProperty.run(...property, id);
    made.push(key);
    return remember(key, id);
  }

  function describe(key: string): Series {
    const row = selectRow.get(key) as unknown as SeriesRow | undefined;
    return row === undefined ? { key, attributes: {}, tags: [] } : toSeries(row);
  }

  /** The property that the fewest series have comes first. */
  function byRarity(properties: readonly Property[]): { readonly sorted: readonly Property[]; readonly least: number } {
    const counted = properties.map((property) => ({ property, count: (countProperty.get(...property) as { count: number }).count }));
    counted.sort((a, b) => a.count - b.count);
    return { sorted: counted.map(({ property }) => property), least: counted[0]?.count ?? Number.POSITIVE_INFINITY };
  }

  function pageByProperties(properties: readonly Property[], after: string): readonly Series[] {
    const { sorted, least } = byRarity(properties);
    const has = 'EXISTS (SELECT 1 FROM series_property p WHERE p.kind = ? AND p.name = ? AND p.value = ? AND p.series = s.id)';
    const conditions = ['s.key > ?', ...sorted.map(() => has)];
    const parameters: SQLInputValue[] = [after, ...sorted.flat()];
    const columns = 'SELECT s.id, s.key, s.name, s.attributes, s.tags';
    let source = 'FROM series s';
    if (least <= fewSeries) {
      source = 'FROM series_property first CROSS JOIN series s ON s.id = first.series';
      conditions.splice(1, 1, 'first.kind = ? AND first.name = ? AND first.value = ?');
    }
    const sql = `${columns} ${source} WHERE ${conditions.join(' AND ')} ORDER BY s.key LIMIT ${seriesPageLength}`;
    return (database.prepare(sql).all(...parameters) as unknown as SeriesRow[]).map(toSeries);
  }

  function pageByKeys(keys: readonly string[], filter: SeriesFilter): readonly Series[] {
    const rows = keys.map((key) => selectRow.get(key) as unknown as SeriesRow | undefined);
    return rows
      .filter((row) => row !== undefined)
      .map(toSeries)
      .filter((series) => matchesFilter(series, filter));
  }

  function clearMetadata(key: string, id: number): void {
    const { attributes, tags } = describe(key);
    for (const property of propertiesOf({ attributes, tags })) removeProperty.run(...property, id);
  }

  return {
    find,
    ensure,
    describe,
    put({ key, name, attributes = {}, tags = [] }) {
      const id = ensure(key);
      clearMetadata(key, id);
      update.run(name ?? null, JSON.stringify(attributes), JSON.stringify(tags), id);
      for (const property of propertiesOf({ attributes, tags })) addProperty.run(...property, id);
      return describe(key);
    },
    delete(key, id) {
      clearMetadata(key, id);
      for (const property of propertiesOf(parseSeriesKey(key))) removeProperty.run(...property, id);
      remove.run(id);
      ids.delete(key);
    },
    page: (filter, after) => (filter.keys === undefined ? pageByProperties(propertiesOf(filter), after) : pageByKeys(filter.keys, filter)),
    settle(committed) {
      if (!committed) for (const key of made) ids.delete(key);
      made = [];
    },
    forget: () => ids.clear(),
  };
}

function propertiesOf({ name, labels = {}, attributes = {}, tags = [] }: SeriesFilter): readonly Property[] {
  return [
    ...(name === undefined ? [] : [[0, '', name] as const]),
    ...Object.entries(labels).map(([label, value]) => [1, label, value] as const),
    ...Object.entries(attributes).map(([attribute, value]) => [2, attribute, value] as const),
    ...tags.map((tag) => [3, tag, ''] as const),
  ];
}

function toSeries({ key, name, attributes, tags }: SeriesRow): Series {
  return { key, ...(name !== null && { name }), attributes: JSON.parse(attributes), tags: JSON.parse(tags) };
}
