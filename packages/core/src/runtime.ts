import type { Backend, CallContext } from './backend.ts';
import { type Clock, systemClock } from './clock.ts';
import { AnySeriesError, invalid, isAnySeriesError, show } from './errors.ts';
import { checkObject, isPositive } from './options.ts';
import type { CallOptions } from './sink.ts';
import { rejectOnAbort } from './wait.ts';
import { defaultRetry, type RetryPolicy } from './write/backoff.ts';

/** Settings that every provider takes beside its own. */
export interface ProviderSettings {
  /** Ends every call after this time, retries included, unless the call says otherwise. Milliseconds, default 60,000. */
  readonly deadlineMs?: number | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined;
  /** A number in [0, 1) to draw delays with; default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** The life of one provider: opens its backend at the first call, follows every call, and closes when all have ended. */
export interface Runtime {
  readonly id: string;
  readonly clock: Clock;
  readonly retry: RetryPolicy;
  readonly random: () => number;
  /** Runs a call on the open backend, bound by its signal and its deadline. */
  call<T>(options: CallOptions, work: (backend: Backend, context: CallContext, deadline: number) => Promise<T>): Promise<T>;
  /** The same without the race: `work` itself ends when the signal of its context is aborted. */
  callToEnd<T>(options: CallOptions, work: (backend: Backend, context: CallContext, deadline: number) => Promise<T>): Promise<T>;
  /** Lets `close` wait for work that is no call of its own, such as what a writer sends. @throws AnySeriesError `closed` */
  follow<T>(work: () => Promise<T>): Promise<T>;
  /** The backend if it is open; opens it otherwise. */
  backend(): Promise<Backend>;
  /** @throws AnySeriesError `closed` */
  checkOpen(): void;
  /** Runs when the provider closes, before it waits for calls. */
  onClose(callback: () => void): () => void;
  close(): Promise<void>;
}

export function createRuntime(id: string, open: () => Backend | Promise<Backend>, settings: ProviderSettings): Runtime {
  const { deadlineMs: defaultDeadlineMs = 60_000, retry, clock = systemClock, random = Math.random } = settings;
  const calls = new Set<Promise<unknown>>();
  const closing = new Set<() => void>();
  let opened: Promise<Backend> | undefined;
  let closed: Promise<void> | undefined;

  function backend(): Promise<Backend> {
    opened ??= Promise.resolve()
      .then(open)
      .catch((error: unknown) => {
        opened = undefined;
        throw own(error);
      });
    return opened;
  }

  function own(error: unknown): AnySeriesError {
    if (isAnySeriesError(error)) return error;
    return new AnySeriesError('protocol', `${id} failed unexpectedly: ${error instanceof Error ? error.message : String(error)}`, {
      provider: id,
      cause: error,
    });
  }

  function checkOpen(): void {
    if (closed !== undefined) throw new AnySeriesError('closed', `this ${id} is closed; connect again`, { provider: id });
  }

  function run<T>(
    options: CallOptions,
    work: (backend: Backend, context: CallContext, deadline: number) => Promise<T>,
    race: boolean,
  ): Promise<T> {
    const call = start();
    calls.add(call);
    return call.finally(() => calls.delete(call));

    async function start(): Promise<T> {
      checkOpen();
      const { signal, deadlineMs = defaultDeadlineMs } = options;
      const controller = new AbortController();
      const abort = () => controller.abort(new AnySeriesError('aborted', 'the call was aborted', { provider: id, cause: signal?.reason }));
      if (signal?.aborted) abort();
      signal?.addEventListener('abort', abort, { once: true });
      const expire = () => controller.abort(new AnySeriesError('timeout', `no end within ${deadlineMs} ms`, { provider: id }));
      const cancel = clock.setTimer(expire, deadlineMs);
      const context: CallContext = { signal: controller.signal, clock };
      try {
        if (controller.signal.aborted && race) throw controller.signal.reason;
        const ended = work(await rejectOnAbort(backend(), controller.signal), context, clock.now() + deadlineMs);
        return await (race ? rejectOnAbort(ended, controller.signal) : ended);
      } catch (error) {
        throw own(error);
      } finally {
        cancel();
        signal?.removeEventListener('abort', abort);
      }
    }
  }

  async function follow<T>(work: () => Promise<T>): Promise<T> {
    checkOpen();
    const call = work();
    calls.add(call);
    return call.finally(() => calls.delete(call));
  }

  async function shut(): Promise<void> {
    for (const callback of closing) callback();
    while (calls.size > 0) await Promise.allSettled(calls);
    const open = await opened?.catch(() => undefined);
    await open?.close?.();
  }

  return {
    id,
    clock,
    retry: { ...defaultRetry, ...retry },
    random,
    follow,
    backend,
    checkOpen,
    call: (options, work) => run(options, work, true),
    callToEnd: (options, work) => run(options, work, false),
    onClose(callback) {
      closing.add(callback);
      return () => closing.delete(callback);
    },
    close() {
      closed ??= shut();
      return closed;
    },
  };
}

const settingNames = ['deadlineMs', 'retry', 'clock', 'random'] as const;
const retryNames = ['maxAttempts', 'minDelayMs', 'maxDelayMs'];

/** Checks the settings that every provider takes; the provider has checked for unknown names. @throws AnySeriesError `invalid` that names the setting */
export function checkProviderSettings(settings: ProviderSettings): ProviderSettings {
  const { deadlineMs, retry, clock, random } = settings;
  if (deadlineMs !== undefined && !isPositive(deadlineMs))
    throw invalid('deadlineMs', `${show(deadlineMs)} is no positive number of milliseconds`);
  if (retry !== undefined) {
    for (const [name, value] of Object.entries(checkObject(retry, retryNames, 'retry'))) {
      if (!isPositive(value) || (name === 'maxAttempts' && !Number.isInteger(value)))
        throw invalid(`retry.${name}`, `${show(value)} is no positive number`);
    }
  }
  const isClock = typeof clock === 'object' && clock !== null && typeof clock.now === 'function' && typeof clock.setTimer === 'function';
  if (clock !== undefined && !isClock) throw invalid('clock', `${show(clock)} has no now() and setTimer()`);
  if (random !== undefined && typeof random !== 'function') throw invalid('random', `${show(random)} is no function`);
  return Object.fromEntries(Object.entries({ deadlineMs, retry, clock, random }).filter(([, value]) => value !== undefined));
}

/** The names of the settings that every provider takes, for checks of unknown names. */
export const providerSettingNames: readonly string[] = settingNames;
