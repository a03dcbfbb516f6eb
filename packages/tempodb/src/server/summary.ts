import { jsonAnswer } from './answer.ts';
import type { Exchange, Handler } from './exchange.ts';
import { omittedHeaders } from './paged-answer.ts';
import { type Range, readRange } from './parameters.ts';
import { seriesText } from './series.ts';
import { createStatistics, type Statistics, sevenStatistics, sixStatistics } from './statistics.ts';
import { readZone } from './zone.ts';

/** Section 5.18. */
export const readSummary: Handler = async (exchange) => {
  const series = await exchange.series();
  const [range, zone] = [readRange(exchange.query), readZone(exchange.query)];
  const statistics = await summarise(exchange, series.key, range);
  const bounds = `"tz":"${zone.name}","end":"${zone.format(range.end)}","start":"${zone.format(range.start)}"`;
  const text = `{"series":${seriesText(series)},${bounds},"summary":${statistics.text(sixStatistics)}}`;
  return jsonAnswer(text, { headers: omittedHeaders(exchange.points, range) });
};

/** The form of early 2013 (section 5.18). */
export const readBareSummary: Handler = async (exchange) => {
  const { key } = await exchange.series();
  const range = readRange(exchange.query);
  const statistics = await summarise(exchange, key, range);
  return jsonAnswer(statistics.text(sevenStatistics), { headers: omittedHeaders(exchange.points, range) });
};

async function summarise({ points }: Exchange, key: string, range: Range): Promise<Statistics> {
  const statistics = createStatistics();
  for await (const page of points.pages(key, range)) statistics.add(page);
  return statistics;
}
