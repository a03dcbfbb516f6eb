import { Worker } from 'node:worker_threads';
import { AnySeriesError, isAnySeriesError, type SeriesFilter } from '@anyseries/core';
import type { SubscriptionListener } from '@anyseries/core/provider';
import {
  type Answers,
  type FromWorker,
  fromWireBatch,
  fromWireError,
  type Notice,
  type Question,
  type ToWorker,
  type WorkerSettings,
} from './protocol.ts';

/** The main thread's half: questions to the thread that owns the file. */
export interface WorkerClient {
  ask<Q extends Question>(question: Q, now: number, transfer?: ArrayBuffer[]): Promise<Answers[Q['kind']]>;
  tell(notice: Notice): void;
  readonly isRunning: boolean;
  /** Tells a listener what comes for its subscription; the answer ends it. */
  subscribe(filter: SeriesFilter, listener: SubscriptionListener, now: number): () => void;
  /** Ends the thread as it is. */
  terminate(): Promise<void>;
}

interface Call {
  readonly kind: Question['kind'];
  resolve(answer: never): void;
  reject(error: AnySeriesError): void;
}

/** Starts the thread. It keeps the process alive only while a question waits for its answer or a subscription is open. */
export function startWorker(settings: WorkerSettings): WorkerClient {
  const worker = launch(settings);
  const calls = new Map<number, Call>();
  const listeners = new Map<number, SubscriptionListener>();
  let lastCall = 0;
  let lastListener = 0;
  let end: string | undefined;
  worker.unref();

  worker.on('message', (message: FromWorker) => {
    if (message.kind === 'points') return listeners.get(message.listener)?.points(fromWireBatch(message.batch));
    if (message.kind === 'gap') return listeners.get(message.listener)?.gap({ gap: { from: message.from, to: message.to } });
    const call = calls.get(message.call);
    calls.delete(message.call);
    releaseWhenIdle();
    if (message.kind === 'answer') call?.resolve(message.answer as never);
    else call?.reject(fromWireError(message.error));
  });
  worker.on('messageerror', (error) => stop(`a message could not be read: ${error.message}`));
  worker.on('error', (error) => stop(isAnySeriesError(error) || error instanceof Error ? error.message : String(error)));
  worker.on('exit', (code) => stop(`it ended with code ${code}`));

  function tell(notice: Notice): void {
    worker.postMessage(notice satisfies ToWorker);
  }

  function releaseWhenIdle(): void {
    if (calls.size + listeners.size === 0) worker.unref();
  }

  function stop(why: string): void {
    if (end !== undefined) return;
    end = `the thread that owns ${settings.path} has stopped: ${why}`;
    for (const { kind, reject } of calls.values()) reject(stopped(kind));
    calls.clear();
    for (const listener of listeners.values()) listener.failed(stopped('ping'));
    listeners.clear();
  }

  function stopped(kind: Question['kind']): AnySeriesError {
    const details = { provider: 'sqlite', retryable: false };
    if (kind === 'commit') return new AnySeriesError('unknown-outcome', `${end}; the commit may or may not be stored`, details);
    return new AnySeriesError('unavailable', `${end}; connect again`, details);
  }

  return {
    get isRunning() {
      return end === undefined;
    },
    ask(question, now, transfer = []) {
      if (end !== undefined) return Promise.reject(stopped('ping'));
      return new Promise((resolve, reject) => {
        const call = ++lastCall;
        worker.postMessage({ ...question, call, now } satisfies ToWorker, transfer);
        worker.ref();
        calls.set(call, { kind: question.kind, resolve, reject });
      });
    },
    tell,
    subscribe(filter, listener, now) {
      const number = ++lastListener;
      listeners.set(number, listener);
      worker.ref();
      tell({ kind: 'subscribe', listener: number, filter, now });
      return () => {
        if (!listeners.delete(number)) return;
        tell({ kind: 'unsubscribe', listener: number });
        releaseWhenIdle();
      };
    },
    async terminate() {
      await worker.terminate();
    },
  };
}

/** The sources run without a build where the condition is given; it is not handed down to threads by itself everywhere. */
function launch(workerData: WorkerSettings): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  const quiet = '--disable-warning=ExperimentalWarning';
  return new Worker(new URL(isSource ? './worker.ts' : './worker.mjs', import.meta.url), {
    name: 'anyseries-sqlite',
    // rows live shortly: a small nursery costs no time, and a long read stays 50 MB smaller
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
    workerData,
    execArgv: isSource ? ['--conditions=anyseries-source', quiet] : [quiet],
  });
}
