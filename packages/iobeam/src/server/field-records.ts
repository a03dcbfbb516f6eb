import type { Clock, Store, Transaction, Value } from '@anyseries/core';
import { faultCodes } from '../wire/fault.ts';
import { badField, Refusal } from './refusal.ts';

/** The types of a field (section 5.3). */
export type FieldType = 'LONG' | 'DOUBLE' | 'BOOLEAN' | 'STRING';

export interface Field {
  /** In the spelling in which it came first. */
  readonly name: string;
  readonly type: FieldType;
}

/**
 * The fields of a namespace: one spelling and one type per name, whoever writes it. Fields are never taken away and types only widen, so that what
 * was once seen here stays a good answer.
 */
export interface FieldRecords {
  /** The field of a name, whatever the case of its letters. */
  find(namespace: number, name: string): Promise<Field | undefined>;
  /**
   * Makes sure that a field is there and takes values of a type.
   *
   * @returns the field as it is after the transaction
   * @throws Refusal where the type is another one, unless `mixed`
   */
  ensure(tx: Transaction, namespace: number, field: Field, mixed: boolean): Promise<Field>;
  list(namespace: number): Promise<(Field & { readonly created: number })[]>;
}

type Kept = { readonly name: string; readonly type: FieldType; readonly created: number };

/** So many are kept in memory; beyond, all are forgotten and read anew. */
const mostKnown = 100_000;

export function createFieldRecords(store: Pick<Store, 'records'>, clock: Clock): FieldRecords {
  const { records } = store;
  const known = new Map<string, Field>();

  function remember(namespace: number, field: Field): Field {
    if (known.size >= mostKnown) known.clear();
    known.set(`${namespace}/${field.name.toLowerCase()}`, field);
    return field;
  }

  return {
    async find(namespace, name) {
      const present = known.get(`${namespace}/${name.toLowerCase()}`);
      if (present !== undefined) return present;
      const record = await records.get<Kept>(collectionOf(namespace), recordIdOf(name));
      return record && remember(namespace, record.value);
    },

    async ensure(tx, namespace, { name, type }, mixed) {
      const present = known.get(`${namespace}/${name.toLowerCase()}`);
      if (present !== undefined && (mixed || widened(present.type, type) === present.type)) return present;
      const collection = collectionOf(namespace);
      const record = await tx.records.get<Kept>(collection, recordIdOf(name));
      const kept = record?.value ?? { name, type, created: clock.now() };
      const wide = mixed ? kept.type : widened(kept.type, type);
      if (wide === undefined) throw typeConflict(kept);
      if (record === undefined || wide !== kept.type) tx.records.put(collection, recordIdOf(name), { ...kept, type: wide });
      return { name: kept.name, type: wide };
    },

    async list(namespace) {
      const found = await Array.fromAsync(records.list<Kept>(collectionOf(namespace)));
      return found.map(({ value }) => value).sort((a, b) => a.created - b.created);
    },
  };
}

/** The type that takes values of both; `undefined` where there is none. */
export function widened(a: FieldType, b: FieldType): FieldType | undefined {
  if (a === b) return a;
  return isNumeric(a) && isNumeric(b) ? 'DOUBLE' : undefined;
}

export function typeConflict({ name, type }: Field): Refusal {
  return new Refusal(422, faultCodes.typeConflict, 'Value type does not match series type', `${name} is ${type}`);
}

export function typeOf(value: Value): FieldType {
  if (typeof value === 'string') return 'STRING';
  if (typeof value === 'boolean') return 'BOOLEAN';
  return typeof value === 'bigint' || Number.isInteger(value) ? 'LONG' : 'DOUBLE';
}

function isNumeric(type: FieldType): boolean {
  return type === 'LONG' || type === 'DOUBLE';
}

function collectionOf(namespace: number): string {
  return `iobeam/fields/${namespace}`;
}

const encoder = new TextEncoder();

/** Lower case may take more bytes than the name itself, which is as long as a key at most. */
function recordIdOf(name: string): string {
  const id = name.toLowerCase();
  if (encoder.encode(id).length <= 1024) return id;
  throw badField('Invalid series name', name);
}
