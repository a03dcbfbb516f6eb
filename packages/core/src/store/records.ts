import type { StoreOperation } from '../backend.ts';
import type { DefinedStore } from '../define-store.ts';
import { invalid, show } from '../errors.ts';
import { checkCallOptions, checkObject } from '../options.ts';
import { checkKey } from '../series-key.ts';
import type { Json, ListOptions, PutOptions, Records, StoredRecord } from '../store.ts';

type PutRecord = StoreOperation & { kind: 'putRecord' };
type DeleteRecord = StoreOperation & { kind: 'deleteRecord' };

const pageRecords = 500;

/** The records of a store, checked at the edge. */
export function createRecords(call: DefinedStore['call']): Records {
  async function* list(collection: string, options: ListOptions = {}): AsyncGenerator<StoredRecord> {
    checkRecordName(collection, 'collection');
    const callOptions = checkCallOptions(options, ['prefix', 'after', 'limit']);
    const { prefix = '', after = '', limit = Number.POSITIVE_INFINITY } = options;
    if (typeof prefix !== 'string') throw invalid('options.prefix', `${show(prefix)} is no text`);
    if (typeof after !== 'string') throw invalid('options.after', `${show(after)} is no text`);
    if (limit !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(limit) && limit >= 0))
      throw invalid('options.limit', `${show(limit)} is no whole number`);
    let left = limit;
    let last = after;
    while (left > 0) {
      const size = Math.min(left, pageRecords);
      const page = await call(callOptions, (backend, context) => backend.listRecords(collection, prefix, last, size, context));
      yield* page;
      left -= page.length;
      if (page.length < size) return;
      last = page.at(-1)!.id;
    }
  }

  return {
    async get<T>(collection: string, id: string, options?: unknown) {
      checkRecordName(collection, 'collection');
      checkRecordName(id, 'id');
      return call(checkCallOptions(options), (backend, context) => backend.getRecord(collection, id, context)) as Promise<
        StoredRecord<T & Json> | undefined
      >;
    },
    async put(collection, id, value, options) {
      const operation = putOperation(collection, id, value, options);
      const callOptions = checkCallOptions(options, ['ifVersion', 'expiresAt']);
      return call(callOptions, async (backend, context) => (await backend.commit([operation], context))[0] as number);
    },
    async delete(collection, id, options) {
      const operation = deleteOperation(collection, id, options);
      const callOptions = checkCallOptions(options, ['ifVersion']);
      return call(callOptions, async (backend, context) => (await backend.commit([operation], context))[0] as boolean);
    },
    list: list as Records['list'],
  };
}

/** @throws AnySeriesError `invalid` that names the field */
export function putOperation(collection: string, id: string, value: unknown, options: PutOptions = {}): PutRecord {
  checkRecordName(collection, 'collection');
  checkRecordName(id, 'id');
  const { ifVersion, expiresAt } = checkObject(options, ['ifVersion', 'expiresAt', 'signal', 'deadlineMs'], 'options') as PutOptions;
  if (ifVersion !== undefined && ifVersion !== null) checkVersion(ifVersion);
  if (expiresAt !== undefined && !Number.isFinite(expiresAt))
    throw invalid('options.expiresAt', `${show(expiresAt)} is no epoch milliseconds`);
  const operation = { kind: 'putRecord', collection, id, value: copyValue(value) } as const;
  return { ...operation, ...(ifVersion === undefined ? {} : { ifVersion }), ...(expiresAt === undefined ? {} : { expiresAt }) };
}

/** @throws AnySeriesError `invalid` that names the field */
export function deleteOperation(collection: string, id: string, options: { readonly ifVersion?: number | undefined } = {}): DeleteRecord {
  checkRecordName(collection, 'collection');
  checkRecordName(id, 'id');
  const { ifVersion } = checkObject(options, ['ifVersion', 'signal', 'deadlineMs'], 'options');
  if (ifVersion === undefined) return { kind: 'deleteRecord', collection, id };
  return { kind: 'deleteRecord', collection, id, ifVersion: checkVersion(ifVersion) };
}

/** Collections and ids follow the rules of series keys. */
export function checkRecordName(name: unknown, field: 'collection' | 'id'): string {
  try {
    return checkKey(name, field);
  } catch (error) {
    throw invalid(field, (error as Error).message.slice(field.length + 2).replace('series key', 'name of a record'));
  }
}

function checkVersion(version: unknown): number {
  if (Number.isSafeInteger(version)) return version as number;
  throw invalid('options.ifVersion', `${show(version)} is no version`);
}

/** A copy that later changes by the caller do not reach. */
function copyValue(value: unknown): Json | Uint8Array {
  if (value instanceof Uint8Array) return value.slice();
  checkJson(value, 'value', new Set());
  return JSON.parse(JSON.stringify(value)) as Json;
}

function checkJson(value: unknown, field: string, above: Set<object>): void {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return;
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return;
    throw invalid(field, `${value} is no JSON`);
  }
  if (typeof value !== 'object') throw invalid(field, `${show(value)} is neither JSON nor a Uint8Array`);
  if (above.has(value)) throw invalid(field, 'refers to itself');
  const prototype = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw invalid(field, `${show(value)} is no plain object of JSON`);
  }
  above.add(value);
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined || Array.isArray(value)) checkJson(member, `${field}.${name}`, above);
  }
  above.delete(value);
}
