import type { Clock } from '../clock.ts';
import { AnySeriesError, type Rejection } from '../errors.ts';
import { pointAt } from '../point-batch.ts';
import { isTransportError } from '../transport/transport-error.ts';
import { defaultRetry, delayBeforeRetry } from '../write/backoff.ts';
import { bytesOf, halve, pick } from '../write/cut.ts';
import { type Delivery, isResendSafe } from '../write/delivery.ts';
import { type Failed, sortRows } from '../write/send.ts';
import type { Verdict } from '../write/verdict.ts';
import { abandon, createPiece, goOn, type Piece, replaceFirst, type SealedBatch, startSending, waitUntil } from './batch.ts';
import type { Blockade } from './blockade.ts';
import type { ByteLimit } from './byte-limit.ts';
import type { Cohorts } from './cohorts.ts';
import type { Hooks } from './hooks.ts';
import type { Isolator, Step } from './isolate.ts';
import { type Ledger, leavingOf } from './ledger.ts';
import type { Metrics } from './metrics.ts';
import type { ResolvedOptions } from './options.ts';
import type { RejectReason } from './report.ts';
import { verdictOfRefusal } from './road.ts';

/** What follows from answers, one function per verdict. */
export interface Consequences {
  /** Takes a batch through one sending: what has expired is given up, the first piece goes out, and the answer is followed. Never rejects. */
  deliver(batch: SealedBatch, road: Delivery, answered: () => void): Promise<void>;
  /** Ends the points of a piece that will not be sent any more although nobody refused it: as unknown where they may be stored. Answers those that were never applied. */
  giveBack(piece: Piece): Promise<Piece | undefined>;
}

export interface ConsequencesParts {
  readonly options: Pick<ResolvedOptions, 'ambiguous' | 'maxAge' | 'random'>;
  readonly clock: Clock;
  readonly cohorts: Cohorts;
  readonly ledger: Ledger;
  readonly hooks: Hooks;
  readonly metrics: Metrics;
  readonly byteLimit: ByteLimit;
  readonly isolator: Isolator;
  readonly blockade: Blockade;
  now(): number;
  /** Whether the writer gives up what is under way. */
  isStopped(): boolean;
  attempt(piece: Piece, road: Delivery): Promise<Verdict | Failed>;
  /** A batch has nothing left to send. */
  done(batch: SealedBatch): void;
}

/** Why points of a piece are given up. */
interface Loss {
  readonly reason: RejectReason;
  readonly error: Pick<AnySeriesError, 'code' | 'message'>;
  readonly status?: number | undefined;
}

