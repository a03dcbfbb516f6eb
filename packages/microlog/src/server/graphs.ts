import { isAnySeriesError, type Json, type Series, type Store } from '@anyseries/core';
import type { Account } from './accounts.ts';
import { randomText } from './random-text.ts';

/** A graph: a list of counts of its own, or the view of a series that another protocol has made. */
export interface Graph {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** The series of the project that the graph's counts are added to. */
  readonly series: string;
  /** Whether the graph has a list of what was sent. */
  readonly hasList: boolean;
  readonly store: Store;
}

/** The graphs of all accounts: in the records of the main store, because a page names nothing but the id. */
export interface Graphs {
  find(id: string): Promise<Graph | undefined>;
  /** The graph, if the account may write to it. */
  findFor(account: Account, id: unknown): Promise<Graph | undefined>;
  /** Those of an account in order of creation, then those of the series that its project has from other protocols. */
  list(account: Account): Promise<readonly Graph[]>;
  /** Answers the id. */
  create(account: Account, name: string, type: string, id?: string): Promise<string>;
  /** The scale that the page was last asked for. */
  scale(id: string): Promise<number | undefined>;
  saveScale(id: string, scale: number): Promise<void>;
}

type KeptGraph = {
  readonly project: string;
  readonly name: string;
  readonly type: string;
  /** The account that made it; left out: the graph is of its project. */
  readonly owner?: string;
  /** The series that it stands for; left out: one of the same key as its id. */
  readonly series?: string;
};
type KeptList = { readonly graphs: readonly { readonly id: string; readonly name: string; readonly type: string }[] };

const collections = {
  /** By id. */
  graphs: 'microlog/graphs',
  /** By the name of the account. */
  lists: 'microlog/graph-lists',
  scales: 'microlog/scales',
  /** In the store of a project: the ids that series of other protocols have got, by key. */
  given: 'microlog/given-ids',
} as const;

const idPattern = /^[0-9A-Za-z]{20}$/;
/** Ids are given to so many series at a time. */
const atOnce = 50;

/** The type of graphs that stand for a series of another protocol. */
const seriesType = 'series';

export function createGraphs(main: Store, openProject: (id: string) => Promise<Store>): Graphs {
  const { records } = main;

  async function find(id: string): Promise<Graph | undefined> {
    const kept = await findKept(id);
    return kept && toGraph(id, kept);
  }

  async function findKept(id: string): Promise<KeptGraph | undefined> {
    return idPattern.test(id) ? (await records.get<KeptGraph>(collections.graphs, id))?.value : undefined;
  }

  async function toGraph(id: string, { project, name, type, series }: KeptGraph): Promise<Graph | undefined> {
    const store = await openProject(project).catch(undefinedIfMissing);
    if (store === undefined) return undefined;
    if (series === undefined) return { id, name, type, series: id, hasList: true, store };
    const [present] = await store.series({ keys: [series] }).toArray();
    return present && fromSeries(id, present, store);
  }

  async function list(account: Account): Promise<readonly Graph[]> {
    const { store } = account;
    const own = (await records.get<KeptList>(collections.lists, account.name))?.value.graphs ?? [];
    const others = await listOthers(account, new Set(own.map(({ id }) => id)));
    return [...own.map((graph) => ({ ...graph, series: graph.id, hasList: true, store })), ...others];
  }

  /** Graphs of the series that other protocols have made; each gets an id when it is listed first. */
  async function listOthers({ project, store }: Account, own: ReadonlySet<string>): Promise<Graph[]> {
    const given = new Map<string, string>();
    for await (const { id, value } of store.records.list<string>(collections.given)) given.set(id, value);
    const graphs: Graph[] = [];
    let waiting: Promise<Graph | undefined>[] = [];
    for await (const series of store.series()) {
      if (own.has(series.key)) continue;
      const id = given.get(series.key);
      if (id !== undefined) waiting.push(Promise.resolve(fromSeries(id, series, store)));
      else waiting.push(giveId(series, project, store));
      if (waiting.length < atOnce) continue;
      graphs.push(...(await Promise.all(waiting)).filter((graph) => graph !== undefined));
      waiting = [];
    }
    graphs.push(...(await Promise.all(waiting)).filter((graph) => graph !== undefined));
    return graphs;
  }

  async function giveId(series: Series, project: string, store: Store): Promise<Graph | undefined> {
    const { key } = series;
    // the series of a graph, of this or of another account
    if ((await findKept(key)) !== undefined) return undefined;
    const id = await addKept({ project, name: '', type: seriesType, series: key });
    try {
      await store.records.put(collections.given, key, id, { ifVersion: null });
      return fromSeries(id, series, store);
    } catch (error) {
      if (!isConflict(error)) throw error;
      const earlier = await store.records.get<string>(collections.given, key);
      return earlier && fromSeries(earlier.value, series, store);
    }
  }

  /** Keeps a graph under a new id. */
  async function addKept(kept: KeptGraph, wanted?: string): Promise<string> {
    for (;;) {
      const id = wanted ?? randomText();
      try {
        await records.put(collections.graphs, id, kept as Json, { ifVersion: null });
        return id;
      } catch (error) {
        if (!isConflict(error) || wanted !== undefined) throw error;
      }
    }
  }

  return {
    find,
    list,
    async findFor(account, id) {
      const kept = typeof id === 'string' ? await findKept(id) : undefined;
      if (kept === undefined || kept.project !== account.project) return undefined;
      return (kept.owner ?? account.name) === account.name ? toGraph(id as string, kept) : undefined;
    },
    async create(account, name, type, wanted) {
      const { project, store } = account;
      const id = await addKept({ project, name, type, owner: account.name }, wanted);
      await main.transaction(async (tx) => {
        const present = await tx.records.get<KeptList>(collections.lists, account.name);
        tx.records.put(collections.lists, account.name, { graphs: [...(present?.value.graphs ?? []), { id, name, type }] });
      });
      await store.putSeries(isSeriesName(name) ? { key: id, name } : { key: id });
      return id;
    },
    async scale(id) {
      return (await records.get<number>(collections.scales, id))?.value;
    },
    async saveScale(id, scale) {
      await records.put(collections.scales, id, scale);
    },
  };
}

function fromSeries(id: string, { key, name = key }: Series, store: Store): Graph {
  return { id, name, type: seriesType, series: key, hasList: false, store };
}

function isSeriesName(name: string): boolean {
  return name.isWellFormed() && !name.includes('\0');
}

function undefinedIfMissing(error: unknown): undefined {
  if (isAnySeriesError(error) && error.code === 'not-found') return undefined;
  throw error;
}

function isConflict(error: unknown): boolean {
  return isAnySeriesError(error) && error.code === 'conflict';
}
