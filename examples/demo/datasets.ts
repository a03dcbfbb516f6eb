import { readFile } from 'node:fs/promises';
import { seriesKey } from '@anyseries/core';

/** One point of a file: a day and a number. */
export interface DataPoint {
  readonly series: string;
  readonly time: number;
  readonly value: number;
}

/** One numeric column of a file as a series. */
export interface DataSeries {
  readonly key: string;
  readonly column: string;
  readonly points: readonly DataPoint[];
  /** Per point, the month that its day begins with, `2012-01`, as the file writes it. */
  readonly months: readonly string[];
}

/** A table of real measurements: one row per day. */
export interface Dataset {
  readonly id: string;
  readonly series: readonly DataSeries[];
}

const files = ['seattle-weather', 'sp500-2000'] as const;

/** Reads the tables from the npm package `vega-datasets`. */
export function loadDatasets(): Promise<Dataset[]> {
  return Promise.all(files.map(loadDataset));
}

async function loadDataset(id: string): Promise<Dataset> {
  const csv = await readFile(new URL(`../data/${id}.csv`, import.meta.resolve('vega-datasets')), 'utf8');
  const [header, ...rows] = csv
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => line.split(','));
  if (header?.[0] !== 'date' || rows.length === 0) throw new Error(`${id}.csv does not begin with a column of dates`);
  if (rows.some((row) => row.length !== header.length)) throw new Error(`${id}.csv has rows of different lengths`);
  const series = header.flatMap((column, place) => {
    const isNumeric = place > 0 && rows.every((row) => /^-?\d+(\.\d+)?$/.test(row[place]!));
    return isNumeric ? [readColumn(id, column, place, rows)] : [];
  });
  return { id, series };
}

/** The label is called `device_id` because that is the one label that every protocol of this repository can carry. */
function readColumn(id: string, column: string, place: number, rows: readonly string[][]): DataSeries {
  const key = seriesKey({ name: column, labels: { device_id: id } });
  const points = rows.map((row) => ({ series: key, time: Date.parse(`${row[0]}T00:00:00Z`), value: Number(row[place]) }));
  return { key, column, points, months: rows.map((row) => row[0]!.slice(0, 7)) };
}

/** All points of a table in the order of its rows: as they were measured, day by day. */
export function byDay(dataset: Dataset): DataPoint[] {
  const days = dataset.series[0]?.points.length ?? 0;
  return Array.from({ length: days }, (_, day) => dataset.series.map(({ points }) => points[day]!)).flat();
}
