import type { Isolation } from './isolate.ts';
import type { Rows } from './lanes.ts';

/**
 * - `ready` its first piece may be sent · `sending` it is under way, or its end is being told
 * - `waiting` until `notBefore`, to be sent again · `done` every point has had its end
 */
export type BatchState = 'ready' | 'sending' | 'waiting' | 'done';

/** Points of one request. Immutable: a retry sends the same again; only a verdict splits them. */
export interface Piece extends Rows {
  /** The same for every attempt at the same points. */
  readonly idempotencyKey: string;
  /** How often these points were sent. */
  attempts: number;
  /** An attempt may have been applied. */
  maybeApplied: boolean;
  /** Its connection broke, and it was sent again at once. */
  wasBroken: boolean;
  /** Part of a piece that was refused because of bad points. */
  readonly isolation?: Isolation | undefined;
}

/** Points that left their lanes together and hold them locked until all have had their end. */
export interface SealedBatch {
  /** The bits of its lanes. */
  readonly lanes: number;
  state: BatchState;
  /** Still to be sent, in order; the first is the one that is under way. */
  pieces: Piece[];
  notBefore: number;
  /** Attempts in a row that led to nothing, for the delay of the next. */
  failures: number;
  /** The limit by bytes before the first request that was too large. */
  limitBefore: number | undefined;
}

export function seal(lanes: number, pieces: readonly Rows[]): SealedBatch {
  return {
    lanes,
    state: 'ready',
    pieces: pieces.map((rows) => createPiece(rows)),
    notBefore: 0,
    failures: 0,
    limitBefore: undefined,
  };
}

/** Answers the piece to send. */
export function startSending(batch: SealedBatch): Piece {
  move(batch, 'sending', 'ready', 'waiting');
  return batch.pieces[0]!;
}

export function waitUntil(batch: SealedBatch, notBefore: number): void {
  move(batch, 'waiting', 'sending');
  batch.notBefore = notBefore;
}

/** The first piece is replaced by these, none where all of its points have had their end. */
export function replaceFirst(batch: SealedBatch, ...pieces: readonly Piece[]): void {
  batch.pieces.splice(0, 1, ...pieces);
}

/** What is left is sent on; without anything left the batch is done. */
export function goOn(batch: SealedBatch): void {
  move(batch, batch.pieces.length > 0 ? 'ready' : 'done', 'sending');
}

/** Gives up what is left of a batch that is not under way. */
export function abandon(batch: SealedBatch): readonly Piece[] {
  move(batch, 'done', 'ready', 'waiting', 'sending');
  return batch.pieces.splice(0);
}

/** These rows as a piece of their own; what is true of the points goes with them. */
export function createPiece(rows: Rows, from?: Piece, isolation: Isolation | undefined = from?.isolation): Piece {
  const { attempts = 0, maybeApplied = false } = from ?? {};
  const { batch, indices } = rows;
  return { batch, indices, idempotencyKey: globalThis.crypto.randomUUID(), attempts, maybeApplied, wasBroken: false, isolation };
}

function move(batch: SealedBatch, to: BatchState, ...from: readonly BatchState[]): void {
  if (!from.includes(batch.state)) throw new Error(`a batch does not go from ${batch.state} to ${to}`);
  batch.state = to;
}
