import { isAnySeriesError, parseSeriesKey, type Series, type Store, seriesKey } from '@anyseries/core';
import { addressOf, homeDevice, keyOf, namespaceLabel } from '../series-address.ts';
import { deviceField, inputNamespace, isDeviceId } from '../wire/names.ts';
import type { Namespace } from './namespace-records.ts';
import { badField } from './refusal.ts';

/** A series as this protocol sees it: a field of a namespace, for one value of what partitions it. */
export interface Placed {
  readonly key: string;
  readonly namespace: string;
  /** In `input`, the device. */
  readonly partition: string;
  readonly name: string;
}

/** Finds series of the store, whoever made them. */
export interface SeriesLookup {
  /** Every series of a namespace. */
  all(namespace: Namespace, others: readonly Namespace[]): Promise<Placed[]>;
  /** The series of a device in `input` with this name, whatever the case of its letters. */
  named(device: string, name: string, others: readonly Namespace[]): Promise<Placed[]>;
  /**
   * The key under which points of a name are written: that of a series of this name in any case, if there is one, or else of a new one.
   *
   * @param names by name in lower case: as it came, and in the spelling of the namespace
   * @throws Refusal for a name that makes no key
   */
  keysFor(device: string, names: ReadonlyMap<string, Spellings>): Promise<ReadonlyMap<string, string>>;
}

export interface Spellings {
  readonly given: string;
  readonly usual: string;
}

/** So many are kept in memory; beyond, all are forgotten and looked up anew. */
const mostKnown = 100_000;

export function createSeriesLookup(store: Pick<Store, 'series'>): SeriesLookup {
  const known = new Map<string, string>();

  async function ofDevice(device: string): Promise<Placed[]> {
    const found = await store.series({ labels: { [deviceField]: device } }).toArray();
    return found.map(inInput).filter(({ partition }) => partition === device);
  }

  async function exactly(device: string, names: readonly string[]): Promise<Placed[]> {
    const keys = names.map((name) => namable(name, () => keyOf({ device, name })));
    return (await store.series({ keys }).toArray()).map(inInput);
  }

  return {
    async all(namespace, others) {
      const filter = namespace.name === inputNamespace ? {} : { labels: { [namespaceLabel]: namespace.name } };
      const all = [...others, namespace];
      const placed = (await store.series(filter).toArray()).map(({ key }) => place(key, all));
      return placed.filter((series) => series.namespace === namespace.name);
    },

    async named(device, name, others) {
      if (!isDeviceId(device)) return [];
      const isIn = ({ key }: Placed) => place(key, others).namespace === inputNamespace;
      const exact = await exactly(device, [name]).catch(() => []);
      if (exact.length > 0 || device === homeDevice) return exact.filter(isIn);
      return (await ofDevice(device)).filter((series) => series.name.toLowerCase() === name.toLowerCase() && isIn(series));
    },

    async keysFor(device, names) {
      const keys = new Map(Array.from(names.keys(), (lower) => [lower, known.get(`${device} ${lower}`)]));
      const missing = [...names].filter(([lower]) => keys.get(lower) === undefined);
      if (missing.length === 0) return keys as ReadonlyMap<string, string>;
      const spellings = missing.flatMap(([, { given, usual }]) => [given, usual]);
      const present = await (device === homeDevice ? exactly(device, spellings) : ofDevice(device));
      const byName = new Map(present.map((series) => [series.name, series.key]));
      const byLower = new Map(present.map((series) => [series.name.toLowerCase(), series.key]));
      if (known.size >= mostKnown) known.clear();
      for (const [lower, { given, usual }] of missing) {
        const key = byName.get(given) ?? byName.get(usual) ?? byLower.get(lower) ?? namable(given, () => keyOf({ device, name: usual }));
        known.set(`${device} ${lower}`, key);
        keys.set(lower, key);
      }
      return keys as ReadonlyMap<string, string>;
    },
  };
}

/** The key of a field of another namespace than `input`. @throws Refusal for a name that makes no key */
export function keyInNamespace(namespace: Namespace, partition: string, name: string): string {
  return namable(name, () => seriesKey({ name, labels: { [namespaceLabel]: namespace.name, [namespace.partitionedBy]: partition } }));
}

/** A name that makes no key, mostly because it is too long, is the client's mistake. */
function namable(name: string, build: () => string): string {
  try {
    return build();
  } catch (error) {
    throw isAnySeriesError(error) && error.code === 'invalid' ? badField('Invalid series name', name) : error;
  }
}

function place(key: string, namespaces: readonly Namespace[]): Placed {
  const { name, labels } = parseSeriesKey(key);
  const { [namespaceLabel]: label, ...others } = labels;
  const namespace = label === undefined ? undefined : namespaces.find((each) => each.name === label && each.name !== inputNamespace);
  const partition = namespace && others[namespace.partitionedBy];
  if (namespace !== undefined && partition !== undefined && Object.keys(others).length === 1)
    return { key, namespace: namespace.name, partition, name };
  return inInput({ key });
}

function inInput({ key }: Pick<Series, 'key'>): Placed {
  const { device, name } = addressOf(key);
  return { key, namespace: inputNamespace, partition: device, name };
}
