import { createSeriesFold } from '@anyseries/core/server';
import { numberText } from './answer.ts';
import type { Handler } from './exchange.ts';
import { pagedAnswer } from './paged-answer.ts';
import { readPosition } from './paging.ts';
import { parseFoldOf, readPeriod, readRange } from './parameters.ts';
import { badParameter } from './refusal.ts';
import type { RowPage } from './row-page.ts';
import { checkGrid, type FoldedBuckets, foldBuckets, gridOrPoints, readInterpolation } from './rows.ts';
import { seriesText } from './series.ts';
import { readZone, type Zone } from './zone.ts';

/** Section 5.15. */
export const readRollups: Handler = async (exchange) => {
  const series = await exchange.series();
  const position = readPosition<number>(exchange.query, 'number');
  const { query, place } = position;
  const [range, zone, interpolation] = [readRange(query), readZone(query), readInterpolation(query)];
  const period = readPeriod(query, 'rollup.period');
  const asked = query.all('rollup.fold');
  if (period === undefined) throw badParameter('rollup.period', undefined);
  if (asked.length === 0) throw badParameter('rollup.fold', undefined);
  checkGrid(range, interpolation, 1);

  const folds = asked.map((text) => parseFoldOf('rollup.fold', text));
  // of two with the same name the last one is shown
  const shown = new Map(folds.map((fold) => [fold.name, fold]));
  const foldings = Array.from(shown.values(), ({ fn }) => createSeriesFold({ every: period, fn, timeZone: zone.name }, false));
  const unfolded = gridOrPoints(exchange.points, series.key, { range, interpolation }, place);
  return pagedAnswer(exchange, {
    rows: rowsWithNames(foldBuckets(unfolded, foldings, place), [...shown.keys()], zone),
    range,
    position,
    resource: `series/id/${series.id}/data/rollups/segment`,
    before: `{"series":${seriesText(series)},"data":[`,
    after: `],"rollup":${JSON.stringify({ period: period.iso, folds: folds.map(({ text }) => text) })},"tz":"${zone.name}"}`,
  });
};

async function* rowsWithNames(
  buckets: AsyncIterable<FoldedBuckets<unknown>>,
  names: readonly string[],
  zone: Zone,
): AsyncGenerator<RowPage> {
  for await (const { times, values } of buckets) {
    const valuesText = (row: number) => names.map((name, i) => `"${name}":${numberText(values[i]![row] as number | bigint)}`).join(',');
    yield { times, text: (row) => `{"t":"${zone.format(times[row]!)}","v":{${valuesText(row)}}}` };
  }
}
