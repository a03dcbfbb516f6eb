import { isAnySeriesError, type Series, type Store, type Transaction } from '@anyseries/core';
import { createSeriesId } from '../wire/series-id.ts';
import type { User } from './accounts.ts';
import { clearNulls } from './nulls.ts';
import { noSuchSeries } from './refusal.ts';

/** A series as this protocol has it. */
export interface SeriesEntry {
  readonly id: string;
  readonly project: string;
  readonly store: Store;
  /** Key, name, attributes and tags in the store. A series that was made here has its id for a key, unless its maker named one. */
  readonly series: Series;
  /** The user whose it is; left out: it was made by another protocol, and belongs to all users of its project. */
  readonly owner: string | undefined;
  readonly isPublic: boolean;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

export interface NewSeries {
  /** The key in the store; a series that has it already is taken as it is. Default: the id. */
  readonly key?: string | undefined;
  readonly name: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly isPublic: boolean;
}

/** What is kept of a series beside its points and metadata; changes with every write of this protocol, so that writes find out about each other. */
export interface SeriesState {
  readonly id: string;
  readonly owner?: string;
  readonly public?: true;
  readonly createdAt: number;
  /** The time of the last `value` or `increment`, epoch milliseconds. */
  readonly lastAt?: number;
  /** Whether it ever had rows without a value. */
  readonly hasNulls?: true;
  readonly changes: number;
}

export interface Directory {
  find(id: string): Promise<SeriesEntry | undefined>;
  /** The series under a key of the user's project, however it was born. */
  findByKey(user: User, key: string): Promise<SeriesEntry | undefined>;
  /** Those that a user may read: all of the project that are not another's, then public ones of others. */
  list(user: User | undefined): AsyncIterable<SeriesEntry>;
  /** Makes a series, and what `fill` puts into it, or neither; answers its id. */
  create(owner: User, made: NewSeries, fill?: Fill): Promise<string>;
  /** Changes points in one step with everything else that this protocol keeps of a series. @throws Refusal 404 where it is gone */
  change(entry: SeriesEntry, work: (change: Change) => Promise<void>): Promise<void>;
  /** Deletes a series with its points. @throws Refusal 404 where it is gone */
  delete(entry: SeriesEntry): Promise<void>;
}

/** A change that is under way: it may be made again when another comes between. */
export interface Change {
  readonly transaction: Transaction;
  /** The store that it is made in, for reading. */
  readonly store: Store;
  /** The key of the series. */
  readonly key: string;
  readonly id: string;
  readonly state: SeriesState;
  /** Notes what is to be kept. */
  note(facts: Partial<Pick<SeriesState, 'lastAt' | 'hasNulls'>>): void;
}

/** Puts rows into a series that is being made. */
export type Fill = (change: Change) => Promise<void>;

const nothing: Fill = async () => {};

const collections = {
  /** In the main store, by id: where a series is. */
  ids: 'timetric/ids',
  /** In the main store, by id: those that everybody may read. */
  public: 'timetric/public',
  /** In the store of the project, by key: the state of a series. */
  states: 'timetric/series',
} as const;

type Place = { readonly project: string; readonly key: string };
type KeptState = SeriesState & { readonly [name: string]: string | number | true };

const idPattern = /^[\w-]{1,64}$/;

/** Series get ids, and are looked at, so many at a time. */
const atOnce = 50;

export function createDirectory(main: Store, openProject: (id: string) => Promise<Store>, now: () => number): Directory {
  async function find(id: string): Promise<SeriesEntry | undefined> {
    const place = idPattern.test(id) ? await main.records.get<Place>(collections.ids, id) : undefined;
    if (place === undefined) return undefined;
    const { project, key } = place.value;
    const store = await openProject(project).catch(undefinedIfMissing);
    if (store === undefined) return undefined;
    const [state, [series]] = await Promise.all([
      store.records.get<KeptState>(collections.states, key),
      store.series({ keys: [key] }).toArray(),
    ]);
    return state?.value.id === id && series !== undefined ? toEntry(state.value, series, project, store) : undefined;
  }

  function toEntry({ id, owner, createdAt, ...state }: SeriesState, series: Series, project: string, store: Store): SeriesEntry {
    return { id, project, store, series, owner, isPublic: state.public === true, createdAt };
  }

  /** The state of a series of the project; one that it has not yet is made, with an id. */
  async function ensureState({ project, store }: Pick<User, 'project' | 'store'>, key: string, owner?: string): Promise<SeriesState> {
    const present = await store.records.get<KeptState>(collections.states, key);
    if (present !== undefined) return present.value;
    const state: SeriesState = { id: createSeriesId(), createdAt: now(), changes: 0, ...(owner === undefined ? {} : { owner }) };
    await main.records.put(collections.ids, state.id, { project, key }, { ifVersion: null });
    try {
      await store.records.put(collections.states, key, state as KeptState, { ifVersion: null });
      return state;
    } catch (error) {
      await main.records.delete(collections.ids, state.id);
      if (isAnySeriesError(error) && error.code === 'conflict') return ensureState({ project, store }, key, owner);
      throw error;
    }
  }

  async function* list(user: User | undefined): AsyncGenerator<SeriesEntry> {
    const own = new Set<string>();
    if (user !== undefined) {
      for await (const entry of listProject(user)) {
        own.add(entry.id);
        if (canWrite(user, entry) || entry.isPublic) yield entry;
      }
    }
    for await (const { id } of main.records.list(collections.public)) {
      const entry = own.has(id) ? undefined : await find(id);
      if (entry?.isPublic) yield entry;
    }
  }

  async function* listProject(user: User): AsyncGenerator<SeriesEntry> {
    const { project, store } = user;
    const states = new Map<string, SeriesState>();
    for await (const { id: key, value } of store.records.list<KeptState>(collections.states)) states.set(key, value);
    let waiting: Promise<SeriesEntry>[] = [];
    for await (const series of store.series()) {
      const state = states.get(series.key) ?? ensureState(user, series.key);
      waiting.push(Promise.resolve(state).then((each) => toEntry(each, series, project, store)));
      if (waiting.length < atOnce) continue;
      yield* await Promise.all(waiting);
      waiting = [];
    }
    yield* await Promise.all(waiting);
  }

  async function change(store: Store, key: string, id: string, work: (change: Change) => Promise<void>): Promise<void> {
    await store.transaction(async (transaction) => {
      const begun = beginChange({ transaction, store, key, id, state: await presentState(transaction, key, id) });
      await work(begun.change);
      transaction.records.put(collections.states, key, begun.state() as KeptState);
    });
  }

  async function makeNative(owner: User, made: NewSeries, fill: Fill): Promise<string> {
    const { project, store, name: user } = owner;
    const id = createSeriesId();
    const state: SeriesState = { id, owner: user, createdAt: now(), changes: 0, ...(made.isPublic ? { public: true } : {}) };
    await main.records.put(collections.ids, id, { project, key: id }, { ifVersion: null });
    try {
      if (made.isPublic) await main.records.put(collections.public, id, true);
      await store.transaction(async (transaction) => {
        transaction.putSeries({ key: id, name: made.name, attributes: made.attributes, tags: made.tags });
        const begun = beginChange({ transaction, store, key: id, id, state });
        await fill(begun.change);
        transaction.records.put(collections.states, id, begun.state() as KeptState, { ifVersion: null });
      });
    } catch (error) {
      await forget(id);
      throw error;
    }
    return id;
  }

  /** A series under a key: the one that is there, or a new one. What `fill` puts into it comes with it. */
  async function makeNamed(owner: User, key: string, made: NewSeries, fill: Fill): Promise<string> {
    const { project, store, name: user } = owner;
    const [present, [series]] = await Promise.all([
      store.records.get<KeptState>(collections.states, key),
      store.series({ keys: [key] }).toArray(),
    ]);
    const id = present?.value.id ?? createSeriesId();
    const fresh: SeriesState = { id, createdAt: now(), changes: 0, ...(series === undefined ? { owner: user } : {}) };
    if (present === undefined) await main.records.put(collections.ids, id, { project, key }, { ifVersion: null });
    const kept = await store.transaction(async (transaction) => {
      const state = (await transaction.records.get<KeptState>(collections.states, key))?.value ?? fresh;
      const begun = beginChange({ transaction, store, key, id: state.id, state });
      if (series === undefined) transaction.putSeries({ key, name: made.name, attributes: made.attributes, tags: made.tags });
      await fill(begun.change);
      if (series === undefined || state === fresh || fill !== nothing)
        transaction.records.put(collections.states, key, begun.state() as KeptState);
      return state.id;
    });
    // another was faster
    if (kept !== id && present === undefined) await forget(id);
    return kept;
  }

  async function forget(id: string): Promise<void> {
    await main.records.delete(collections.public, id);
    await main.records.delete(collections.ids, id);
  }

  return {
    find,
    list,
    async findByKey(user, key) {
      const [series] = await user.store.series({ keys: [key] }).toArray();
      return series && toEntry(await ensureState(user, key), series, user.project, user.store);
    },
    create: (owner, made, fill = nothing) =>
      made.key === undefined ? makeNative(owner, made, fill) : makeNamed(owner, made.key, made, fill),
    change: ({ store, series, id }, work) => change(store, series.key, id, work),
    async delete({ store, series: { key }, id }) {
      await store.transaction(async (transaction) => {
        const { change: begun } = beginChange({ transaction, store, key, id, state: await presentState(transaction, key, id) });
        await clearNulls(begun);
        transaction.delete({ series: key });
        transaction.records.delete(collections.states, key);
      });
      await forget(id);
    },
  };
}

/** @throws Refusal 404 where it is the state of another series, or of none */
async function presentState({ records }: Transaction, key: string, id: string): Promise<SeriesState> {
  const present = await records.get<KeptState>(collections.states, key);
  if (present?.value.id !== id) throw noSuchSeries();
  return present.value;
}

function beginChange(parts: Omit<Change, 'note'>): { readonly change: Change; state(): SeriesState } {
  let facts: Parameters<Change['note']>[0] = {};
  const note: Change['note'] = (more) => {
    facts = { ...facts, ...more };
  };
  return { change: { ...parts, note }, state: () => ({ ...parts.state, ...facts, changes: parts.state.changes + 1 }) };
}

/** Whether a user may change a series. */
export function canWrite(user: User, { project, owner = user.name }: SeriesEntry): boolean {
  return user.project === project && user.name === owner;
}

function undefinedIfMissing(error: unknown): undefined {
  if (isAnySeriesError(error) && error.code === 'not-found') return undefined;
  throw error;
}
