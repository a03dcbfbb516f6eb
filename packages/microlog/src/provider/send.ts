import { type AnySeriesError, isAnySeriesError, type PointBatch, type SeriesRef } from '@anyseries/core';
import { httpSender, type Transport } from '@anyseries/core/http';
import type { Backend, Verdict } from '@anyseries/core/provider';
import { authorizedBody, bodyHead } from '../auth.ts';
import { paths } from '../client/service.ts';
import type { Connection } from '../settings.ts';
import { datasetBytes, encodeDatasets, pointBytes } from '../wire/encode-batch.ts';
import { maxSeries } from '../wire/limits.ts';
import { classifyAnswer } from './classify.ts';
import type { GraphDirectory } from './graphs.ts';

type SendMethods = Required<Pick<Backend, 'send' | 'sizeOf' | 'overheadBytes'>>;

/** Batches go as datasets, one per series. The graphs come first: a batch waits until they are known. */
export function createSendMethods(connection: Connection, transport: Transport, graphs: GraphDirectory): SendMethods {
  const { server, origin, prefix } = connection;
  const head = bodyHead(connection.credentials());
  const url = origin + prefix + paths.api;
  const headers = {
    ...connection.headers,
    'content-type': 'application/json',
    ...(server === 'gateway' ? { accept: 'application/json' } : {}),
  };
  const post = httpSender({
    transport,
    // an original server ignores the key; it is sent all the same, because behind an address may be another server than expected
    encode: (batch, { idempotencyKey }) => ({
      method: 'POST',
      url,
      headers: { ...headers, 'idempotency-key': idempotencyKey },
      body: encodeDatasets(batch),
    }),
    authorize: (request) => ({ ...request, body: authorizedBody(head, request.body as string) }),
    classify: (response, batch, { clock }) => classifyAnswer(response, batch, clock.now()),
  });
  const series = server === 'gateway' ? maxSeries : 1;
  return {
    overheadBytes: new TextEncoder().encode(`${head}[]}`).length + series * datasetBytes,
    sizeOf: pointBytes,
    async send(batch, attempt) {
      let without: ReadonlyMap<SeriesRef, AnySeriesError>;
      try {
        without = await graphs.assign(batch.refs, attempt);
      } catch (error) {
        if (attempt.signal.aborted || !isAnySeriesError(error)) throw error;
        return unsentVerdict(error);
      }
      if (without.size > 0) return refuseRows(batch, without);
      const verdict = await post(batch, attempt);
      if (verdict.kind === 'items' && verdict.rejected.some(({ code }) => code === 'not-found')) graphs.forget();
      return verdict;
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
