import type { Backend, WriteOperation } from '../backend.ts';
import type { Capabilities, WriteCapability } from '../capabilities.ts';
import { AnySeriesError, isAnySeriesError } from '../errors.ts';
import { checkCallOptions } from '../options.ts';
import { checkDelete, checkSeries } from '../read/check-query.ts';
import type { Runtime } from '../runtime.ts';
import type { Series } from '../series.ts';
import type { SeriesRef } from '../series-ref.ts';
import type { Points, WriteResult } from '../sink.ts';
import { unsupported } from '../unsupported.ts';
import { admit } from './admit.ts';
import type { IndexedBatch } from './cut.ts';
import { deliver, type Tally } from './deliver.ts';
import { type Delivery, deliverySymbol } from './delivery.ts';
import { createGate } from './gate.ts';
import { memoryBytes } from './memory-bytes.ts';
import { createRefs } from './refs.ts';

/** The methods of a sink over a backend; those that the capabilities do not declare refuse. */
export function createSinkMethods(runtime: Runtime, capabilities: Capabilities) {
  const { write } = capabilities;
  const refuse = (method: string) => unsupported(runtime.id, method);
  if (write === undefined) {
    return {
      write: refuse('write'),
      ref: refuse('ref'),
      increment: refuse('increment'),
      delete: refuse('delete'),
      putSeries: refuse('putSeries'),
    };
  }
  const refs = createRefs(capabilities.keys);
  const gate = createGate();

  const roadTo = (backend: Backend): Delivery => ({
    capabilities: capabilities as Capabilities & { readonly write: WriteCapability },
    overheadBytes: backend.overheadBytes ?? 0,
    ref: (key) => refs.find(key, 'series'),
    gate,
    sizeOf: backend.sizeOf === undefined ? memoryBytes : (ref, time, value) => backend.sizeOf!(ref, time, value),
    send: (batch, attempt) => backend.send!(batch, attempt),
  });

  async function run(operation: WriteOperation, points: Points, options: unknown): Promise<WriteResult> {
    const tally: Tally = { stored: 0, unconfirmed: 0, rejected: [] };
    const admitAll = () =>
      admit(points, {
        capabilities: operation === 'increment' ? amountsOnly(capabilities) : capabilities,
        known: refs.known,
        ref: refs.find,
        now: runtime.clock.now(),
        reject: (rejection) => tally.rejected.push(rejection),
      });
    let isBegun = false;
    try {
      return await runtime.callToEnd(checkCallOptions(options), (backend, context, deadline) => {
        isBegun = true;
        const { retry, random } = runtime;
        return deliver(admitAll(), tally, { delivery: roadTo(backend), operation, context, deadline, retry, random });
      });
    } catch (error) {
      if (isBegun || !isAnySeriesError(error) || error.code === 'invalid') throw error;
      throw withNothingSent(error, admitAll(), tally);
    }
  }

  return {
    [deliverySymbol]: async (): Promise<Delivery> => {
      runtime.checkOpen();
      const road = roadTo(await runtime.backend());
      return { ...road, send: (batch, attempt) => runtime.follow(() => road.send(batch, attempt)) };
    },
    ref(key: string): SeriesRef {
      return refs.find(key, 'series');
    },
    write: async (points: Points, options?: unknown) => run('write', points, options),
    increment: write.increment ? async (points: Points, options?: unknown) => run('increment', points, options) : refuse('increment'),
    delete: write.deletes
      ? async (request: unknown, options?: unknown): Promise<void> => {
          const range = checkDelete(request, capabilities);
          return runtime.call(checkCallOptions(options), (backend, context) => backend.delete!(range, context));
        }
      : refuse('delete'),
    putSeries: write.putSeries
      ? async (series: unknown, options?: unknown): Promise<Series> => {
          const checked = checkSeries(series, capabilities);
          return runtime.call(checkCallOptions(options), (backend, context) => backend.putSeries!(checked, context));
        }
      : refuse('putSeries'),
  };
}

/** The failure of a write before its first request, such as an aborted signal or missing credentials: no point was sent. */
function withNothingSent(failure: AnySeriesError, windows: Iterable<IndexedBatch>, { rejected }: Tally): AnySeriesError {
  const unsent = Array.from(windows, ({ indices }) => [...indices]).flat();
  const { code, message, retryable, retryAfterMs, provider, cause } = failure;
  const outcome = { stored: 0, unconfirmed: 0, rejected, unknown: [], unsent };
  return new AnySeriesError(code, message, { retryable, retryAfterMs, provider, cause, outcome, indices: unsent });
}

/** Increments add numbers, whatever else a backend keeps. */
function amountsOnly(capabilities: Capabilities): Capabilities {
  const { values, write } = capabilities;
  if (write?.increment === 'integers') return { ...capabilities, values: [values.includes('bigint') ? 'bigint' : 'integer'] };
  return { ...capabilities, values: values.filter((kind) => kind === 'number' || kind === 'integer' || kind === 'bigint') };
}
