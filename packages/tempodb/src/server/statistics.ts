import { type PointBatch, valueAt } from '@anyseries/core';
import { type Accumulator, createAccumulator } from '@anyseries/core/server';
import { numberText } from './answer.ts';

/** The statistics of a range of points (sections 5.10 and 5.18). */
export interface Statistics {
  add(page: PointBatch): void;
  /** As a JSON object of these, in this order. Without points they are all zero. */
  text(names: readonly StatisticName[]): string;
}

const statisticNames = ['sum', 'mean', 'max', 'min', 'stddev', 'ss', 'count'] as const;
export type StatisticName = (typeof statisticNames)[number];

/** Those of the first generation. */
export const sevenStatistics: readonly StatisticName[] = statisticNames;
/** Those of the second. */
export const sixStatistics: readonly StatisticName[] = ['count', 'mean', 'min', 'max', 'stddev', 'sum'];

export function createStatistics(): Statistics {
  const accumulators = new Map<StatisticName, Accumulator>(statisticNames.map((name) => [name, createAccumulator({ name }, false)]));
  const all = [...accumulators.values()];
  return {
    add(page) {
      for (let row = 0; row < page.length; row++) {
        const value = valueAt(page, row);
        for (const accumulator of all) accumulator.add(value, page.times[row]!);
      }
    },
    text(names) {
      const fields = names.map((name) => `"${name}":${numberText((accumulators.get(name)!.result() ?? 0) as number | bigint)}`);
      return `{${fields.join(',')}}`;
    },
  };
}
