import type { Json, Store, Transaction } from '@anyseries/core';
import { isRecordName, nextNumber, recordId } from './record-ids.ts';
import { alreadyExists, notFound } from './refusal.ts';

/** Resources of one kind in a project, each with a number and a name of its own. */
export interface NamedRecords<T extends { readonly name: string }> {
  add(resource: T): Promise<Numbered<T>>;
  find(id: number): Promise<Numbered<T>>;
  named(name: string): Promise<Numbered<T>>;
  /** By number. */
  list(): Promise<Numbered<T>[]>;
  /** `change` answers the resource as it is to be, and the same one if it is to stay. */
  replace(id: number, change: (present: T) => T): Promise<Numbered<T> & { readonly changed: boolean }>;
  delete(id: number): Promise<void>;
}

export type Numbered<T> = { readonly id: number; readonly resource: T };

/** Each method throws a Refusal where there is no such resource. `kind` is its word in the singular: `Trigger`. */
export function createNamedRecords<T extends { readonly name: string }>(
  store: Pick<Store, 'records' | 'transaction'>,
  kind: string,
): NamedRecords<T> {
  const { records } = store;
  const collection = `iobeam/${kind.toLowerCase()}s`;
  const names = `iobeam/${kind.toLowerCase()}-names`;

  async function get(reader: Pick<Transaction['records'], 'get'>, id: number): Promise<T> {
    const record = Number.isSafeInteger(id) && id > 0 ? await reader.get(collection, recordId(id)) : undefined;
    if (record === undefined) throw notFound(kind);
    return record.value as unknown as T;
  }

  async function takeName(tx: Transaction, name: string, id: number): Promise<void> {
    if ((await tx.records.get(names, name)) !== undefined) throw alreadyExists(`${kind} name already in use`);
    tx.records.put(names, name, { id });
  }

  const find = async (id: number) => ({ id, resource: await get(records, id) });

  return {
    find,

    add(resource) {
      return store.transaction(async (tx) => {
        const id = await nextNumber(tx, collection);
        await takeName(tx, resource.name, id);
        tx.records.put(collection, recordId(id), resource as unknown as Json);
        return { id, resource };
      });
    },

    async named(name) {
      const record = isRecordName(name) ? await records.get<{ id: number }>(names, name) : undefined;
      if (record === undefined) throw notFound(kind);
      return find(record.value.id);
    },

    async list() {
      const found = await Array.fromAsync(records.list(collection));
      return found.map(({ id, value }) => ({ id: Number(id), resource: value as unknown as T }));
    },

    replace(id, change) {
      return store.transaction(async (tx) => {
        const present = await get(tx.records, id);
        const resource = change(present);
        if (resource === present) return { id, resource, changed: false };
        if (resource.name !== present.name) {
          await takeName(tx, resource.name, id);
          tx.records.delete(names, present.name);
        }
        tx.records.put(collection, recordId(id), resource as unknown as Json);
        return { id, resource, changed: true };
      });
    },

    async delete(id) {
      await store.transaction(async (tx) => {
        const { name } = await get(tx.records, id);
        tx.records.delete(names, name);
        tx.records.delete(collection, recordId(id));
      });
    },
  };
}
