import type { Clock, Json, Store, Transaction } from '@anyseries/core';
import { deviceField, inputNamespace } from '../wire/names.ts';
import { nextNumber, recordId } from './record-ids.ts';
import { alreadyExists } from './refusal.ts';

export interface Namespace {
  readonly id: number;
  readonly name: string;
  /** The field that tells rows at the same time apart. */
  readonly partitionedBy: string;
  /** Epoch milliseconds. */
  readonly created: number;
  readonly modified: number;
  readonly labels: Readonly<Record<string, Json>>;
}

type Kept = Omit<Namespace, 'id' | 'labels'> & { readonly labels: Record<string, Json> };

const namespaces = 'iobeam/namespaces';
const names = 'iobeam/namespace-names';

/** The namespaces of a project. `input` is always there, as soon as somebody asks for it. */
export interface NamespaceRecords {
  find(id: number): Promise<Namespace | undefined>;
  named(name: string): Promise<Namespace | undefined>;
  /** The namespace of a name; one that is missing is made, partitioned by device. */
  ensure(name: string): Promise<Namespace>;
  create(namespace: Pick<Namespace, 'name' | 'partitionedBy' | 'labels'>): Promise<Namespace>;
  relabel(id: number, labels: Readonly<Record<string, Json>>): Promise<void>;
  /** By number. */
  list(): Promise<Namespace[]>;
}

export function createNamespaceRecords(store: Pick<Store, 'records' | 'transaction'>, clock: Clock): NamespaceRecords {
  const { records } = store;

  async function find(id: number): Promise<Namespace | undefined> {
    const record = await records.get<Kept>(namespaces, recordId(id));
    return record && { id, ...record.value };
  }

  async function named(name: string): Promise<Namespace | undefined> {
    const record = await records.get<{ namespace: number }>(names, name);
    return record && find(record.value.namespace);
  }

  async function add(
    tx: Transaction,
    { name, partitionedBy, labels }: Pick<Namespace, 'name' | 'partitionedBy' | 'labels'>,
  ): Promise<Namespace> {
    const id = await nextNumber(tx, 'namespaces');
    const kept = { name, partitionedBy, created: clock.now(), modified: clock.now(), labels: { ...labels } };
    tx.records.put(names, name, { namespace: id });
    tx.records.put(namespaces, recordId(id), kept);
    return { id, ...kept };
  }

  async function ensure(name: string): Promise<Namespace> {
    const present = await named(name);
    if (present !== undefined) return present;
    return store.transaction(async (tx) => {
      const record = await tx.records.get<{ namespace: number }>(names, name);
      const kept = record && (await tx.records.get<Kept>(namespaces, recordId(record.value.namespace)));
      if (kept !== undefined) return { id: record!.value.namespace, ...kept.value };
      return add(tx, { name, partitionedBy: deviceField, labels: { [`${deviceField}:distinct`]: true } });
    });
  }

  return {
    find,
    ensure,
    named: (name) => (name === inputNamespace ? ensure(name) : named(name)),

    create(namespace) {
      return store.transaction(async (tx) => {
        if ((await tx.records.get(names, namespace.name)) !== undefined) throw alreadyExists('Namespace already exists');
        return add(tx, namespace);
      });
    },

    async relabel(id, labels) {
      await store.transaction(async (tx) => {
        const record = await tx.records.get<Kept>(namespaces, recordId(id));
        if (record !== undefined)
          tx.records.put(namespaces, recordId(id), { ...record.value, labels: { ...labels }, modified: clock.now() });
      });
    },

    async list() {
      await ensure(inputNamespace);
      const found = await Array.fromAsync(records.list<Kept>(namespaces));
      return found.map(({ id, value }) => ({ id: Number(id), ...value }));
    },
  };
}

/** Whether a text can name a namespace (section 4.7). */
export function isNamespaceName(name: unknown): name is string {
  return typeof name === 'string' && /^[A-Za-z0-9_-]{1,255}$/.test(name);
}
