import { AnySeriesError, type Series } from '@anyseries/core';
import { readJson } from '@anyseries/core/http';
import { type CallContext, createIdRegistry, type IdRegistry } from '@anyseries/core/provider';
import type { Service } from '../client/service.ts';
import { seriesPath } from '../client/service.ts';
import { fullSearchAnswer, searchAnswer } from '../wire/answers.ts';

/** Finds the series that stand for keys. The server chooses their ids. */
export interface SeriesIds {
  find(key: string, context: CallContext): Promise<string | undefined>;
  /** The id of a key's series, which is made where it is missing. */
  ensure(key: string, context: CallContext): Promise<string>;
  /** The series of a key is gone. */
  forget(key: string, id: string): Promise<void>;
  /** Every series of the user. @throws AnySeriesError `unsupported` where the server has no search */
  list(context: CallContext): AsyncIterable<readonly Series[]>;
}

const pageSize = 1000;
/** What a server without the extension says to a format that it does not know. */
const withoutExtension: readonly number[] = [400, 404];

export function createSeriesIds(service: Service, registry: IdRegistry = createIdRegistry()): SeriesIds {
  const known = new Map<string, string>();
  const making = new Map<string, Promise<string>>();
  let hasExtension: boolean | undefined;

  async function find(key: string, context: CallContext): Promise<string | undefined> {
    const id = known.get(key) ?? (await registry.get(key)) ?? (await lookUp(key, context)) ?? (isId(key) ? key : undefined);
    if (id !== undefined) known.set(key, id);
    return id;
  }

  /** Our own server remembers keys. */
  async function lookUp(key: string, context: CallContext): Promise<string | undefined> {
    if (hasExtension === false) return undefined;
    const answer = await searchFully([['anyseries_key', key]], context);
    return answer?.results.find((series) => series.key === key)?.name;
  }

  async function searchFully(search: readonly (readonly [string, string])[], context: CallContext) {
    const response = await service.send({ path: '/search/results.full.json', search, accept: withoutExtension }, context);
    hasExtension = response.status === 200;
    return hasExtension ? readJson(response, fullSearchAnswer) : undefined;
  }

  async function make(key: string, context: CallContext): Promise<string> {
    const id = await service.create(
      [
        ['title', key],
        ['caption', key],
        ['anyseries_key', key],
      ],
      undefined,
      context,
    );
    const kept = await registry.claim(key, id);
    // another process was faster: its series counts, and this one has nothing in it yet
    if (kept !== id) await service.send({ method: 'DELETE', path: seriesPath(id), accept: [404] }, context);
    known.set(key, kept);
    return kept;
  }

  async function* listFully(context: CallContext): AsyncGenerator<readonly Series[]> {
    for (let page = 1; ; page++) {
      const search = [['u', 'me'] as const, ['n', String(pageSize)] as const, ['p', String(page)] as const];
      const answer = await searchFully(search, context);
      if (answer === undefined) return;
      yield answer.results.map(({ key, name: id, title, attributes, tags }) => {
        known.set(key, id);
        return { key, id, ...(title === key ? {} : { name: title }), attributes, tags };
      });
      if (page * pageSize >= answer.total) return;
    }
  }

  /** A search of the service's own: keys are those that the registry has, or else ids. */
  async function* listFound(context: CallContext): AsyncGenerator<readonly Series[]> {
    const keys = new Map<string, string>();
    for await (const [key, id] of registry.list()) keys.set(id, key);
    for (let page = 1; ; page++) {
      const search = [['u', 'me'] as const, ['n', String(pageSize)] as const, ['p', String(page)] as const];
      const response = await service.send({ path: '/search/results.fat.json', search, accept: [404] }, context);
      if (response.status === 404) throw new AnySeriesError('unsupported', 'this server has no search, so that series cannot be listed');
      const { results } = await readJson(response, searchAnswer);
      yield results.map(({ name: id, title, tags = [] }) => {
        const key = keys.get(id) ?? id;
        return { key, id, ...(title === key ? {} : { name: title }), attributes: {}, tags };
      });
      if (results.length < pageSize) return;
    }
  }

  return {
    find,
    async ensure(key, context) {
      // our own server answers the series that is there already; no other could be asked for it
      const id = known.get(key) ?? (await registry.get(key)) ?? (isId(key) ? await find(key, context) : undefined);
      if (id !== undefined) {
        known.set(key, id);
        return id;
      }
      const made = making.get(key) ?? make(key, context).finally(() => making.delete(key));
      making.set(key, made);
      return made;
    },
    async forget(key, id) {
      if (known.get(key) === id) known.delete(key);
      await registry.delete(key, id);
    },
    async *list(context) {
      if (hasExtension !== false) yield* listFully(context);
      if (hasExtension === false) yield* listFound(context);
    },
  };
}

/** Old series have no keys but their ids, which look like nothing else. */
function isId(key: string): boolean {
  return /^[\w-]{21}[AQgw]$/.test(key);
}