export function createConsequences(parts: ConsequencesParts): Consequences {
  const { options, clock, cohorts, ledger, hooks, metrics, byteLimit, isolator, blockade, now } = parts;

  async function deliver(batch: SealedBatch, road: Delivery, answered: () => void): Promise<void> {
    let isAnswered = false;
    const answer = () => {
      if (!isAnswered) answered();
      isAnswered = true;
    };
    try {
      startSending(batch);
      if (await prepare(batch)) {
        const piece = batch.pieces[0]!;
        const sent = await parts.attempt(piece, road);
        answer();
        await follow(batch, piece, sent, road);
      }
    } catch (error) {
      // nothing of ours may leave points without an end
      hooks.error(error);
      for (const piece of abandon(batch)) ledger.end(leavingOf(piece), 'unknown');
    }
    answer();
    if (batch.state === 'sending') goOn(batch);
    if (batch.state === 'done') parts.done(batch);
  }

  /** Answers whether there is something to send. */
  async function prepare(batch: SealedBatch): Promise<boolean> {
    for (let piece = batch.pieces[0]; piece !== undefined; piece = batch.pieces[0]) {
      if (await expire(batch, piece)) continue;
      const step = isolator.beforeSending(piece, batch.pieces.slice(1));
      if (step === undefined) return true;
      const error = new AnySeriesError('invalid', 'refused together with others; to find the bad ones would cost too many requests');
      await take(step, batch, piece, { error });
    }
    return false;
  }

  /** Gives up what is too old. Answers whether the piece has changed. */
  async function expire(batch: SealedBatch, piece: Piece): Promise<boolean> {
    const oldest = now() - options.maxAge;
    if (oldest === Number.NEGATIVE_INFINITY) return false;
    const [old, young]: [number[], number[]] = [[], []];
    for (const [row, number] of piece.indices.entries()) (cohorts.find(number).time <= oldest ? old : young).push(row);
    if (old.length === 0) return false;
    const error = new AnySeriesError('expired', `older than ${options.maxAge} ms`);
    await giveUp(createPiece(pick(piece, old), piece), { reason: 'expired', error });
    replaceFirst(batch, ...(young.length > 0 ? [createPiece(pick(piece, young), piece)] : []));
    return true;
  }

  async function follow(batch: SealedBatch, piece: Piece, sent: Verdict | Failed, road: Delivery): Promise<void> {
    const { status } = sent.exchange ?? {};
    switch (sent.kind) {
      case 'ok':
        passed(batch, piece);
        byteLimit.passed();
        isolator.accepted(piece);
        metrics.record('outcomeTime', now() - cohorts.find(piece.indices[0]!).time);
        ledger.end(leavingOf(piece), sent.outcome);
        return replaceFirst(batch);
      case 'items':
        passed(batch, piece);
        byteLimit.passed();
        return followItems(batch, piece, sent);
      case 'too-large':
        passed(batch, piece);
        return followTooLarge(batch, piece, sent, road);
      case 'bad-batch':
        passed(batch, piece);
        return take(isolator.refused(piece, batch.pieces.slice(1)), batch, piece, { error: sent.error, status });
      case 'refused':
        passed(batch, piece);
        await giveUp(piece, { reason: 'refused', error: sent.error, status });
        return replaceFirst(batch);
      case 'blocked':
        return followBlocked(batch, piece, sent);
      case 'retry':
        return followRetry(batch, piece, sent, road);
      case 'failed':
        return followFailed(batch, piece, sent, road);
    }
  }

  /** The backend has looked at the piece, whatever it made of it. */
  function passed(batch: SealedBatch, piece: Piece): void {
    batch.failures = 0;
    isolator.answered(piece);
    blockade.end(true);
  }

  async function followItems(batch: SealedBatch, piece: Piece, verdict: Verdict & { kind: 'items' }): Promise<void> {
    const { accepted, rejected, keep } = sortRows(piece.batch, verdict);
    if (accepted.length > 0) metrics.record('outcomeTime', now() - cohorts.find(piece.indices[accepted[0]!]!).time);
    ledger.end(leavingOf(piece, accepted), verdict.outcome);
    for (const code of new Set(rejected.map((rejection) => rejection.code))) {
      const some = rejected.filter((rejection) => rejection.code === code);
      const refused = createPiece(
        pick(
          piece,
          some.map(({ index }) => index),
        ),
        piece,
      );
      await giveUp(refused, { reason: 'refused', error: some[0]!, status: verdict.exchange?.status }, (row) => some[row]!);
    }
    replaceFirst(batch, ...(keep.length > 0 ? [createPiece(pick(piece, keep), piece)] : []));
  }

  async function followTooLarge(batch: SealedBatch, piece: Piece, verdict: Verdict & { kind: 'too-large' }, road: Delivery): Promise<void> {
    if (piece.batch.length === 1) {
      // it was this point, not the size of requests
      if (batch.limitBefore !== undefined) byteLimit.restore(batch.limitBefore);
      await giveUp(piece, { reason: 'too-large', error: verdict.error, status: verdict.exchange?.status });
      return replaceFirst(batch);
    }
    batch.limitBefore ??= byteLimit.current();
    byteLimit.lower(bytesOf(piece.batch, road));
    const isolation = piece.isolation && { role: 'part' as const, search: piece.isolation.search };
    replaceFirst(batch, ...halve(piece).map((half) => createPiece(half, piece, isolation)));
  }

  async function followBlocked(batch: SealedBatch, piece: Piece, { why, error, exchange }: Verdict & { kind: 'blocked' }): Promise<void> {
    if (blockade.begin(batch, { why, error }) === 'give up') {
      blockade.end(false);
      await giveUp(piece, { reason: 'misconfigured', error, status: exchange?.status });
      return replaceFirst(batch);
    }
    metrics.retry('blocked');
    waitUntil(batch, now() + delayBeforeRetry(defaultRetry, ++batch.failures, undefined, options.random));
  }

  async function followRetry(batch: SealedBatch, piece: Piece, verdict: Verdict & { kind: 'retry' }, road: Delivery): Promise<void> {
    const { ambiguous, error, retryAfterMs, exchange } = verdict;
    piece.maybeApplied ||= ambiguous;
    const isSafe = !ambiguous || (verdict.resendSafe ?? isResendSafe(road.capabilities.write, 'write'));
    if (!isSafe && options.ambiguous === 'reject') {
      await giveUp(piece, { reason: 'unknown-outcome', error, status: exchange?.status }, undefined, 'unknown');
      return replaceFirst(batch);
    }
    hooks.error(error);
    if (piece.maybeApplied) metrics.add('duplicatesPossible', piece.batch.length);
    metrics.retry(retryAfterMs !== undefined ? 'asked' : ambiguous ? 'ambiguous' : 'certain');
    waitUntil(batch, now() + delayOf(batch, piece, verdict, road, isSafe));
  }

  function delayOf(batch: SealedBatch, piece: Piece, verdict: Verdict & { kind: 'retry' }, road: Delivery, isSafe: boolean): number {
    const { error, retryAfterMs } = verdict;
    // a connection that the other side was just closing says nothing about the backend
    if (isSafe && !piece.wasBroken && isTransportError(error) && error.reason === 'broken') {
      piece.wasBroken = true;
      return 0;
    }
    const delay = delayBeforeRetry(defaultRetry, batch.failures + 1, retryAfterMs, options.random);
    if (retryAfterMs === undefined) batch.failures++;
    else road.gate.close(delay, clock.now());
    return delay;
  }

  async function followFailed(batch: SealedBatch, piece: Piece, { error, exchange }: Failed, road: Delivery): Promise<void> {
    if (!parts.isStopped())
      return follow(batch, piece, verdictOfRefusal(error) ?? { kind: 'retry', ambiguous: true, error, exchange }, road);
    piece.maybeApplied = true;
    await giveBack(piece);
    replaceFirst(batch);
  }

  /** Does what the search for bad points says. */
  async function take(step: Step, batch: SealedBatch, piece: Piece, loss: Pick<Loss, 'error' | 'status'>): Promise<void> {
    if (step.kind === 'split') {
      batch.pieces.splice(1, step.also);
      return replaceFirst(batch, ...step.into);
    }
    await giveUp(piece, { ...loss, reason: step.reason });
    replaceFirst(batch);
  }

  /** The points of a piece are given up: told to `onReject`, then ended. What may have been applied ends as unknown when it was not refused. */
  async function giveUp(
    piece: Piece,
    { reason, error: { code, message }, status }: Loss,
    rejectionOf: (row: number) => Pick<Rejection, 'code' | 'message'> = () => ({ code, message }),
    end: 'rejected' | 'unknown' = piece.maybeApplied && (reason === 'expired' || reason === 'misconfigured') ? 'unknown' : 'rejected',
  ): Promise<void> {
    const { batch, attempts } = piece;
    const points = () => Array.from({ length: batch.length }, (_, row) => pointAt(batch, row));
    const toldReason = end === 'unknown' ? 'unknown-outcome' : reason;
    const told = hooks.reject(batch.length, points, { reason: toldReason, code, status, excerpt: message, attempts });
    if (told !== undefined) await told;
    if (end === 'unknown') ledger.end(leavingOf(piece), 'unknown');
    else ledger.reject(leavingOf(piece), reason, rejectionOf);
  }

  async function giveBack(piece: Piece): Promise<Piece | undefined> {
    if (piece.maybeApplied) {
      const error = new AnySeriesError('unknown-outcome', 'the writer was closed before the answer came');
      await giveUp(piece, { reason: 'unknown-outcome', error }, undefined, 'unknown');
      return undefined;
    }
    ledger.end(leavingOf(piece), 'returned');
    return piece;
  }

  return { deliver, giveBack };
}
