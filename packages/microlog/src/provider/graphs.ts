import { AnySeriesError, type SeriesRef } from '@anyseries/core';
import { type CallContext, checkKey, show } from '@anyseries/core/provider';
import { paths, type Service } from '../client/service.ts';
import type { Connection } from '../settings.ts';
import { graphsAnswer } from '../wire/answers.ts';
import { assignGraph } from '../wire/encode-batch.ts';

/** A graph as the series that it is to this provider. */
export interface KnownGraph {
  readonly id: string;
  readonly name: string;
  /** Whether it stands for a series that another protocol of the gateway has made. */
  readonly isForeign: boolean;
}

/** Which graph stands for a series: found by its name, or by its id, or made. */
export interface GraphDirectory {
  /** Names the graphs of series, and makes those that are missing. Answers the series that have none, and why. */
  assign(refs: readonly SeriesRef[], context: CallContext): Promise<ReadonlyMap<SeriesRef, AnySeriesError>>;
  /** The graphs that there are of these series. */
  find(keys: readonly string[], context: CallContext): Promise<ReadonlyMap<string, KnownGraph>>;
  /** All graphs, by the keys of their series. */
  list(context: CallContext): Promise<ReadonlyMap<string, KnownGraph>>;
  /** The server knows some of the graphs no more. */
  forget(): void;
}

/**
 * The graphs of an account. A gateway tells them to whoever has the token, an original server to whoever has the password; without, there is the
 * registry, and a key that looks like the id of a graph is taken for one.
 */
export function createGraphDirectory(service: Service, connection: Connection): GraphDirectory {
  const { server, hasPassword, graphs: registry } = connection;
  const canList = server === 'gateway' || hasPassword;
  /** By key, and by id. */
  let known: ReadonlyMap<string, KnownGraph> = new Map();
  let making: Promise<unknown> = Promise.resolve();

  async function list(context: CallContext): Promise<ReadonlyMap<string, KnownGraph>> {
    const listed = byKey(server === 'gateway' ? await tellAll(context) : await lookUpAll(context));
    known = new Map([...listed.values().map((graph): [string, KnownGraph] => [graph.id, graph]), ...listed]);
    return listed;
  }

  async function tellAll(context: CallContext): Promise<KnownGraph[]> {
    const answer = await service.read(paths.api, {}, graphsAnswer, context);
    return (answer?.graphs ?? []).map(({ id, name, series }) => ({ id, name, isForeign: series !== undefined }));
  }

  async function lookUpAll(context: CallContext): Promise<KnownGraph[]> {
    return (await service.dashboard(context)).graphs.map(({ id, name }) => ({ id, name, isForeign: false }));
  }

  async function find(keys: readonly string[], context: CallContext): Promise<ReadonlyMap<string, KnownGraph>> {
    const found = new Map<string, KnownGraph>();
    const missing: string[] = [];
    for (const key of keys) {
      const id = await registry.get(key);
      const graph = id === undefined ? known.get(key) : { id, name: key, isForeign: false };
      if (graph !== undefined) found.set(key, graph);
      else missing.push(key);
    }
    if (canList && missing.length > 0) await list(context);
    for (const key of missing) {
      const graph = canList ? known.get(key) : asId(key);
      if (graph !== undefined) found.set(key, graph);
    }
    return found;
  }

  /** Makes graphs that were missing a moment ago; where somebody else was faster, theirs are older and count. */
  async function make(keys: readonly string[], context: CallContext): Promise<ReadonlyMap<string, KnownGraph>> {
    const present = await find(keys, context);
    const absent = keys.filter((key) => !present.has(key));
    for (const key of absent) await service.visit({ path: paths.newGraph, form: { graph_name: key } }, context);
    const made = await find(absent, context);
    for (const key of absent) {
      const graph = made.get(key);
      if (graph === undefined) throw new AnySeriesError('protocol', `the service does not list the graph ${show(key)} that it has made`);
      await registry.set(key, graph.id);
    }
    return new Map([...present, ...made]);
  }

  return {
    find,
    list,
    async assign(refs, context) {
      const keys = refs.map(({ key }) => key);
      let found = await find(keys, context);
      const missing = keys.filter((key) => !found.has(key));
      if (missing.length > 0 && hasPassword) {
        // one after another, so that the same graph is not made twice
        const made = making.then(() => make(missing, context));
        making = made.catch(() => {});
        found = new Map([...found, ...(await made)]);
      }
      const without = new Map<SeriesRef, AnySeriesError>();
      for (const ref of refs) {
        const graph = found.get(ref.key);
        if (graph === undefined) without.set(ref, missingGraph(ref.key, server));
        else assignGraph(ref, graph.id);
      }
      return without;
    },
    forget() {
      known = new Map();
    },
  };
}

/** Graphs by the keys of their series: the name, or the id where an older graph has the name, or where no key can be such a text. */
function byKey(graphs: readonly KnownGraph[]): ReadonlyMap<string, KnownGraph> {
  const keyed = new Map<string, KnownGraph>();
  for (const graph of graphs) keyed.set(!keyed.has(graph.name) && isKey(graph.name) ? graph.name : graph.id, graph);
  return keyed;
}

function isKey(name: string): boolean {
  try {
    return checkKey(name) === name;
  } catch {
    return false;
  }
}

/** Ids of graphs are easily recognised, and names seldom look like them. */
function asId(key: string): KnownGraph | undefined {
  return /^[0-9A-Za-z]{20}$/.test(key) ? { id: key, name: key, isForeign: false } : undefined;
}

function missingGraph(key: string, server: Connection['server']): AnySeriesError {
  const password = "the setting 'password' (MICROLOG_PASSWORD)";
  const advice =
    server === 'gateway'
      ? `give ${password}, so that it is made`
      : `give its id in the setting 'graphs', or ${password}, so that it is made`;
  return new AnySeriesError('not-found', `the account has no graph ${show(key)}: ${advice}`);
}
