import { openTampered } from './tamper.ts';

/** The sum of one month is off by one part in 10^9. */
export const open = () =>
  openTampered((point, query) => {
    const isTarget = query.rollup?.fn === 'sum' && point.series.startsWith('volume') && point.time === Date.UTC(2010, 2);
    return isTarget ? { ...point, value: Number(point.value) * (1 + 1e-9) } : point;
  });
