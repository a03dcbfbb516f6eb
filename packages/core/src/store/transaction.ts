import type { CallContext, StoreBackend, StoreOperation } from '../backend.ts';
import { storeCapabilities } from '../capabilities.ts';
import { AnySeriesError, invalid, isAnySeriesError, show } from '../errors.ts';
import { checkObject } from '../options.ts';
import { checkDelete, checkSeries } from '../read/check-query.ts';
import type { Points } from '../sink.ts';
import type { StoredRecord, Transaction } from '../store.ts';
import { admit } from '../write/admit.ts';
import { createRefs } from '../write/refs.ts';
import { checkRecordName, deleteOperation, putOperation } from './records.ts';

/** A transaction that meets others again and again gives up after so many runs. */
const maxRuns = 100;

/** What a caller does in a transaction. */
export type TransactionWork<T> = (transaction: Transaction) => Promise<T> | T;

/** Runs a transaction on an open store. */
export type Transact = <T>(work: TransactionWork<T>, backend: StoreBackend, context: CallContext) => Promise<T>;

/**
 * Transactions without locks: what a run reads is remembered with its version, what it writes is collected, and one commit checks the former
 * and applies the latter. A run that has met another one is done again; such repeats wait for each other, so that each gets through.
 */
export function createTransactions(): Transact {
  const refs = createRefs(storeCapabilities.keys);
  let repeats: Promise<unknown> = Promise.resolve();

  return async function transact<T>(work: TransactionWork<T>, backend: StoreBackend, context: CallContext): Promise<T> {
    const first = await run();
    if (first.committed) return first.answer;
    const repeated = repeats.then(async () => {
      for (let runs = 2; runs <= maxRuns; runs++) {
        const again = await run();
        if (again.committed) return again.answer;
      }
      throw new AnySeriesError('conflict', `the transaction met other changes of its records ${maxRuns} times`, { retryable: true });
    });
    repeats = repeated.catch(() => {});
    return repeated;

    async function run(): Promise<{ committed: true; answer: T } | { committed: false }> {
      context.signal.throwIfAborted();
      const operations: StoreOperation[] = [];
      const seen = new Map<string, StoreOperation & { kind: 'expectRecord' }>();
      const answer = await work(createTransaction(operations, seen));
      context.signal.throwIfAborted();
      if (operations.length === 0 && seen.size === 0) return { committed: true, answer };
      try {
        await backend.commit([...seen.values(), ...operations], context);
        return { committed: true, answer };
      } catch (error) {
        if (seen.size > 0 && isAnySeriesError(error) && error.code === 'conflict' && (await hasChanged(seen))) return { committed: false };
        throw error;
      }
    }

    async function hasChanged(seen: ReadonlyMap<string, StoreOperation & { kind: 'expectRecord' }>): Promise<boolean> {
      for (const { collection, id, version } of seen.values()) {
        if (((await backend.getRecord(collection, id, context))?.version ?? null) !== version) return true;
      }
      return false;
    }

    function createTransaction(operations: StoreOperation[], seen: Map<string, StoreOperation & { kind: 'expectRecord' }>): Transaction {
      const own = new Map<string, StoredRecord | undefined>();
      const nameOf = (collection: string, id: string) => `${collection}\0${id}`;
      return {
        write: (points) => addPoints({ kind: 'write' }, points),
        increment(points, incrementOptions = {}) {
          const { truncate = false } = checkObject(incrementOptions, ['truncate'], 'options');
          if (typeof truncate !== 'boolean') throw invalid('options.truncate', `${show(truncate)} is no boolean`);
          addPoints({ kind: 'increment', truncate }, points);
        },
        delete(request) {
          operations.push({ kind: 'delete', ...checkDelete(request, storeCapabilities) });
        },
        putSeries(series) {
          operations.push({ kind: 'putSeries', series: checkSeries(series, storeCapabilities) });
        },
        records: {
          get: (async (collection: string, id: string) => {
            checkRecordName(collection, 'collection');
            checkRecordName(id, 'id');
            const name = nameOf(collection, id);
            if (own.has(name)) return own.get(name);
            const record = await backend.getRecord(collection, id, context);
            if (!seen.has(name)) seen.set(name, { kind: 'expectRecord', collection, id, version: record?.version ?? null });
            return record;
          }) as Transaction['records']['get'],
          put(collection, id, value, putOptions) {
            const operation = putOperation(collection, id, value, putOptions);
            operations.push(operation);
            const { expiresAt } = operation;
            // the version is given at the commit; until then it is none
            own.set(nameOf(collection, id), {
              id,
              value: operation.value,
              version: Number.NaN,
              ...(expiresAt === undefined ? {} : { expiresAt }),
            });
          },
          delete(collection, id, deleteOptions) {
            operations.push(deleteOperation(collection, id, deleteOptions));
            own.set(nameOf(collection, id), undefined);
          },
        },
      };

      function addPoints(operation: { kind: 'write' } | { kind: 'increment'; truncate: boolean }, points: Points): void {
        const values = operation.kind === 'write' ? storeCapabilities.values : (['number', 'bigint'] as const);
        const capabilities = { ...storeCapabilities, values };
        const reject = ({ code, message }: { code: AnySeriesError['code']; message: string }) => {
          throw new AnySeriesError(code, message);
        };
        const admission = { capabilities, known: refs.known, ref: refs.find, now: context.clock.now(), reject };
        // one batch, so that the indices of a conflict are those of the caller
        for (const { batch } of admit(points, { ...admission, windowPoints: Number.POSITIVE_INFINITY })) {
          operations.push({ ...operation, batch });
        }
      }
    }
  };
}
