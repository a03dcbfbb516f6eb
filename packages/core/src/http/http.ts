import type { KyInstance } from 'ky';
import type { CallContext } from '../backend.ts';
import type { AnySeriesError } from '../errors.ts';
import { boundAttempt } from '../transport/attempt.ts';
import { wait } from '../wait.ts';
import { defaultRetry, delayBeforeRetry, type RetryPolicy } from '../write/backoff.ts';
import { classifyResponse, statusError } from '../write/classify.ts';

export interface HttpSettings {
  /** Absolute; paths are appended to it. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The caller's own `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** For one attempt, the answer included. Milliseconds, default 10,000. */
  readonly timeoutMs?: number | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
  readonly random?: (() => number) | undefined;
  /** Adds the credentials to each attempt. With `refresh`, after a 401, it gets new ones first. */
  authorize?(request: Request, purpose: Purpose, refresh: boolean): Request | Promise<Request>;
  readonly refreshable?: boolean;
}

/** What a request is for; backends may want other credentials for each. */
export type Purpose = 'read' | 'write' | 'manage';

export interface HttpRequest {
  readonly method?: string;
  /** Built by the template `path`. */
  readonly path: string;
  readonly purpose: Purpose;
  readonly search?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Whether it may be sent again after a doubtful failure; default: for GET, HEAD, PUT and DELETE. */
  readonly idempotent?: boolean;
  /** Statuses that are an answer to the caller, beside 2xx. */
  readonly accept?: readonly number[];
}

/** Requests that are no batches of points: reads, sign-ins, the calls of native clients. */
export interface Http {
  /** Answers 2xx and accepted statuses. @throws AnySeriesError of the status or the failure */
  request(request: HttpRequest, context: CallContext): Promise<HttpResponse>;
}

/** An answer that has arrived whole. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  text(): Promise<string>;
  bytes(): Promise<Uint8Array>;
}

const idempotentMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'DELETE']);

/** Requests on ky, with the retry, the time-outs and the errors of core instead of its own. */
export function createHttp(settings: HttpSettings): Http {
  const { url, headers = {}, timeoutMs = 10_000, random = Math.random, refreshable = false, authorize } = settings;
  const retry: RetryPolicy = { ...defaultRetry, ...settings.retry };
  let loaded: Promise<KyInstance> | undefined;

  /** Loaded with the first request: stores never need it. */
  async function load(): Promise<KyInstance> {
    const { default: ky } = await import('ky');
    const { fetch } = settings;
    const quiet = { retry: 0, timeout: false, throwHttpErrors: false, redirect: 'manual' } as const;
    return ky.create({ headers: { ...headers }, ...quiet, ...(fetch === undefined ? {} : { fetch }) });
  }

  async function exchange(request: HttpRequest, signal: AbortSignal, refresh: boolean): Promise<HttpResponse> {
    const { method = 'GET', path, purpose, search = {}, headers: own = {}, json, body } = request;
    const query = new URLSearchParams(search).toString();
    loaded ??= load();
    const client = await loaded;
    const response = await client(`${url.replace(/\/$/, '')}${path}${query === '' ? '' : `?${query}`}`, {
      method,
      headers: { ...own },
      signal,
      ...(json === undefined ? {} : { json }),
      ...(body === undefined ? {} : { body }),
      hooks: {
        beforeRequest: [async ({ request: outgoing }) => (authorize === undefined ? outgoing : authorize(outgoing, purpose, refresh))],
      },
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    return {
      status: response.status,
      headers: response.headers,
      bytes: async () => bytes,
      text: async () => new TextDecoder().decode(bytes),
    };
  }

  return {
    async request(request, context) {
      const { method = 'GET', idempotent = idempotentMethods.has(method), accept = [] } = request;
      let refreshed = false;
      for (let number = 1; ; ) {
        let failure: AnySeriesError;
        let again: boolean;
        let retryAfter: number | undefined;
        try {
          const response = await boundAttempt(context, timeoutMs, (signal) => exchange(request, signal, refreshed));
          if ((response.status >= 200 && response.status < 300) || accept.includes(response.status)) return response;
          if (response.status === 401 && refreshable && !refreshed) {
            refreshed = true;
            continue;
          }
          const text = await response.text();
          const header = (name: string) => response.headers.get(name) ?? undefined;
          const verdict = classifyResponse({ status: response.status, header, text: () => text }, 'stored', context.clock.now());
          failure = 'error' in verdict ? verdict.error : statusError(response.status, text);
          again = verdict.kind === 'retry' && (idempotent || !verdict.ambiguous);
          retryAfter = verdict.kind === 'retry' ? verdict.retryAfterMs : undefined;
        } catch (error) {
          if (context.signal.aborted) throw error;
          failure = error as AnySeriesError;
          const reason = (error as { reason?: unknown }).reason;
          again = reason === 'unsent' || (idempotent && (reason === 'broken' || reason === 'timeout'));
        }
        if (!again || (retryAfter === undefined && number >= retry.maxAttempts)) throw failure;
        const delay = delayBeforeRetry(retry, number, retryAfter, random);
        if (retryAfter === undefined) number++;
        await wait(delay, context);
      }
    },
  };
}
