import type { Clock, Value } from '@anyseries/core';
import { checkObject, invalid, show, toValue } from '@anyseries/core/provider';
import { toMicroseconds } from '../wire/time.ts';
import { checkedTime, createDataStore, type Row, rowsOf } from './data-store.ts';
import { checkName, type ImportBody } from './import-calls.ts';
import type { DataPoint, DataSeries, DataStore, SentPoint } from './model.ts';

/** What waits to be sent. */
export interface Outbox {
  readonly methods: OutboxMethods;
  /** Everything that waits, in parts that fit into a request. */
  parts(): Part[];
}

export interface OutboxMethods {
  /** Adds a point to a stream; a bare value is one of now. @throws AnySeriesError `invalid` that names the field */
  addDataPoint(series: string, point: DataPoint | Value): void;
  addDataSeries(series: DataSeries): void;
  /** A data store that the client sends; that of the same columns, if there is one. */
  createDataStore(columns: readonly string[]): DataStore;
  /** Has the client send a data store, too. */
  addDataStore(store: DataStore): void;
  /** Forgets what waits under a name. */
  clearSeries(series: string): void;
  /** How many values wait. */
  pending(): number;
}

/** What is sent by one request. */
export interface Part {
  readonly body: ImportBody;
  readonly points: readonly Omit<SentPoint, 'outcome'>[];
  /** Takes the values out of the outbox. */
  remove(): void;
  /** The same by series; a single part where there is one series only. */
  bySeries(): Part[];
  /** The same in two halves; a single part where it cannot be halved. */
  halves(): Part[];
}

interface Waiting {
  readonly name: string;
  readonly time: number;
  readonly value: Value;
}

/** What the service takes in one request: values, or cells of a table with the empty ones. */
const mostValues = 1000;

export function createOutbox(clock: Clock): Outbox {
  const points = new Set<Waiting>();
  const stores = new Set<DataStore>();

  function addDataPoint(series: string, point: DataPoint | Value): void {
    const isBare = typeof point !== 'object' || point === null;
    const { value, time } = isBare
      ? { value: point, time: undefined }
      : (checkObject(point, ['value', 'time'], 'point') as unknown as DataPoint);
    points.add({ name: checkName(series, 'series'), time: checkedTime(time, clock), value: toValue(value, 'value') });
  }

  /** The columns that a store has with one another, whatever their order. */
  function sameColumns(columns: readonly string[]): DataStore | undefined {
    const wanted = JSON.stringify([...columns].sort());
    return stores.values().find((store) => JSON.stringify([...store.columns].sort()) === wanted);
  }

  return {
    methods: {
      addDataPoint,
      addDataSeries(series) {
        const { name, points: given } = checkObject(series, ['name', 'points'], 'series') as unknown as DataSeries;
        if (!Array.isArray(given)) throw invalid('series.points', `${show(given)} is no list of points`);
        checkName(name, 'series.name');
        for (const point of given) addDataPoint(name, point);
      },
      createDataStore(columns) {
        const store = createDataStore(columns, clock);
        const present = sameColumns(store.columns);
        if (present !== undefined) return present;
        stores.add(store);
        return store;
      },
      addDataStore(store) {
        rowsOf(store);
        stores.add(store);
      },
      clearSeries(series) {
        for (const point of points) if (point.name === series) points.delete(point);
        for (const store of stores) {
          const column = store.columns.indexOf(series);
          if (column >= 0) removeCells(rowsOf(store), rowsOf(store), [column]);
        }
      },
      pending: () => points.size + stores.values().reduce((sum, { size }) => sum + size, 0),
    },

    parts() {
      const ofPoints = slices([...points], mostValues).map((some) => pointsPart(points, some));
      const ofStores = [...stores].flatMap((store) => {
        const columns = [...store.columns.keys()];
        const perRequest = Math.max(1, Math.floor(mostValues / columns.length));
        return slices([...rowsOf(store)], perRequest).map((rows) => rowsPart(store, rows, columns));
      });
      return [...ofPoints, ...ofStores];
    },
  };
}

function slices<T>(items: readonly T[], length: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / length) }, (_, i) => items.slice(i * length, (i + 1) * length));
}

function pointsPart(all: Set<Waiting>, points: readonly Waiting[]): Part {
  const byName = Map.groupBy(points, ({ name }) => name);
  const part: Part = {
    points,
    get body() {
      const sources = Array.from(byName, ([name, some]) => ({
        name,
        data: some.map(({ time, value }) => ({ time: toMicroseconds(time), value })),
      }));
      return { json: { sources } };
    },
    remove() {
      for (const point of points) all.delete(point);
    },
    bySeries: () => (byName.size < 2 ? [part] : Array.from(byName.values(), (some) => pointsPart(all, some))),
    halves: () => (points.length < 2 ? [part] : slices(points, Math.ceil(points.length / 2)).map((some) => pointsPart(all, some))),
  };
  return part;
}

/** Some columns of some rows of a store. */
function rowsPart(store: DataStore, rows: readonly Row[], columns: readonly number[]): Part {
  const name = (column: number) => store.columns[column]!;
  const part: Part = {
    points: rows.flatMap(({ time, values }) =>
      columns.flatMap((column) => (values[column] === null ? [] : [{ name: name(column), time, value: values[column]! }])),
    ),
    get body() {
      const data = rows.map(({ time, values }) => [toMicroseconds(time), ...columns.map((column) => values[column]!)]);
      return { search: { fmt: 'table' }, json: { sources: { fields: ['time', ...columns.map(name)], data } } };
    },
    remove: () => removeCells(rowsOf(store), rows, columns),
    bySeries: () => (columns.length < 2 ? [part] : columns.map((column) => rowsPart(store, rows, [column]))),
    halves: () => (rows.length < 2 ? [part] : slices(rows, Math.ceil(rows.length / 2)).map((some) => rowsPart(store, some, columns))),
  };
  return part;
}

/** Empties cells; rows without any go out of the store. */
function removeCells(all: Row[], rows: readonly Row[], columns: readonly number[]): void {
  for (const { values } of rows) for (const column of columns) values[column] = null;
  const left = all.filter(({ values }) => values.some((value) => value !== null));
  all.splice(0, all.length, ...left);
}
