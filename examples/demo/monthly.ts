import type { DataSeries } from './datasets.ts';

/** The rollups that the demo asks for. Sums and means may differ in the last digits, by the order of the additions. */
export const monthlyFunctions = ['mean', 'sum', 'min', 'max', 'count'] as const;
export type MonthlyFunction = (typeof monthlyFunctions)[number];

/** By how much a sum or a mean may differ, as a part of its size. */
export const tolerances: Readonly<Record<MonthlyFunction, number>> = { mean: 1e-12, sum: 1e-12, min: 0, max: 0, count: 0 };

/**
 * What a rollup by month must give, by the start of the month. Worked out from the text of the dates and plain additions, on purpose without
 * anything of anyseries.
 */
export function monthlyFromFile(series: DataSeries, fn: MonthlyFunction): Map<number, number> {
  const months = new Map<string, number[]>();
  series.points.forEach(({ value }, index) => {
    const month = series.months[index]!;
    months.set(month, [...(months.get(month) ?? []), value]);
  });
  return new Map([...months].map(([month, values]) => [Date.parse(`${month}-01T00:00:00Z`), reduce(values, fn)]));
}

function reduce(values: readonly number[], fn: MonthlyFunction): number {
  const sum = values.reduce((total, value) => total + value, 0);
  switch (fn) {
    case 'mean':
      return sum / values.length;
    case 'sum':
      return sum;
    case 'min':
      return Math.min(...values);
    case 'max':
      return Math.max(...values);
    case 'count':
      return values.length;
  }
}
