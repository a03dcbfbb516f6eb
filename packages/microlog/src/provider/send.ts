import { type AnySeriesError, isAnySeriesError, type PointBatch, type SeriesRef } from '@anyseries/core';
import { httpSender, type Transport } from '@anyseries/core/http';
import type { Backend, CallContext, Verdict } from '@anyseries/core/provider';
import { authorizedBody, bodyHead } from '../auth.ts';
import { paths } from '../client/service.ts';
import type { Connection } from '../settings.ts';
import { datasetBytes, encodeDatasets, type NoNote, pointBytes } from '../wire/encode-batch.ts';
import { classifyAnswer } from './classify.ts';

type SendMethods = Required<Pick<Backend, 'send' | 'sizeOf' | 'overheadBytes'>>;

/** How batches become requests. */
export interface Sending {
  readonly transport: Transport;
  /** The most series of a request. */
  readonly maxSeries: number;
  readonly noNote: NoNote;
  /** Names the graphs of series. Answers those that have none, and why. */
  assign(refs: readonly SeriesRef[], context: CallContext): Promise<ReadonlyMap<SeriesRef, AnySeriesError>>;
  /** Told when the server does not know a graph. */
  forget?(): void;
  /** Whether the server is known to have the EXTENSION: it tells what it has stored, and remembers it. */
  isExtended(): boolean;
}

/** Batches go as datasets, one per series. The graphs come first: a batch waits until they are known. */
export function createSendMethods(connection: Connection, sending: Sending): SendMethods {
  const { origin, prefix } = connection;
  const { transport, maxSeries, noNote, assign, forget, isExtended } = sending;
  const head = bodyHead(connection.credentials());
  const url = origin + prefix + paths.api;
  const headers = { ...connection.headers, 'content-type': 'application/json' };
  const post = httpSender({
    transport,
    // an original server ignores the key; it is sent all the same, because another one than expected may stand behind the address
    encode: (batch, { idempotencyKey }) => ({
      method: 'POST',
      url,
      headers: { ...headers, 'idempotency-key': idempotencyKey, ...(isExtended() ? { accept: 'application/json' } : {}) },
      body: encodeDatasets(batch, noNote),
    }),
    authorize: (request) => ({ ...request, body: authorizedBody(head, request.body as string) }),
    classify: (response, batch, { clock }) => classifyAnswer(response, batch, clock.now()),
  });

  return {
    overheadBytes: new TextEncoder().encode(`${head}[]}`).length + maxSeries * datasetBytes,
    sizeOf: (ref, time, value) => pointBytes(ref, time, value, noNote),
    async send(batch, attempt) {
      let without: ReadonlyMap<SeriesRef, AnySeriesError>;
      try {
        without = await assign(batch.refs, attempt);
      } catch (error) {
        if (attempt.signal.aborted || !isAnySeriesError(error)) throw error;
        return unsentVerdict(error);
      }
      if (without.size > 0) return refuseRows(batch, without);
      const verdict = await post(batch, attempt);
      if (verdict.kind === 'items' && verdict.rejected.some(({ code }) => code === 'not-found')) forget?.();
      return verdict.kind === 'retry' && isExtended() ? { ...verdict, resendSafe: true } : verdict;
    },
  };
}

/** Looking for the graphs has failed: no point was sent. */
function unsentVerdict(error: AnySeriesError): Verdict {
  if (error.retryable) return { kind: 'retry', ambiguous: false, retryAfterMs: error.retryAfterMs, error };
  return { kind: 'blocked', why: error.code === 'unauthenticated' || error.code === 'forbidden' ? 'auth' : 'config', error };
}

/** The points of series without a graph are refused; the others go on. */
function refuseRows(batch: PointBatch, without: ReadonlyMap<SeriesRef, AnySeriesError>): Verdict {
  const rejected = [];
  const keep = [];
  for (let index = 0; index < batch.length; index++) {
    const error = without.get(batch.refs[batch.series[index]!]!);
    if (error === undefined) keep.push(index);
    else rejected.push({ index, code: error.code, message: error.message });
  }
  return { kind: 'items', outcome: 'unconfirmed', rejected, keep };
}
