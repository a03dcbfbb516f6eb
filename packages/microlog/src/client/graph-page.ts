import { AnySeriesError } from '@anyseries/core';
import { statusError } from '@anyseries/core/http';
import type { CallContext } from '@anyseries/core/provider';
import { bucketCount, bucketLabel } from '../wire/graph-window.ts';
import { type Chart, readChart } from '../wire/pages.ts';
import type { GraphPage } from './model.ts';
import { paths, type Service } from './service.ts';

const tries = 3;

/**
 * Reads the page of a graph as numbers ("Reading it as a source" of the protocol document). When its window ends is told by the answer's `Date`, which may
 * be later than the moment that the service looked at its clock: where a bucket began in between, the page is asked for again.
 */
export async function readGraphPage(service: Service, graph: string, interval: number, context: CallContext): Promise<GraphPage> {
  for (let left = tries; ; left--) {
    const asked = context.clock.now();
    const answer = await service.page(paths.graph(graph), { i: String(3 * interval) }, context);
    const html = await answer.text();
    if (answer.status === 404) throw statusError(404, `${html}: there is no page of this graph`);
    const chart = readChart(html);
    const date = Date.parse(answer.headers.get('date') ?? '') / 1000;
    if (chart === undefined || Number.isNaN(date)) throw new AnySeriesError('protocol', 'the page is no graph page with a date');
    const elapsed = Math.max(0, context.clock.now() - asked) / 1000;
    const last = lastBucket(chart, interval, Math.floor((date - elapsed) / interval), Math.floor(date / interval));
    if (last !== undefined || left === 1) return toPage(chart, interval, last ?? Math.floor(date / interval), last !== undefined);
  }
}

/** The number of the last bucket, which is between two; `undefined` where that cannot be told. Labels tell minutes. */
function lastBucket({ labels }: Chart, interval: number, earliest: number, latest: number): number | undefined {
  if (earliest === latest) return latest;
  if (interval % 60 !== 0 || latest - earliest > 1) return undefined;
  const fitting = [earliest, latest].filter((bucket) => bucketLabel(bucket * interval) === labels.at(-1));
  return fitting.length === 1 ? fitting[0] : undefined;
}

function toPage({ name, data }: Chart, interval: number, last: number, isCertain: boolean): GraphPage {
  const buckets = data.map((sum, place) => ({
    time: (last - bucketCount + 1 + place) * interval,
    sum: Number.isNaN(sum) ? undefined : sum,
  }));
  return { name, interval, buckets, isCertain };
}
