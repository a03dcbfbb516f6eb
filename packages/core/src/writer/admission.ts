import type { Clock } from '../clock.ts';
import { AnySeriesError, type ErrorCode, isAnySeriesError } from '../errors.ts';
import type { PointInput, Value } from '../point.ts';
import type { Points } from '../sink.ts';
import type { PointRules } from '../write/point-rules.ts';
import { type Buffer, fits, freePoints, isBelowLowWater } from './buffer.ts';
import type { Cohorts } from './cohorts.ts';
import { createCursor, type PointCursor } from './cursor.ts';
import type { Hooks } from './hooks.ts';
import { extraBytesOf, plainBytes } from './lanes.ts';
import type { Ledger } from './ledger.ts';
import type { ResolvedOptions } from './options.ts';
import type { Queue } from './queue.ts';
import type { RejectReason } from './report.ts';
import type { KnownSeries, SeriesTable } from './series.ts';
import { createTicket, type Ticket, type TicketKeeper } from './ticket.ts';
import { createWaitingLine } from './waiting-line.ts';

/** The way into the buffer: checks points, numbers them and puts them into their lanes; makes callers wait while there is no room. */
export interface Admission {
  write(points: PointInput | Points, signal: AbortSignal | undefined): Promise<void> | undefined;
  offer(points: PointInput | Points, signal: AbortSignal | undefined): Ticket;
  /** The one-point way of `write` without a signal: answers whether the point was admitted, which it is not when anything is special. */
  admitPlain(point: PointInput): boolean;
  /** Lets in who waits, as far as there is room; after points have left, or when what held them is over. */
  release(): void;
  /** Those who wait for room. */
  waiting(): number;
  /** Refuses whoever comes from now on; those who wait already are still let in. */
  shut(): void;
  /** Refuses those who wait, too. */
  refuseWaiting(): void;
  /** Separates what is admitted from now on from what was before. */
  mark(): void;
}

export interface AdmissionParts {
  readonly options: Pick<ResolvedOptions, 'onFull'>;
  readonly clock: Clock;
  readonly rules: PointRules;
  readonly series: SeriesTable;
  readonly buffer: Buffer;
  readonly cohorts: Cohorts;
  readonly queue: Queue;
  readonly ledger: Ledger;
  readonly hooks: Hooks;
  readonly isReadingAlways: boolean;
  now(): number;
  /** Whether writes have to wait although there may be room. */
  isHeld(): boolean;
  /** Told when the buffer is no longer empty. */
  began(): void;
  /** Told when free rows appear, and when there are enough for a batch. */
  filled(): void;
  /** So many free rows make `filled` worth a call. */
  readonly fill: { at: number };
  /** Drops the oldest points that are not in flight, to make room. Answers whether there were any. */
  dropOldest(): boolean;
}

/** A write that is on its way in. */
interface Entrant {
  readonly cursor: PointCursor;
  readonly ticket: TicketKeeper | undefined;
  /** Whether all of it comes in at once or nothing does. */
  readonly isWhole: boolean;
  readonly extraBytes: number;
  admitted: number;
}

/** Between two looks at the clock at most so many points are admitted; they count as of the same moment. */
const pointsPerReading = 64;

