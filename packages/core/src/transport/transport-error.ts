import { AnySeriesError } from '../errors.ts';

/** `unsent`: nothing reached the backend · `tls`: no trusted connection · `broken`: something may have arrived · `timeout`: no answer in time. */
export type TransportFailure = 'unsent' | 'tls' | 'broken' | 'timeout';

/** A request that got no answer. */
export interface TransportError extends AnySeriesError {
  readonly reason: TransportFailure;
}

export function isTransportError(error: unknown): error is TransportError {
  return typeof error === 'object' && error !== null && 'reason' in error && 'code' in error;
}

export function transportError(reason: TransportFailure, message: string): TransportError {
  const error = new AnySeriesError(reason === 'timeout' ? 'timeout' : 'unavailable', message, { retryable: reason !== 'tls' });
  return Object.assign(error, { reason });
}

const unsentCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What a failed request means, by the code somewhere in its chain of causes. The original is left out: it may hold the URL. */
export function describeFailure(failure: unknown): TransportError {
  const code = codeIn(failure);
  if (code === undefined) return transportError('broken', 'the connection failed');
  if (unsentCodes.has(code)) return transportError('unsent', `the backend cannot be reached (${code})`);
  if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code))
    return transportError('tls', `the backend's certificate is not trusted (${code})`);
  return transportError('broken', `the connection broke (${code})`);
}

function codeIn(failure: unknown): string | undefined {
  for (let error = failure as { code?: unknown; cause?: unknown; errors?: unknown[] } | undefined, depth = 0; error && depth < 5; depth++) {
    if (typeof error.code === 'string') return error.code;
    error = (error.cause ?? error.errors?.[0]) as typeof error;
  }
  return undefined;
}
