import type { Attempt } from '../backend.ts';
import type { Capabilities, WriteCapability } from '../capabilities.ts';
import { AnySeriesError, isAnySeriesError } from '../errors.ts';
import type { PointBatch } from '../point-batch.ts';
import type { SeriesRef } from '../series-ref.ts';
import type { WriteResult } from '../sink.ts';
import { type Delivery, deliverySymbol } from '../write/delivery.ts';
import { createGate } from '../write/gate.ts';
import { memoryBytes } from '../write/memory-bytes.ts';
import type { Verdict } from '../write/verdict.ts';

/** What a writer needs of a sink. */
export interface WriterSink {
  readonly specVersion: number;
  readonly capabilities: Capabilities & { readonly write: WriteCapability };
  write(points: PointBatch, options?: { readonly signal?: AbortSignal }): Promise<WriteResult>;
  ref(key: string): SeriesRef;
  readonly [deliverySymbol]?: () => Promise<Delivery>;
}

/** The way of batches to the backend: the sink's own columnar one or, where it has none, its `write`. */
export async function openRoad(sink: WriterSink): Promise<Delivery> {
  if (typeof sink[deliverySymbol] === 'function') return sink[deliverySymbol]();
  return {
    capabilities: sink.capabilities,
    overheadBytes: 0,
    gate: createGate(),
    ref: (key) => sink.ref(key),
    sizeOf: memoryBytes,
    send: (batch, attempt) => sendByWrite(sink, batch, attempt),
  };
}

async function sendByWrite(sink: WriterSink, batch: PointBatch, { signal }: Attempt): Promise<Verdict> {
  try {
    const { stored, unconfirmed, rejected } = await sink.write(batch, { signal });
    const outcome = unconfirmed > 0 ? 'unconfirmed' : 'stored';
    if (rejected.length > 0) return { kind: 'items', outcome, rejected };
    if (stored + unconfirmed === batch.length) return { kind: 'ok', outcome };
    throw new AnySeriesError('protocol', `of ${batch.length} points the sink counts ${stored + unconfirmed}`);
  } catch (error) {
    if (!isAnySeriesError(error) || signal.aborted) throw error;
    return verdictOf(error);
  }
}

function verdictOf(error: AnySeriesError): Verdict {
  const { code, outcome, retryAfterMs } = error;
  const isDoubtful = outcome === undefined || outcome.unknown.length > 0;
  if (!isDoubtful && outcome.stored + outcome.unconfirmed + outcome.rejected.length > 0) {
    const kind = outcome.unconfirmed > 0 ? 'unconfirmed' : 'stored';
    return { kind: 'items', outcome: kind, rejected: outcome.rejected, keep: outcome.unsent };
  }
  const final = isDoubtful ? undefined : verdictOfRefusal(error);
  const resendSafe = code === 'unknown-outcome' ? false : undefined;
  return final ?? { kind: 'retry', ambiguous: isDoubtful, retryAfterMs, resendSafe, error };
}

/** What an error says that came before anything was sent; `undefined` where to try again is all that is left. */
export function verdictOfRefusal(error: AnySeriesError): (Verdict & { readonly error: AnySeriesError }) | undefined {
  switch (error.code) {
    case 'unauthenticated':
    case 'forbidden':
      return { kind: 'blocked', why: 'auth', error };
    case 'not-found':
    case 'closed':
      return { kind: 'blocked', why: 'config', error };
    case 'invalid':
    case 'unsupported':
      return { kind: 'bad-batch', error };
    case 'too-large':
      return { kind: 'too-large', error };
    default:
      return undefined;
  }
}
