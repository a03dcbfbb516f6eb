import { allTimes } from '@anyseries/core';
import { formatTimestamp } from '../wire/timestamp.ts';
import { jsonAnswer } from './answer.ts';
import type { Description } from './directory.ts';
import type { Exchange, Handler } from './exchange.ts';
import { readFilter } from './filter.ts';
import { omittedHeaders } from './paged-answer.ts';
import { readPosition } from './paging.ts';
import { readLimit, readTime, usualRows } from './parameters.ts';
import type { Query } from './query.ts';
import { badParameter } from './refusal.ts';
import { pointText } from './row-page.ts';
import { seriesText } from './series.ts';
import type { ShownPoint, ShownPoints } from './shown-points.ts';
import { readZone, type Zone } from './zone.ts';

type Search = (points: ShownPoints, key: string, time: number) => Promise<ShownPoint | undefined>;

const before: Search = (points, key, time) => points.last(key, { start: allTimes.min, end: time + 1 });
const after: Search = (points, key, time) => points.first(key, { start: time, end: allTimes.max });

const directions: ReadonlyMap<string, Search> = new Map<string, Search>([
  ['exact', (points, key, time) => points.last(key, { start: time, end: time + 1 })],
  ['before', before],
  ['after', after],
  [
    'nearest',
    async (points, key, time) => {
      const [earlier, later] = await Promise.all([before(points, key, time), after(points, key, time)]);
      if (earlier === undefined || later === undefined) return earlier ?? later;
      return time - earlier.time <= later.time - time ? earlier : later;
    },
  ],
]);

interface SingleRequest {
  readonly time: number;
  readonly search: Search;
  readonly zone: Zone;
}

/** Section 5.17. */
export const readSingle: Handler = async (exchange) => {
  const series = await exchange.series();
  const request = readRequest(exchange.query, exchange.now);
  const text = await singleText(exchange, series, request);
  return jsonAnswer(text, { headers: omittedHeaders(exchange.points, everything) });
};

/** Series that are looked at together. */
const seriesAtOnce = 50;

/** Section 5.17, for several series. */
export const readSingles: Handler = async (exchange) => {
  const { query, place } = readPosition<string>(exchange.query, 'string');
  const request = readRequest(query, exchange.now);
  const limit = readLimit(query, usualRows);
  const listed = exchange.directory.list(readFilter(query), { after: place, wanted: limit + 1 });
  const series: Description[] = [];
  for await (const each of listed) if (series.push(each) > limit) break;
  const texts: string[] = [];
  for (let i = 0; i < Math.min(series.length, limit); i += seriesAtOnce) {
    const portion = series.slice(i, Math.min(i + seriesAtOnce, limit));
    texts.push(...(await Promise.all(portion.map((each) => singleText(exchange, each, request)))));
  }
  // all pages are about one time, also where it was left out and is that of the first request
  const timed = query.get('ts') === undefined ? `ts=${formatTimestamp(request.time)}&${query.raw}` : query.raw;
  const link = series.length > limit ? exchange.nextPage('single', timed, series[limit - 1]!.key) : {};
  return jsonAnswer(`[${texts.join(',')}]`, { headers: { ...link, ...omittedHeaders(exchange.points, everything) } });
};

const everything = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY };

function readRequest(query: Query, now: number): SingleRequest {
  const time = query.get('ts') === undefined ? now : readTime(query, 'ts');
  const direction = query.get('direction') ?? 'exact';
  const search = directions.get(direction.toLowerCase());
  if (search === undefined) throw badParameter('direction', direction);
  return { time, search, zone: readZone(query) };
}

async function singleText({ points }: Exchange, series: Description, { time, search, zone }: SingleRequest): Promise<string> {
  const point = await search(points, series.key, time);
  const text = point === undefined ? 'null' : pointText(zone, point);
  return `{"series":${seriesText(series)},"data":${text},"tz":"${zone.name}"}`;
}
