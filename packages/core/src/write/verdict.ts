import type { AnySeriesError, ErrorCode } from '../errors.ts';

/** A row of a batch that the backend refused. `index` counts within the batch. */
export interface RejectedRow {
  readonly index: number;
  readonly code: ErrorCode;
  readonly message: string;
}

/** What went over the wire for one attempt, for those who watch. */
export interface Exchange {
  /** The status of the answer; none where there was no answer. */
  readonly status?: number | undefined;
  /** Bytes of the body before and after compression. */
  readonly rawBytes: number;
  readonly wireBytes: number;
}

/** What the answer to one request says of its batch. The only thing that a provider decides; what follows from it is core's. */
export type Verdict = { readonly exchange?: Exchange | undefined } & (
  | { readonly kind: 'ok'; readonly outcome: 'stored' | 'unconfirmed' }
  /** Row by row: `rejected` are not stored, `keep` are not stored yet and to be sent again, the others are accepted. */
  | {
      readonly kind: 'items';
      readonly outcome: 'stored' | 'unconfirmed';
      readonly rejected: readonly RejectedRow[];
      readonly keep?: readonly number[];
    }
  /**
   * Try again. `ambiguous`: something of it may have been applied. `resendSafe`: whether to send it again could do no harm then; by default what
   * the capabilities say.
   */
  | {
      readonly kind: 'retry';
      readonly ambiguous: boolean;
      readonly retryAfterMs?: number | undefined;
      readonly resendSafe?: boolean | undefined;
      readonly error: AnySeriesError;
    }
  /** The request is too large: halve it. */
  | { readonly kind: 'too-large'; readonly error: AnySeriesError }
  /** Nothing is stored because some points are bad, and the answer does not say which. */
  | { readonly kind: 'bad-batch'; readonly error: AnySeriesError }
  /** Nothing is stored, and no point is to blame: the request as a whole is refused for good. */
  | { readonly kind: 'refused'; readonly error: AnySeriesError }
  /** Nothing will pass before somebody mends the credentials, the trust in the server's certificate or the configuration. */
  | { readonly kind: 'blocked'; readonly why: 'auth' | 'tls' | 'config'; readonly error: AnySeriesError }
);
