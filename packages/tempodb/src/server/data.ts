import type { PointBatch } from '@anyseries/core';
import type { Fold } from '../wire/fold.ts';
import { type Period, parsePeriod } from '../wire/period.ts';
import { createTextParts, emptyAnswer, jsonAnswer, type TextParts } from './answer.ts';
import type { Description } from './directory.ts';
import type { Exchange, Handler } from './exchange.ts';
import { readFilter } from './filter.ts';
import { omittedHeaders } from './paged-answer.ts';
import { parseFoldOf, type Range, readRange } from './parameters.ts';
import type { Query } from './query.ts';
import { badParameter } from './refusal.ts';
import { addRows, pointRows } from './row-page.ts';
import { rollUp } from './rows.ts';
import { seriesText } from './series.ts';
import { createStatistics, sevenStatistics } from './statistics.ts';
import { readZone, type Zone } from './zone.ts';

/** A read of the first generation (section 5.10). */
interface DataRequest {
  readonly range: Range;
  readonly zone: Zone;
  readonly rollup: DataRollup | undefined;
}

interface DataRollup {
  readonly period: Period;
  readonly fold: Fold;
  /** The fold as it was asked for, which is how this generation echoes it. */
  readonly asked: string;
}

export const readData: Handler = async (exchange) => {
  const series = await exchange.series();
  const request = readDataRequest(exchange.query);
  const text = createTextParts();
  await addDataSet(text, exchange, series, request);
  return jsonAnswer(text.end(), { headers: omittedHeaders(exchange.points, request.range) });
};

export const readAllData: Handler = async (exchange) => {
  const request = readDataRequest(exchange.query);
  const text = createTextParts();
  let separator = '[';
  for await (const series of exchange.directory.list(readFilter(exchange.query))) {
    text.add(separator);
    await addDataSet(text, exchange, series, request);
    separator = ',';
  }
  text.add(separator === '[' ? '[]' : ']');
  return jsonAnswer(text.end(), { headers: omittedHeaders(exchange.points, request.range) });
};

/** Section 5.11. What is stored within a millisecond is that millisecond's. */
export const deleteData: Handler = async (exchange) => {
  const { key } = await exchange.series();
  const { start, end } = readRange(exchange.query);
  await exchange.store.delete({ series: key, start, end: Math.max(end, start + 1) });
  return emptyAnswer();
};

function readDataRequest(query: Query): DataRequest {
  const range = readRange(query);
  return { range, zone: readZone(query), rollup: readRollup(query, range) };
}

const dayMs = 86_400_000;

/** Without an interval, the length of the range decides; a function alone changes nothing. */
function readRollup(query: Query, { start, end }: Range): DataRollup | undefined {
  const interval = query.get('interval') ?? automaticInterval(end - start);
  if (interval === 'raw') return undefined;
  const period = parsePeriod(interval);
  if (period === undefined) throw badParameter('interval', interval);
  const asked = query.get('function') ?? 'avg';
  return { period, fold: parseFoldOf('function', asked), asked };
}

function automaticInterval(length: number): string {
  if (length <= 2 * dayMs) return 'raw';
  return length <= 30 * dayMs ? 'PT1H' : 'P1D';
}

async function addDataSet(text: TextParts, { points }: Exchange, series: Description, { range, zone, rollup }: DataRequest): Promise<void> {
  const [start, end] = [zone.format(range.start), zone.format(range.end)];
  text.add(`{"series":${seriesText(series)},"start":"${start}","end":"${end}","data":[`);
  const statistics = createStatistics();
  const stored = passThrough(points.pages(series.key, range), statistics.add);
  const rows = rollup === undefined ? stored : rollUp(stored, series.key, rollup, zone);
  await addRows(text, pointRows(rows, zone), Number.POSITIVE_INFINITY);
  const echo = rollup === undefined ? null : { interval: rollup.period.iso, function: rollup.asked, tz: zone.name };
  text.add(`],"rollup":${JSON.stringify(echo)},"summary":${statistics.text(sevenStatistics)}}`);
}

async function* passThrough(pages: AsyncIterable<PointBatch>, look: (page: PointBatch) => void): AsyncGenerator<PointBatch> {
  for await (const page of pages) {
    look(page);
    yield page;
  }
}
