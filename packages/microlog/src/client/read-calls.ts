import { AnySeriesError } from '@anyseries/core';
import { type CallContext, checkObject, invalid, show } from '@anyseries/core/provider';
import type { ZodMiniType } from 'zod/mini';
import type { MicrologClient } from '../client.ts';
import { graphsAnswer, pointsAnswer, sumsAnswer } from '../wire/answers.ts';
import type { Call } from './call.ts';
import { graphField } from './fields.ts';
import { readGraphPage } from './graph-page.ts';
import type { GraphPoint, PointCursor, PointRange } from './model.ts';
import { paths, type Service } from './service.ts';

type ReadCalls = Pick<MicrologClient, 'listGraphs' | 'readPoints' | 'readSums' | 'readGraph'>;
type Search = Readonly<Record<string, string>>;

/** The calls that read: three of the EXTENSION, and the page. */
export function createReadCalls(call: Call): ReadCalls {
  async function ofGraph<T>(resource: string, search: Search, schema: ZodMiniType<T>, service: Service, context: CallContext): Promise<T> {
    const answer = await service.read(resource, search, schema, context);
    if (answer !== undefined) return answer;
    throw new AnySeriesError('not-found', 'status 404: the account has no such graph');
  }

  return {
    listGraphs: async (options) =>
      call(options, async (service, context) => (await ofGraph(paths.api, {}, graphsAnswer, service, context)).graphs),
    readPoints(graph, range, options) {
      const resource = paths.points(graphField(graph));
      const search = rangeFields(range, ['limit']);
      return createCursor(async (cursor) =>
        call(options, async (service, context) =>
          ofGraph(resource, cursor === undefined ? search : { ...search, cursor }, pointsAnswer, service, context),
        ),
      );
    },
    async readSums(graph, query, options) {
      const resource = paths.sums(graphField(graph));
      const search = rangeFields(query, ['interval']);
      return call(options, async (service, context) => (await ofGraph(resource, search, sumsAnswer, service, context)).sums);
    },
    async readGraph(graph, query, options) {
      const id = graphField(graph);
      const { interval } = checkObject(query, ['interval'], 'query');
      if (!Number.isInteger(interval) || (interval as number) < 1 || (interval as number) > maxInterval)
        throw invalid('query.interval', `${show(interval)} is no whole number of seconds from 1 to ${maxInterval}`);
      return call(options, (service, context) => readGraphPage(service, id, interval as number, context));
    },
  };
}

/** A week's scale has a third of it per bucket, and there is no larger one. */
const maxInterval = 201_600;

function rangeFields(range: PointRange | undefined, more: readonly string[]): Search {
  const given = checkObject(range ?? {}, ['start', 'end', ...more], 'range');
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(`range.${name}`, `${show(value)} is no number`);
    fields[name] = String(value);
  }
  return fields;
}

type PointPage = { readonly points: readonly GraphPoint[]; readonly next: string | null };

function createCursor(fetchPage: (cursor: string | undefined) => Promise<PointPage>): PointCursor {
  let isUsed = false;

  async function* pages(): AsyncGenerator<readonly GraphPoint[]> {
    if (isUsed) throw invalid('cursor', 'it is iterated once; call again for another pass');
    isUsed = true;
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await fetchPage(cursor);
      yield page.points;
      cursor = page.next;
    }
  }

  async function* each(): AsyncGenerator<GraphPoint> {
    for await (const page of pages()) yield* page;
  }

  return { pages, toArray: () => Array.fromAsync(each()), [Symbol.asyncIterator]: each };
}
