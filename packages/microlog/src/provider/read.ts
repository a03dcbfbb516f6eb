import type { PointBatch, Series, Value } from '@anyseries/core';
import {
  addValues,
  type Backend,
  type CallContext,
  compareCodePoints,
  createBatchBuilder,
  matchesFilter,
  type ReadRequest,
} from '@anyseries/core/provider';
import { paths, type Service } from '../client/service.ts';
import { pointsAnswer } from '../wire/answers.ts';
import { shownCount } from '../wire/count.ts';
import type { GraphDirectory, KnownGraph } from './graphs.ts';
import { readBackwards } from './read-backwards.ts';

type ReadMethods = Required<Pick<Backend, 'read' | 'series' | 'latest'>>;

/** What a graph has within one second, in whole seconds. */
export interface Sum {
  readonly time: number;
  readonly value: number | bigint;
}

const pagePoints = 10_000;

/** Reading by the EXTENSION: the points of a graph, of which those of the same second are one. */
export function createReadMethods(service: Service, graphs: GraphDirectory): ReadMethods {
  async function* read({ keys, start, end, descending, limit }: ReadRequest, context: CallContext): AsyncGenerator<PointBatch> {
    const [from, to] = [Math.ceil(start / 1000), Math.ceil(end / 1000)];
    if (from >= to) return;
    const found = await graphs.find(keys, context);
    for (const key of keys) {
      const graph = found.get(key);
      if (graph === undefined) continue;
      const range = { start: from, end: to, limit };
      const pages = descending
        ? readBackwards({ ...range, now: context.clock.now() / 1000 }, (window) => sums(graph, window, context))
        : sums(graph, range, context);
      yield* toBatches(key, pages, limit);
    }
  }

  /** Pages of sums in ascending order. What is in a second is added up before it is told. */
  async function* sums(graph: KnownGraph, range: SumsRange, context: CallContext): AsyncGenerator<readonly Sum[]> {
    let last: Sum | undefined;
    for await (const points of pointPages(graph.id, range, context)) {
      const page: Sum[] = [];
      for (const { time, count } of points) {
        const value = keptValue(count, graph);
        if (value === undefined) continue;
        const second = Math.floor(time);
        if (last?.time === second) last = { time: second, value: addValues(last.value, value) };
        else {
          if (last !== undefined) page.push(last);
          last = { time: second, value };
        }
      }
      yield page;
    }
    if (last !== undefined) yield [last];
  }

  async function* pointPages(graph: string, { start, end, limit }: SumsRange, context: CallContext) {
    // several points may be one sum
    const search: Record<string, string> = { limit: String(Math.min(2 * limit + 100, pagePoints)) };
    if (Number.isFinite(start)) search.start = String(start);
    if (Number.isFinite(end)) search.end = String(end);
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const asked = cursor === undefined ? search : { ...search, cursor };
      const answer = await service.read(paths.points(graph), asked, pointsAnswer, context);
      if (answer === undefined) return;
      yield answer.points;
      cursor = answer.next;
    }
  }

  return {
    read,
    async *series(filter, context) {
      const found: Series[] = [];
      for (const [key, { id, name }] of await graphs.list(context)) {
        const series = { key, id, name, attributes: {}, tags: [] };
        if (matchesFilter(series, filter)) found.push(series);
      }
      yield found.sort((a, b) => compareCodePoints(a.key, b.key));
    },
    async latest(keys, context) {
      const builder = createBatchBuilder(keys.length);
      const everything = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY, descending: true, limit: 1 };
      for (const key of keys) {
        for await (const { times, values, others, length } of read({ ...everything, keys: [key] }, context))
          if (length > 0) builder.add({ key, slot: undefined }, times[0]!, others.get(0) ?? values[0]!);
      }
      return builder.build();
    },
  };
}

export interface SumsRange {
  readonly start: number;
  readonly end: number;
  /** The most sums that are wanted; more may come. */
  readonly limit: number;
}

/**
 * A count as the whole number that this provider keeps, up to 2^53: of a graph as its page shows it, of a series of another protocol only if it is
 * one.
 */
function keptValue(count: number | bigint, { isForeign }: KnownGraph): number | undefined {
  const whole = typeof count === 'number' && (isForeign || Number.isInteger(count)) ? count : shownCount(count);
  return Number.isSafeInteger(whole) ? whole : undefined;
}

async function* toBatches(key: string, pages: AsyncIterable<readonly Sum[]>, limit: number): AsyncGenerator<PointBatch> {
  const ref = { key, slot: undefined };
  let left = limit;
  for await (const page of pages) {
    const builder = createBatchBuilder(page.length);
    for (const { time, value } of page.slice(0, left)) builder.add(ref, time * 1000, value as Value);
    left -= builder.length;
    yield builder.build();
    if (left <= 0) return;
  }
}
