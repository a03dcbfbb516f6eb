import {
  AnySeriesError,
  type CallOptions,
  type Capabilities,
  type Clock,
  createWriter,
  type Points,
  type Provider,
  type WriteResult,
} from '@anyseries/core';
import { checkCallOptions } from '@anyseries/core/provider';

/** A writer in the form of a sink: a write ends when each of its points has had its end. */
export function writerSink(provider: Provider<Capabilities & { readonly write: object }>, clock: Clock) {
  const writer = createWriter(provider, { clock, onReject: () => {} });

  async function write(points: Points, options?: CallOptions): Promise<WriteResult> {
    const { signal } = checkCallOptions(options);
    const isIterable = typeof points === 'object' && points !== null && Symbol.iterator in points;
    // counted beforehand, for an error that tells of every one
    const input = isIterable ? [...points] : points;
    const ticket = writer.offer(input, { signal });
    await ticket.admitted.catch((error: AnySeriesError) => {
      if (error.code !== 'aborted') throw error;
      const indices = Array.from({ length: input.length }, (_, index) => index);
      throw failure(error.code, error.message, { stored: 0, unconfirmed: 0, rejected: [], unknown: [], unsent: indices });
    });
    void writer.flush();
    const { stored, unconfirmed, rejected, unknown, returned } = await ticket.done;
    const outcome = { stored, unconfirmed, rejected, unknown, unsent: returned };
    if (unknown.length > 0) throw failure('unknown-outcome', 'some points may be stored', outcome);
    if (signal?.aborted) throw failure('aborted', 'the call was aborted', outcome);
    return { stored, unconfirmed, rejected };
  }

  return {
    ...provider,
    write,
    async close() {
      await writer.close();
      await provider.close();
    },
  };
}

function failure(code: AnySeriesError['code'], message: string, outcome: NonNullable<AnySeriesError['outcome']>): AnySeriesError {
  return new AnySeriesError(code, message, { outcome });
}
