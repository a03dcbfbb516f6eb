import type { Series, SeriesFilter, Store, Transaction } from '@anyseries/core';
import { checkKey, compareCodePoints } from '@anyseries/core/provider';
import { randomHex } from '@anyseries/core/server';
import { createKnownSeries } from './known-series.ts';
import { inNotedOrder, type Metadata, mergeMetadata, metadataOfKey, noMetadata } from './metadata.ts';
import type { Address } from './route.ts';

/** A series as the wire has it (section 4.4), in the order of its fields. */
export interface Description extends Metadata {
  readonly id: string;
  readonly key: string;
  readonly name: string;
}

/** Selects series; ids and keys name candidates, tags and attributes narrow them down (section 4.3). */
export interface Filter {
  readonly ids: readonly string[];
  readonly keys: readonly string[];
  readonly tags: readonly string[];
  readonly attributes: readonly (readonly [name: string, value: string])[];
}

export interface NewSeries extends Metadata {
  /** Left out: the series' id. */
  readonly key: string | undefined;
  readonly name: string;
}

export type SeriesChange = Partial<Omit<NewSeries, 'key'>>;

/** A change of points, all of it or nothing. */
export interface PointChange extends Pick<Transaction, 'write' | 'increment'> {
  /** The keys of the ids that there are. */
  keysOf(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, string>>;
  /** Makes sure that series with these keys exist. */
  ensure(keys: readonly string[]): Promise<void>;
}

/** The series of a project: those of its store, with the ids that this protocol gives them. */
export interface Directory {
  find(address: Address): Promise<Description | undefined>;
  /** In the order of the keys, those behind `after`. `wanted`: about how many will be taken, so that not many more are described. */
  list(filter: Filter, options?: { readonly after?: string | undefined; readonly wanted?: number }): AsyncGenerator<Description>;
  keys(filter: Filter): Promise<string[]>;
  /** `undefined`: there is one with this key. */
  create(series: NewSeries): Promise<Description | undefined>;
  /** `undefined`: there is none. */
  update(address: Address, change: SeriesChange): Promise<Description | undefined>;
  /** Deletes series with their points. */
  remove(keys: readonly string[]): Promise<void>;
  /** `work` may run again, and has no effect but through its argument. */
  change<T>(work: (change: PointChange) => Promise<T>): Promise<T>;
}

/**
 * What is kept of a series in the record under its key. `tags` and `attributes` (their names) note the order in which they came; what there is of
 * them, the store says.
 */
type Entry = { readonly id: string; readonly tags?: readonly string[]; readonly attributes?: readonly string[] };

const entries = 'tempodb/series';
/** From the id to the key. */
const ids = 'tempodb/ids';
/** A record whose version changes with every deletion of series. */
const epoch = ['tempodb/state', 'deletions'] as const;

const seriesAtOnce = 1000;

/**
 * The directory of a store. What is asked of it is always what the store has at that moment; only writes rely on what they know of earlier ones, so
 * that they need not look for each of their series. A deletion by another protocol does not tell them: a series that is deleted there and then
 * written to here comes back with its points, but under its former id and without the metadata that its key would make.
 */
export function createDirectory(store: Store, options: { readonly metadataFromKeys: boolean }): Directory {
  const known = createKnownSeries();

  async function keyOf({ by, name }: Address, records: Pick<Transaction['records'], 'get'> = store.records): Promise<string | undefined> {
    if (name === undefined || !isName(name)) return undefined;
    if (by === 'key') return name;
    const key = (await records.get<string>(ids, name))?.value;
    // the entry tells whether the id is still that of the series
    return key !== undefined && (await records.get<Entry>(entries, key))?.value.id === name ? key : undefined;
  }

  async function inStore(key: string): Promise<Series | undefined> {
    return (await store.series({ keys: [key] }).toArray())[0];
  }

  /** Series with their ids; those that have none get one. */
  async function describe(series: readonly Series[]): Promise<Description[]> {
    const found = await Promise.all(series.map(({ key }) => store.records.get<Entry>(entries, key)));
    const strangers = series.filter((_, i) => found[i] === undefined);
    const adopted = strangers.length > 0 ? await adopt(strangers) : undefined;
    return series.map((each, i) => describeOne(each, found[i]?.value ?? adopted!.get(each.key)!));
  }

  /** Gives ids to series that were not made here. */
  function adopt(series: readonly Series[]): Promise<Map<string, Entry>> {
    return store.transaction(async (transaction) => {
      const adopted = new Map<string, Entry>();
      for (const { key } of series) {
        const present = await transaction.records.get<Entry>(entries, key);
        adopted.set(key, present?.value ?? enter(transaction, key));
      }
      return adopted;
    });
  }

  /** Puts the records of a series. */
  function enter({ records }: Transaction, key: string, metadata = noMetadata, id = randomHex(16)): Entry {
    const entry = { id, ...orderOf(metadata) };
    records.put(entries, key, entry);
    records.put(ids, id, key);
    return entry;
  }

  function made(key: string): Metadata {
    return options.metadataFromKeys ? metadataOfKey(key) : noMetadata;
  }

  async function* select({ ids: wantedIds, keys, tags, attributes }: Filter): AsyncGenerator<Series> {
    const wanted = Object.fromEntries(attributes);
    const contradicts = attributes.some(([name, value]) => wanted[name] !== value);
    const texts = [...tags, ...attributes.flat()];
    if (contradicts || texts.some((text) => text.includes('\0'))) return;
    let filter: SeriesFilter = { tags, attributes: wanted };
    if (wantedIds.length + keys.length > 0) {
      const byId = await Promise.all(wantedIds.map((name) => keyOf({ by: 'id', name })));
      filter = { ...filter, keys: [...byId.filter((key) => key !== undefined), ...keys.filter(isName)] };
    }
    yield* store.series(filter);
  }

  async function ensure(transaction: Transaction, present: number, keys: readonly string[]): Promise<void> {
    const unknown = keys.filter((key) => !known.hasKey(present, key));
    if (unknown.length === 0) return;
    const found = await Promise.all(unknown.map((key) => transaction.records.get(entries, key)));
    const stored = new Set((await store.series({ keys: unknown }).toArray()).map(({ key }) => key));
    for (const [i, key] of unknown.entries()) {
      if (!stored.has(key)) {
        const metadata = made(key);
        enter(transaction, key, metadata);
        transaction.putSeries({ key, ...metadata });
      } else if (found[i] === undefined) {
        enter(transaction, key);
      }
    }
  }

  async function keysOf(transaction: Transaction, present: number, wanted: ReadonlySet<string>): Promise<Map<string, string>> {
    const pairs = await Promise.all(
      Array.from(
        wanted,
        async (id) => [id, known.keyOf(present, id) ?? (await keyOf({ by: 'id', name: id }, transaction.records))] as const,
      ),
    );
    return new Map(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
  }

  return {
    async find(address) {
      const key = await keyOf(address);
      const series = key === undefined ? undefined : await inStore(key);
      return series === undefined ? undefined : (await describe([series]))[0];
    },

    async *list(filter, { after, wanted = Number.POSITIVE_INFINITY } = {}) {
      let portion: Series[] = [];
      for await (const series of select(filter)) {
        if (after !== undefined && compareCodePoints(series.key, after) <= 0) continue;
        portion.push(series);
        if (portion.length < Math.min(wanted, seriesAtOnce)) continue;
        yield* await describe(portion);
        portion = [];
      }
      yield* await describe(portion);
    },

    async keys(filter) {
      return Array.fromAsync(select(filter), ({ key }) => key);
    },

    create({ key: wanted, name, ...given }) {
      return store.transaction(async (transaction) => {
        const id = randomHex(16);
        const key = wanted ?? id;
        // reading the entry makes one of two that create the same series at once run again, and find the other's
        await transaction.records.get(entries, key);
        if ((await inStore(key)) !== undefined) return undefined;
        const metadata = mergeMetadata(made(key), given);
        enter(transaction, key, metadata, id);
        transaction.putSeries({ key, ...named(name), ...metadata });
        return { id, key, name, ...metadata };
      });
    },

    update(address, change) {
      return store.transaction(async (transaction) => {
        const key = await keyOf(address, transaction.records);
        const entry = key === undefined ? undefined : await transaction.records.get<Entry>(entries, key);
        const series = key === undefined ? undefined : await inStore(key);
        if (series === undefined) return undefined;
        const before = describeOne(series, entry?.value ?? { id: randomHex(16) });
        const { name = before.name, tags = before.tags, attributes = before.attributes } = change;
        const metadata = { tags: [...new Set(tags)], attributes };
        enter(transaction, series.key, metadata, before.id);
        transaction.putSeries({ key: series.key, ...named(name), ...metadata });
        return { id: before.id, key: series.key, name, ...metadata };
      });
    },

    async remove(keys) {
      for (let i = 0; i < keys.length; i += seriesAtOnce) {
        await store.transaction(async (transaction) => {
          for (const key of keys.slice(i, i + seriesAtOnce)) {
            const entry = await transaction.records.get<Entry>(entries, key);
            transaction.delete({ series: key });
            if (entry === undefined) continue;
            transaction.records.delete(entries, key);
            transaction.records.delete(ids, entry.value.id);
          }
          transaction.records.put(...epoch, null);
        });
      }
    },

    async change(work) {
      let present = 0;
      let keys: readonly string[] = [];
      let keysById: ReadonlyMap<string, string> = new Map();
      const answer = await store.transaction(async (transaction) => {
        present = (await transaction.records.get(...epoch))?.version ?? 0;
        return work({
          write: transaction.write,
          increment: transaction.increment,
          async keysOf(wanted) {
            keysById = await keysOf(transaction, present, wanted);
            return keysById;
          },
          async ensure(wanted) {
            keys = wanted;
            await ensure(transaction, present, wanted);
          },
        });
      });
      known.addKeys(present, keys);
      known.addIds(present, keysById);
      return answer;
    },
  };
}

/** Whether a series, and its record, can be called so. */
export function isName(text: string): boolean {
  try {
    checkKey(text);
    return true;
  } catch {
    return false;
  }
}

function describeOne(series: Series, { id, tags, attributes }: Entry): Description {
  return { id, key: series.key, name: series.name ?? '', ...inNotedOrder(series, tags, attributes) };
}

function orderOf({ tags, attributes }: Metadata): Omit<Entry, 'id'> {
  const names = Object.keys(attributes);
  return { ...(tags.length > 1 ? { tags } : {}), ...(names.length > 1 ? { attributes: names } : {}) };
}

function named(name: string): { name?: string } {
  return name === '' ? {} : { name };
}
