import { AnySeriesError, type ErrorCode } from '../errors.ts';
import { excerpt } from '../http/response.ts';
import { isTransportError } from '../transport/transport-error.ts';
import type { Verdict } from './verdict.ts';

/** The parts of an answer that decide what becomes of a batch. */
export interface ClassifiedResponse {
  readonly status: number;
  header(name: string): string | undefined;
  text(): string;
}

/** Nothing was applied: the backend said so before it looked at the batch. */
const refusedUnread: ReadonlySet<number> = new Set([408, 425, 429, 509, 529]);
/** Something behind the one that answered may have applied the batch. */
const ambiguous: ReadonlySet<number> = new Set([500, 502, 503, 504, 507, 520, 521, 522, 523, 524, 599]);
/** The batch was read, and something in it is wrong. */
const badBatch: ReadonlySet<number> = new Set([400, 422]);
const misconfigured: ReadonlySet<number> = new Set([404, 405, 410, 415, 501, 505]);

/** The verdict that a status stands for; a web page is none, whatever its status. Providers override what their protocol says otherwise. `now` is needed for dates in `Retry-After`. */
export function classifyResponse(response: ClassifiedResponse, outcome: 'stored' | 'unconfirmed', now: number): Verdict {
  const { status } = response;
  if (status >= 200 && status < 300) {
    if (!/^text\/html\b/i.test(response.header('content-type') ?? '')) return { kind: 'ok', outcome };
    const error = new AnySeriesError(
      'protocol',
      `status ${status} came with a web page, which is no answer of the backend: ${excerpt(response.text())}`,
    );
    return { kind: 'retry', ambiguous: true, error };
  }
  const after = retryAfterMs(response.header('retry-after'), response.header('date'), now);
  const error = statusError(status, response.text(), after);
  if (status === 413) return { kind: 'too-large', error };
  if (status === 401 || status === 403) return { kind: 'blocked', why: 'auth', error };
  if (misconfigured.has(status)) return { kind: 'blocked', why: 'config', error };
  const unread = refusedUnread.has(status) || (status === 503 && after !== undefined);
  if (unread || ambiguous.has(status)) return { kind: 'retry', ambiguous: !unread, retryAfterMs: after, error };
  if (status >= 500) return { kind: 'retry', ambiguous: true, retryAfterMs: after, error };
  return { kind: badBatch.has(status) ? 'bad-batch' : 'refused', error };
}

/** The verdict on a request that got no answer. */
export function classifyFailure(failure: unknown): Verdict {
  if (!isTransportError(failure)) throw failure;
  if (failure.reason === 'tls') return { kind: 'blocked', why: 'tls', error: failure };
  return { kind: 'retry', ambiguous: failure.reason !== 'unsent', error: failure };
}

const codeOfStatus: Readonly<Record<number, ErrorCode>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  408: 'timeout',
  409: 'conflict',
  410: 'not-found',
  412: 'conflict',
  413: 'too-large',
  425: 'unavailable',
  429: 'rate-limited',
  405: 'protocol',
  415: 'protocol',
  501: 'unsupported',
  509: 'rate-limited',
};

/** The error that a status stands for, with the first words of what the backend said. */
export function statusError(status: number, text: string, retryAfter?: number): AnySeriesError {
  const code = codeOfStatus[status] ?? (status >= 500 ? 'unavailable' : status >= 400 ? 'invalid' : 'protocol');
  const said = excerpt(text);
  return new AnySeriesError(code, `status ${status}${said === '' ? '' : `: ${said}`}`, { retryAfterMs: retryAfter });
}

/** `Retry-After` in milliseconds: seconds, or a date, which is compared with the answer's own `Date` so that clocks need not agree. */
export function retryAfterMs(retryAfter: string | undefined, date: string | undefined, now: number): number | undefined {
  if (retryAfter === undefined) return undefined;
  const text = retryAfter.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const at = /^[a-z]{3,9},? .*\d\d:\d\d:\d\d/i.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) return undefined;
  const sent = Date.parse(date ?? '');
  return Math.max(0, at - (Number.isNaN(sent) ? now : sent));
}
