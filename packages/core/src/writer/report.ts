import type { Point } from '../point.ts';

/** What becomes of a point in a writer: exactly one of these, once. */
export type End = 'stored' | 'unconfirmed' | 'rejected' | 'unknown' | 'dropped' | 'returned';

/**
 * Why points were given up.
 *
 * - `invalid` wrong by themselves: no number, a time out of range, no series key. Never sent
 * - `refused` the backend refused the point, or for good the request that carried it
 * - `too-large` the backend refused a request with this point alone as too large, or it is larger than the whole buffer
 * - `unisolated` refused together with others; to find out which of them are bad would have cost too many requests
 * - `uniform` refused with a whole batch of which every point that was tried alone was refused too: a wrong schema or permission
 * - `expired` older than `maxAge`
 * - `misconfigured` the address or the method was refused for longer than `configPatience`
 * - `unknown-outcome` may be stored, and to send them again would not be safe
 */
export type RejectReason = 'invalid' | 'refused' | 'too-large' | 'unisolated' | 'uniform' | 'expired' | 'misconfigured' | 'unknown-outcome';

/** What became of all points of a writer, since it was made. `admitted` is the sum of the others but `spooled`. */
export interface Report {
  readonly admitted: number;
  /** Confirmed by the backend. */
  readonly stored: number;
  /** Accepted by the backend, storage not proven. */
  readonly unconfirmed: number;
  /** Not stored, for a reason that `onReject` was told. */
  readonly rejected: number;
  /** May be stored or not. */
  readonly unknown: number;
  /** Not sent, because the buffer was full and the option `onFull` says to drop. */
  readonly dropped: number;
  /** Not sent before the writer was closed; `unsent()` gives them back. */
  readonly returned: number;
  /** Without an end yet. */
  readonly pending: number;
  /** Of these, on disk; 0 without a spool. */
  readonly spooled: number;
  /** The points that were returned, in no particular order across series. Empty before `close`. */
  unsent(): readonly Point[];
}
