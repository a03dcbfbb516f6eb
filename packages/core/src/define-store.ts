import type { Attempt, Backend, CallContext, DeleteRange, StoreBackend, StoreOperation } from './backend.ts';
import { storeCapabilities } from './capabilities.ts';
import { defineOnRuntime } from './define-provider.ts';
import { type AnySeriesError, invalid, isAnySeriesError, show } from './errors.ts';
import { checkCallOptions } from './options.ts';
import type { PointBatch } from './point-batch.ts';
import type { ProviderSettings } from './runtime.ts';
import type { Series, SeriesInput } from './series.ts';
import { createRecords } from './store/records.ts';
import { createTransactions } from './store/transaction.ts';
import type { Store } from './store.ts';
import type { Verdict } from './write/verdict.ts';

export interface StoreDefinition {
  readonly id: string;
  readonly settings?: ProviderSettings;
  /** Opens the backend at the first call; after a failure again at the next. */
  open(): StoreBackend | Promise<StoreBackend>;
}

/** A store and the way to its backend, for what a package adds to it. */
export interface DefinedStore {
  readonly store: Store;
  /** Runs a call on the open backend, bound by its signal and its deadline. */
  call: <T>(
    options: { readonly signal?: AbortSignal | undefined },
    work: (backend: StoreBackend, context: CallContext) => Promise<T>,
  ) => Promise<T>;
}

/** Makes a store of its author's half: a provider with every capability, records and transactions. */
export function defineStore(definition: StoreDefinition): DefinedStore {
  let opened: StoreBackend | undefined;
  const { provider, runtime } = defineOnRuntime({
    ...definition,
    capabilities: storeCapabilities,
    open: async () => {
      opened = await definition.open();
      return asBackend(opened);
    },
  });
  const call: DefinedStore['call'] = (options, work) => runtime.call(options, (_, context) => work(opened!, context));
  const transact = createTransactions();
  const transaction: Store['transaction'] = async (work, options) => {
    if (typeof work !== 'function') throw invalid('work', `${show(work)} is no function`);
    return call(checkCallOptions(options), (backend, context) => transact(work, backend, context));
  };
  return { store: { ...provider, records: createRecords(call), transaction }, call };
}

/** A store's backend in the form of any provider's. */
function asBackend(store: StoreBackend): Backend {
  return {
    read: store.read,
    series: store.series,
    latest: store.latest,
    subscribe: store.subscribe,
    close: store.close,
    ...(store.check === undefined ? {} : { check: store.check }),
    send: (batch, attempt) => send(store, batch, attempt),
    async delete(range: DeleteRange, context: CallContext) {
      await store.commit([{ kind: 'delete', ...range }], context);
    },
    async putSeries(series: SeriesInput, context: CallContext) {
      return (await store.commit([{ kind: 'putSeries', series }], context))[0] as Series;
    },
  };
}

async function send(store: StoreBackend, batch: PointBatch, attempt: Attempt): Promise<Verdict> {
  const operation: StoreOperation = { kind: attempt.operation, batch };
  try {
    await store.commit([operation], attempt);
    return { kind: 'ok', outcome: 'stored' };
  } catch (error) {
    if (!isAnySeriesError(error)) throw error;
    return verdictOf(error, batch);
  }
}

/** A commit that failed has applied nothing. Rows that are to blame are rejected; the others go on without them. */
function verdictOf(error: AnySeriesError, batch: PointBatch): Verdict {
  const { indices, code, message } = error;
  if (code === 'conflict' && indices !== undefined) {
    const rejected = indices.map((index) => ({ index, code, message }));
    const bad = new Set(indices);
    const keep = Array.from({ length: batch.length }, (_, row) => row).filter((row) => !bad.has(row));
    return { kind: 'items', outcome: 'stored', rejected, keep };
  }
  if (error.retryable) return { kind: 'retry', ambiguous: false, error };
  if (code === 'too-large') return { kind: 'too-large', error };
  if (code === 'protocol' || code === 'unknown-outcome') throw error;
  return { kind: 'blocked', why: 'config', error };
}
