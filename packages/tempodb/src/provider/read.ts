import type { PointBatch } from '@anyseries/core';
import { type Backend, type CallContext, createBatchBuilder, type FoldRequest, type ReadRequest } from '@anyseries/core/provider';
import type { DataPoint } from '../client/model.ts';
import type { Service } from '../client/service.ts';
import { pointsAnswer, singleAnswer, singleListAnswer } from '../wire/answers.ts';
import { lastTime } from '../wire/limits.ts';
import { type SearchFields, searchOf } from '../wire/search.ts';
import { formatTimestamp } from '../wire/timestamp.ts';
import { allPages, keysByUrl } from './paging.ts';
import { type Range, wholeRange } from './range.ts';
import { readBackwards } from './read-backwards.ts';

type ReadMethods = Required<Pick<Backend, 'read' | 'latest'>>;

/** Rows of a page that the service sends by default (section 4.13). */
const pageRows = 5000;

export function createReadMethods(service: Service): ReadMethods {
  async function* read(request: ReadRequest, context: CallContext): AsyncGenerator<PointBatch> {
    const range = wholeRange(request);
    if (range === undefined) return;
    for (const key of request.keys) {
      const ref = { key, slot: undefined };
      const pages = request.descending ? descending(key, range, request.limit, context) : ascending(key, range, request, context);
      for await (const points of pages) {
        const builder = createBatchBuilder(points.length);
        for (const { t, v } of points) builder.add(ref, t, v);
        yield builder.build();
      }
    }
  }

  async function* ascending(
    key: string,
    { start, end }: Range,
    { limit, rollup }: ReadRequest,
    context: CallContext,
  ): AsyncGenerator<readonly DataPoint[]> {
    const search = searchOf({ ...bounds(start, end, Math.min(limit, pageRows)), ...rollupFields(rollup) });
    const first = await service.pageOf({ key }, 'segment/', search, pointsAnswer, context);
    if (first === undefined) return;
    let left = limit;
    for await (const { data } of allPages(service, first, pointsAnswer, context)) {
      yield data.slice(0, left);
      left -= data.length;
      if (left <= 0) return;
    }
  }

  function descending(key: string, range: Range, limit: number, context: CallContext): AsyncGenerator<readonly DataPoint[]> {
    return readBackwards(
      {
        async newestBefore(time) {
          const search = searchOf({ ts: formatTimestamp(time - 1), direction: 'before' });
          const page = await service.pageOf({ key }, 'single/', search, singleAnswer, context);
          return page?.content.data ?? undefined;
        },
        async window(start, end, rows) {
          const page = await service.pageOf({ key }, 'segment/', searchOf(bounds(start, end, rows)), pointsAnswer, context);
          return { points: page?.content.data ?? [], isWhole: page?.next === undefined };
        },
      },
      { ...range, limit, pageRows },
    );
  }

  return {
    read,
    async latest(keys, context) {
      const builder = createBatchBuilder(keys.length);
      for (const key of keysByUrl(keys)) {
        const search = searchOf({ key, ts: formatTimestamp(lastTime), direction: 'before', limit: pageRows });
        const first = await service.page('/single/', search, singleListAnswer, context);
        for await (const page of allPages(service, first, singleListAnswer, context)) {
          for (const { series, data } of page) if (data !== null) builder.add({ key: series.key, slot: undefined }, data.t, data.v);
        }
      }
      return builder.build();
    },
  };
}

function bounds(start: number, end: number, limit: number): SearchFields {
  return { start: formatTimestamp(start), end: formatTimestamp(end), limit };
}

const isoUnits = { d: 'D', month: 'M' } as const;

/** The period as an ISO 8601 duration, the fold by the service's name (sections 4.8 and 4.10). */
function rollupFields(rollup: FoldRequest | undefined): SearchFields {
  if (rollup === undefined) return {};
  const { every, fn, timeZone } = rollup;
  const period = every.unit === 'ms' ? `PT${every.count / 1000}S` : `P${every.count}${isoUnits[every.unit]}`;
  const fold = fn.rank === undefined ? fn.name : `percentile,${fn.rank}`;
  return { 'rollup.period': period, 'rollup.fold': fold, tz: timeZone };
}