export function createAdmission(parts: AdmissionParts): Admission {
  const { options, clock, rules, series, buffer, cohorts, queue, ledger, hooks, fill } = parts;
  const line = createWaitingLine();
  let isShut = false;
  let isReleasing = false;
  /** Somebody waits: nobody else comes in before a good part of the buffer is free. */
  let isCongested = false;
  let untilReading = 0;

  function measure(): void {
    const isClosed = isShut || line.length() > 0 || parts.isHeld();
    buffer.room = isClosed ? 0 : freePoints(buffer);
  }

  /** Points join the current cohort, unless time has passed or they belong to somebody else. */
  function join(ticket?: TicketKeeper, ticketIndex = 0): void {
    untilReading = parts.isReadingAlways ? 1 : pointsPerReading;
    const time = parts.now();
    const current = cohorts.current();
    if (current === undefined || current.time !== time || current.ticket !== ticket) cohorts.begin(time, ticket, ticketIndex);
  }

  function number(): number {
    if (buffer.points++ === 0) parts.began();
    return cohorts.next++;
  }

  function pushed(known: KnownSeries): void {
    if (!known.lane.locked && (queue.free >= fill.at || queue.free === 1)) parts.filled();
  }

  function admitPlain({ series: given, time, value }: PointInput): boolean {
    if (buffer.room <= 0) return false;
    const known = series.known(given);
    if (known === undefined || !rules.isPlain(time, value)) return false;
    buffer.room--;
    const { lane } = known;
    if (lane.head === lane.tail || --untilReading <= 0) join();
    queue.push(known, time === 0 ? 0 : (time as number), value as number, number());
    pushed(known);
    return true;
  }

  /** Lets a write in as far as there is room. Answers whether all of it is in. */
  function admit(entrant: Entrant): boolean {
    const { cursor, ticket, isWhole, extraBytes } = entrant;
    const mayDrop = options.onFull === 'drop-oldest' || options.onFull === 'drop-newest';
    if (isWhole && !mayDrop && !fits(buffer, cursor.length!, extraBytes)) return false;
    const stamp = clock.now();
    const faulty: Faulty[] = [];
    try {
      for (let point = cursor.peek(); point !== undefined; point = cursor.peek()) {
        const extra = extraBytesOf(point.value);
        const isImpossible = plainBytes + extra > buffer.maxBytes;
        if (!isImpossible && !fits(buffer, 1, extra) && !makeRoomFor(extra)) {
          if (!mayDrop) return false;
          join(ticket, entrant.admitted);
          ledger.drop({ numbers: Float64Array.of(number()), extraBytes: 0 }, 'newest');
        } else {
          join(ticket, entrant.admitted);
          const fault = isImpossible ? tooLarge(entrant.admitted) : place(point, extra, entrant.admitted, stamp);
          if (fault !== undefined) faulty.push({ point, number: number(), ...fault });
        }
        entrant.admitted++;
        cursor.take();
      }
      return true;
    } catch (error) {
      if (!isAnySeriesError(error)) throw error;
      throw new AnySeriesError(error.code, error.message, { cause: error.cause, admitted: entrant.admitted });
    } finally {
      // what comes next does not belong to this ticket
      if (ticket !== undefined) cohorts.begin(parts.now());
      rejectFaulty(faulty);
      measure();
    }
  }

  function makeRoomFor(extraBytes: number): boolean {
    if (options.onFull !== 'drop-oldest') return false;
    while (!fits(buffer, 1, extraBytes)) if (!parts.dropOldest()) return false;
    return true;
  }

  /** Puts a point into its lane; answers what is wrong where it cannot be. */
  function place({ series: given, time, value }: PointInput, extraBytes: number, index: number, stamp: number): Fault | undefined {
    const field = (name: string) => `points[${index}].${name}`;
    try {
      const known = series.find(given, field('series'));
      const kept = rules.timeOf(time === undefined ? stamp : time, field('time'));
      const normal: Value = rules.valueOf(value, field('value'));
      buffer.extraBytes += typeof normal === 'number' ? 0 : extraBytes;
      queue.pushAny(known, kept, normal, number());
      pushed(known);
      return undefined;
    } catch (error) {
      if (!isAnySeriesError(error)) throw error;
      return { reason: 'invalid', code: error.code, message: error.message };
    }
  }

  /** Points that are wrong by themselves are held until `onReject` has seen them, as all others are. */
  function rejectFaulty(faulty: readonly Faulty[]): void {
    const reasons = new Set(faulty.map(({ reason }) => reason));
    for (const reason of reasons) {
      const some = faulty.filter((fault) => fault.reason === reason);
      const { code, message } = some[0]!;
      const leaving = { numbers: Float64Array.from(some, (fault) => fault.number), extraBytes: 0 };
      const end = () => ledger.reject(leaving, reason, (row) => some[row]!);
      const info = { reason, code, status: undefined, excerpt: message, attempts: 0 };
      const told = hooks.reject(
        some.map(({ point }) => point),
        info,
      );
      if (typeof told === 'boolean') end();
      else void told.then(end);
    }
  }

  function enter(points: PointInput | Points, signal: AbortSignal | undefined, ticket?: TicketKeeper): Promise<void> | undefined {
    if (isShut) throw new AnySeriesError('closed', 'this writer is closed; make another one');
    if (signal?.aborted) throw abortedError(signal, 0);
    const entrant = createEntrant(points, ticket);
    const isFree = !isCongested && line.length() === 0 && !parts.isHeld();
    if (isFree && admit(entrant)) return undefined;
    if (options.onFull === 'reject') throw fullError(entrant);
    isCongested = true;
    const waiting = line.join(entrant, signal, (reason) => {
      measure();
      release();
      return abortedError(reason, entrant.admitted);
    });
    measure();
    return waiting;
  }

  function createEntrant(points: PointInput | Points, ticket: TicketKeeper | undefined): Entrant {
    const cursor = createCursor(points);
    let extraBytes = 0;
    for (const value of cursor.values()) extraBytes += extraBytesOf(value as Value);
    // larger ones could wait for ever, or keep everybody else waiting
    const isWhole =
      cursor.length !== undefined &&
      cursor.length <= Math.max(1, buffer.maxPoints / 2) &&
      (cursor.length === 1 || cursor.length * plainBytes + extraBytes <= buffer.maxBytes / 2);
    return { cursor, ticket, isWhole: isWhole && cursor.length! > 1, extraBytes, admitted: 0 };
  }

  function fullError({ admitted, cursor: { length } }: Entrant): AnySeriesError {
    const what = length === undefined || length === 1 ? '' : ` for ${length} points`;
    return new AnySeriesError('full', `the buffer has no room${what}: try again later, or choose another onFull`, { admitted });
  }

  function release(): void {
    if (isReleasing) return;
    isReleasing = true;
    try {
      if (isBelowLowWater(buffer)) isCongested = false;
      while (!isCongested && !parts.isHeld() && line.length() > 0) {
        const { item } = line.first()!;
        try {
          if (!admit(item as Entrant)) isCongested = true;
          else line.letIn();
        } catch (error) {
          line.refuseFirst(error);
        }
      }
    } finally {
      isReleasing = false;
    }
    measure();
  }

  return {
    admitPlain,
    release,
    write: (points, signal) => enter(points, signal),
    offer(points, signal) {
      const ticket = createTicket();
      void follow();
      return ticket.ticket;

      async function follow(): Promise<void> {
        await undefined;
      }
    },
    waiting: () => line.length(),
    shut() {
      isShut = true;
      measure();
    },
    refuseWaiting() {
      line.refuseAll((item) => new AnySeriesError('closed', 'the writer was closed', { admitted: (item as Entrant).admitted }));
    },
    mark: () => cohorts.begin(parts.now()),
  };
}

interface Fault {
  readonly reason: RejectReason;
  readonly code: ErrorCode;
  readonly message: string;
}

interface Faulty extends Fault {
  readonly point: PointInput;
  readonly number: number;
}

function tooLarge(index: number): Fault {
  return { reason: 'too-large', code: 'too-large', message: `points[${index}]: larger than the whole buffer` };
}

function abortedError({ reason }: AbortSignal, admitted: number): AnySeriesError {
  return new AnySeriesError('aborted', 'the write was aborted', { cause: reason, admitted });
}
