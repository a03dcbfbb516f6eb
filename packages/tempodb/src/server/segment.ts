import type { Handler } from './exchange.ts';
import { pagedAnswer } from './paged-answer.ts';
import { readPosition } from './paging.ts';
import { readLimit, usualRows } from './parameters.ts';
import { pointRows } from './row-page.ts';
import { checkGrid, readRowsRequest, rollupText, rowsOf } from './rows.ts';
import { seriesText } from './series.ts';

/** Section 5.12. */
export const readSegment: Handler = async (exchange) => {
  const series = await exchange.series();
  const position = readPosition<number>(exchange.query, 'number');
  const request = readRowsRequest(position.query);
  const { range, zone, rollup, interpolation } = request;
  // the one that tells of a next page, and the one that tells that a millisecond has ended
  const rowsAtOnce = readLimit(position.query, usualRows) + 2;
  if (rollup !== undefined) checkGrid(range, interpolation, 1);
  const portions = rollup === undefined ? { first: rowsAtOnce, most: rowsAtOnce } : undefined;
  const rows = rowsOf(exchange.points, series.key, request, position.place, portions);
  return pagedAnswer(exchange, {
    rows: pointRows(rows, zone),
    range,
    position,
    resource: `series/id/${series.id}/segment`,
    before: `{"series":${seriesText(series)},"data":[`,
    after: `],"rollup":${rollupText(rollup)},"tz":"${zone.name}"}`,
  });
};
