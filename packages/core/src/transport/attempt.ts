import type { CallContext } from '../backend.ts';
import { isAnySeriesError } from '../errors.ts';
import { rejectOnAbort } from '../wait.ts';
import { describeFailure, transportError } from './transport-error.ts';

/**
 * Runs one attempt at a request, bound by the call's signal and a time-out. Work that does not heed its signal is left alone.
 *
 * @throws TransportError where there is no answer; the signal's reason when it is aborted
 */
export async function boundAttempt<T>(
  { clock, signal }: CallContext,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const stop = () => controller.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  const cancel = clock.setTimer(() => controller.abort(transportError('timeout', `no answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    return await rejectOnAbort(work(controller.signal), controller.signal);
  } catch (error) {
    if (controller.signal.aborted) throw controller.signal.reason;
    throw isAnySeriesError(error) ? error : describeFailure(error);
  } finally {
    cancel();
    signal.removeEventListener('abort', stop);
  }
}
