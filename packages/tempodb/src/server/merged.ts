import { type PointBatch, type SeriesRef, type Value, valueAt } from '@anyseries/core';
import { createAccumulator, mergeByTime } from '@anyseries/core/server';
import type { Fold } from '../wire/fold.ts';
import { numberText } from './answer.ts';
import type { Description } from './directory.ts';
import type { Exchange, Handler } from './exchange.ts';
import { readFilter } from './filter.ts';
import { pagedAnswer } from './paged-answer.ts';
import { type Position, readPosition } from './paging.ts';
import { parseFoldOf } from './parameters.ts';
import { pointText, type RowPage } from './row-page.ts';
import { checkGrid, type RowsRequest, readRowsRequest, rollupText, rowsOf } from './rows.ts';
import { seriesText } from './series.ts';
import type { Zone } from './zone.ts';

/** Section 5.13. */
export const aggregate: Handler = async (exchange) => {
  const position = readPosition<number>(exchange.query, 'number');
  const request = readRowsRequest(position.query);
  const fold = parseFoldOf('aggregation.fold', position.query.get('aggregation.fold'));
  const keys = await exchange.directory.keys(readFilter(position.query));
  const { range, zone, rollup } = request;
  return pagedAnswer(exchange, {
    rows: joinRows(merge(exchange, keys, request, position), createFoldedRow(fold, zone)),
    range,
    position,
    resource: 'segment',
    before: '{"data":[',
    after: `],"rollup":${rollupText(rollup)},"tz":"${zone.name}"}`,
  });
};

/** Section 5.14. */
export const readTable: Handler = async (exchange) => {
  const position = readPosition<number>(exchange.query, 'number');
  const request = readRowsRequest(position.query);
  const series: Description[] = await Array.fromAsync(exchange.directory.list(readFilter(position.query)));
  const { range, zone, rollup } = request;
  const keys = series.map(({ key }) => key);
  return pagedAnswer(exchange, {
    rows: joinRows(merge(exchange, keys, request, position), createTableRow(zone)),
    range,
    position,
    resource: 'multi',
    before: '{"data":[',
    after: `],"series":[${series.map(seriesText).join(',')}],"rollup":${rollupText(rollup)},"tz":"${zone.name}"}`,
  });
};

/** Rows of all series together that are held in memory, but for a few of each. */
const rowsHeld = 200_000;

function merge(
  { points }: Exchange,
  keys: readonly string[],
  request: RowsRequest,
  { place }: Position<number>,
): AsyncIterable<PointBatch> {
  if (request.rollup !== undefined) checkGrid(request.range, request.interpolation, keys.length);
  const atOnce = Math.min(Math.max(Math.floor(rowsHeld / keys.length), 16), 10_000);
  const portions = { first: atOnce, most: atOnce };
  return mergeByTime(
    keys.map((key) => rowsOf(points, key, request, place, portions)),
    false,
  );
}

/** Makes one row of what several series have at one time. */
interface RowMaker {
  add(ref: SeriesRef, value: Value): void;
  /** The row's text; the next one is empty. */
  end(time: number): string;
}

async function* joinRows(merged: AsyncIterable<PointBatch>, row: RowMaker): AsyncGenerator<RowPage> {
  let time: number | undefined;
  for await (const page of merged) {
    const times: number[] = [];
    const texts: string[] = [];
    for (let place = 0; place < page.length; place++) {
      const next = page.times[place]!;
      if (time !== undefined && next !== time) {
        times.push(time);
        texts.push(row.end(time));
      }
      time = next;
      row.add(page.refs[page.series[place]!]!, valueAt(page, place));
    }
    yield { times, text: (place) => texts[place]! };
  }
  if (time === undefined) return;
  const text = row.end(time);
  yield { times: [time], text: () => text };
}

function createFoldedRow({ fn }: Fold, zone: Zone): RowMaker {
  const accumulator = createAccumulator(fn, false);
  return {
    add: (_, value) => accumulator.add(value, 0),
    end(time) {
      const value = accumulator.result() as number | bigint;
      accumulator.clear();
      return pointText(zone, { time, value });
    },
  };
}

function createTableRow(zone: Zone): RowMaker {
  let cells = '';
  return {
    add(ref, value) {
      ref.slot ??= JSON.stringify(ref.key);
      cells += `${cells === '' ? '' : ','}${ref.slot}:${numberText(value as number | bigint)}`;
    },
    end(time) {
      const text = `{"t":"${zone.format(time)}","v":{${cells}}}`;
      cells = '';
      return text;
    },
  };
}
