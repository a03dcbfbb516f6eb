import type { Clock } from '../clock.ts';
import { AnySeriesError, isAnySeriesError } from '../errors.ts';
import type { PointInput } from '../point.ts';
import type { Points } from '../sink.ts';
import { extraBytesOf, plainBytes } from '../write/memory-bytes.ts';
import type { PointRules } from '../write/point-rules.ts';
import { type Buffer, fits, freePoints, isBelowLowWater } from './buffer.ts';
import type { Cohorts } from './cohorts.ts';
import { createCursor, type PointCursor } from './cursor.ts';
import { type Fault, rejectFaults } from './faults.ts';
import type { Hooks } from './hooks.ts';
import type { Ledger } from './ledger.ts';
import type { ResolvedOptions } from './options.ts';
import type { Queue } from './queue.ts';
import type { KnownSeries, SeriesTable } from './series.ts';
import { createTicket, type Ticket, type TicketKeeper } from './ticket.ts';
import { createWaitingLine } from './waiting-line.ts';

/** The way into the buffer: checks points, numbers them and puts them into their lanes; makes callers wait while there is no room. */
export interface Admission {
  /** Answers a promise where the points have to wait. @throws AnySeriesError `closed`, `full`, `aborted`, `invalid` */
  write(points: PointInput | Points, signal: AbortSignal | undefined): Promise<void> | undefined;
  offer(points: PointInput | Points, signal: AbortSignal | undefined): Ticket;
  /** The short way of one ordinary point. Answers whether it was admitted, which it is not when anything is special. */
  admitPlain(point: PointInput | Points): boolean;
  /** Lets in who waits, as far as there is room: to be called after points have left, or when what held them is over. */
  release(): void;
  /** How many writes wait for room. */
  waiting(): number;
  /** Refuses whoever comes from now on; those who wait already are still let in. */
  shut(): void;
  /** Refuses those who wait, too. */
  refuseWaiting(): void;
}

export interface AdmissionParts {
  readonly options: Pick<ResolvedOptions, 'onFull' | 'maxAge'>;
  readonly clock: Clock;
  readonly rules: PointRules;
  readonly series: SeriesTable;
  readonly buffer: Buffer;
  readonly cohorts: Cohorts;
  readonly queue: Queue;
  readonly ledger: Ledger;
  readonly hooks: Hooks;
  now(): number;
  /** Whether writes have to wait although there may be room. */
  isHeld(): boolean;
  /** Told when writes begin to wait, and by its answer when none does any more. */
  hold(): () => void;
  /** Told when the buffer is no longer empty. */
  began(): void;
  /** Told when rows may be free that were not, and when there are enough of them for a batch. */
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
  /** All of it comes in at once, or nothing does. */
  readonly isWhole: boolean;
  readonly extraBytes: number;
  admitted: number;
}

/** Between two looks at the clock at most so many points are admitted; they count as of the same moment. */
const pointsPerReading = 64;

export function createAdmission(parts: AdmissionParts): Admission {
  const { options, clock, rules, series, buffer, cohorts, queue, ledger, hooks, fill } = parts;
  const mayDrop = options.onFull === 'drop-oldest' || options.onFull === 'drop-newest';
  const readings = options.maxAge === Number.POSITIVE_INFINITY ? pointsPerReading : 1;
  const line = createWaitingLine<Entrant>(parts.hold);
  let isShut = false;
  let isReleasing = false;
  /** Somebody waits: nobody else comes in before a good part of the buffer is free. */
  let isCongested = false;
  let untilReading = 0;

  function measure(): void {
    buffer.room = isShut || isCongested || parts.isHeld() ? 0 : freePoints(buffer);
  }

  /** Points join the current cohort, unless time has passed or they belong to somebody else. */
  function join(ticket?: TicketKeeper, ticketIndex = 0): void {
    untilReading = readings;
    const time = parts.now();
    const current = cohorts.current();
    if (current === undefined || current.time !== time || current.ticket !== ticket) cohorts.begin(time, ticket, ticketIndex);
  }

  function joinAs({ ticket, admitted }: Entrant): void {
    const current = cohorts.current();
    if (current === undefined || current.ticket !== ticket || --untilReading <= 0) join(ticket, admitted);
  }

  function nextNumber(): number {
    if (buffer.points++ === 0) parts.began();
    return cohorts.next++;
  }

  function pushPlain(known: KnownSeries, time: number, value: number): void {
    queue.push(known, time === 0 ? 0 : time, value, nextNumber());
    if (queue.free >= fill.at) parts.filled();
  }

  /** Lets a write in as far as there is room. Answers whether all of it is in. */
  function admit(entrant: Entrant): boolean {
    const { cursor, ticket, isWhole, extraBytes } = entrant;
    if (isWhole && !fits(buffer, cursor.length!, extraBytes)) return false;
    const stamp = clock.now();
    untilReading = 0;
    const faults: Fault[] = [];
    try {
      for (let point = cursor.peek(); point !== undefined; point = cursor.peek()) {
        if (!admitNext(point, entrant, stamp, faults)) return false;
        entrant.admitted++;
        cursor.take();
      }
      return true;
    } finally {
      // what comes next does not belong to this ticket
      if (ticket !== undefined) cohorts.begin(parts.now());
      rejectFaults(faults, hooks, ledger);
      measure();
      // not before: what comes together may leave together
      if (queue.free > 0) parts.filled();
    }
  }

  /** Answers whether there was room for the point, or it was dropped. */
  function admitNext(point: PointInput, entrant: Entrant, stamp: number, faults: Fault[]): boolean {
    const extraBytes = extraBytesOf(point.value);
    const isImpossible = plainBytes + extraBytes > buffer.maxBytes;
    const hasRoom = fits(buffer, 1, isImpossible ? 0 : extraBytes) || makeRoomFor(extraBytes);
    if (!hasRoom && !mayDrop) return false;
    joinAs(entrant);
    if (!hasRoom) ledger.drop({ numbers: Float64Array.of(nextNumber()), extraBytes: 0 }, 'newest');
    else if (isImpossible)
      faults.push({ point, number: nextNumber(), code: 'too-large', message: `points[${entrant.admitted}]: larger than the whole buffer` });
    else place(point, extraBytes, entrant.admitted, stamp, faults);
    return true;
  }

  function makeRoomFor(extraBytes: number): boolean {
    if (options.onFull !== 'drop-oldest') return false;
    while (!fits(buffer, 1, extraBytes)) if (!parts.dropOldest()) return false;
    return true;
  }

  function place({ series: given, time, value }: PointInput, extraBytes: number, index: number, stamp: number, faults: Fault[]): void {
    const met = series.known(given);
    if (met !== undefined && rules.isPlain(time, value)) {
      pushPlain(met, time as number, value as number);
      return;
    }
    const field = (name: string) => `points[${index}].${name}`;
    try {
      const known = series.find(given, field('series'));
      const keptTime = rules.timeOf(time === undefined ? stamp : time, field('time'));
      const kept = rules.valueOf(value, field('value'));
      if (typeof kept !== 'number') buffer.extraBytes += extraBytes;
      queue.pushAny(known, keptTime, kept, nextNumber());
    } catch (error) {
      if (!isAnySeriesError(error)) throw error;
      faults.push({ point: { series: given, time, value }, number: nextNumber(), code: error.code, message: error.message });
    }
  }

  /** Answers a promise where the write has to wait. */
  function enter(entrant: Entrant, signal: AbortSignal | undefined): Promise<void> | undefined {
    if (isShut) throw new AnySeriesError('closed', 'this writer is closed; make another one');
    if (signal?.aborted) throw abortedError(signal, entrant);
    if (!isCongested && !parts.isHeld() && admitOrThrow(entrant)) return undefined;
    if (options.onFull === 'reject') throw fullError(entrant);
    isCongested = true;
    buffer.room = 0;
    return line.join(entrant, signal, () => {
      release();
      const error = abortedError(signal!, entrant);
      entrant.ticket?.finish(entrant.admitted, error);
      return error;
    });
  }

  function admitOrThrow(entrant: Entrant): boolean {
    try {
      return admit(entrant);
    } catch (error) {
      if (!isAnySeriesError(error)) throw error;
      throw new AnySeriesError(error.code, error.message, { cause: error.cause, admitted: entrant.admitted });
    }
  }

  function createEntrant(points: PointInput | Points, ticket?: TicketKeeper): Entrant {
    const cursor = createCursor(points);
    const { length = Number.POSITIVE_INFINITY } = cursor;
    let extraBytes = 0;
    for (const value of cursor.values()) extraBytes += extraBytesOf(value);
    // larger ones could wait for ever, or keep everybody else waiting
    const isSmall = length <= buffer.maxPoints / 2 && length * plainBytes + extraBytes <= buffer.maxBytes / 2;
    const isWhole = cursor.length !== undefined && length > 1 && !mayDrop && (isSmall || options.onFull === 'reject');
    return { cursor, ticket, isWhole, extraBytes, admitted: 0 };
  }

  function letIn({ ticket, admitted }: Entrant): void {
    ticket?.finish(admitted);
    line.letFirstIn();
  }

  function refuse({ ticket, admitted }: Entrant, error: unknown): void {
    ticket?.finish(admitted, error);
    line.refuseFirst(error);
  }

  function release(): void {
    if (isReleasing) return;
    isReleasing = true;
    if (line.length() === 0 || isBelowLowWater(buffer)) isCongested = false;
    while (!isCongested && !parts.isHeld()) {
      const entrant = line.first();
      if (entrant === undefined) break;
      try {
        if (admitOrThrow(entrant)) letIn(entrant);
        else isCongested = true;
      } catch (error) {
        refuse(entrant, error);
      }
    }
    isCongested ||= line.length() > 0;
    isReleasing = false;
    measure();
  }

  return {
    release,
    admitPlain(input) {
      if (buffer.room <= 0 || typeof input !== 'object' || input === null) return false;
      // what is no point has none of these, and is unknown
      const { series: given, time, value } = input as PointInput;
      const known = series.known(given);
      if (known === undefined || !rules.isPlain(time, value)) return false;
      buffer.room--;
      if (known.lane.head === known.lane.tail || --untilReading <= 0) join();
      const hadNone = queue.free === 0;
      pushPlain(known, time as number, value as number);
      if (hadNone && queue.free > 0) parts.filled();
      return true;
    },
    write: (points, signal) => enter(createEntrant(points), signal),
    offer(points, signal) {
      const ticket = createTicket();
      try {
        const entrant = createEntrant(points, ticket);
        if (enter(entrant, signal) === undefined) ticket.finish(entrant.admitted);
      } catch (error) {
        ticket.finish((isAnySeriesError(error) && error.admitted) || 0, error);
      }
      return ticket.ticket;
    },
    waiting: () => line.length(),
    shut() {
      isShut = true;
      measure();
    },
    refuseWaiting() {
      for (let entrant = line.first(); entrant !== undefined; entrant = line.first())
        refuse(entrant, new AnySeriesError('closed', 'the writer was closed', { admitted: entrant.admitted }));
    },
  };
}

function abortedError({ reason }: AbortSignal, { admitted }: Entrant): AnySeriesError {
  return new AnySeriesError('aborted', 'the write was aborted', { cause: reason, admitted });
}

function fullError({ admitted, cursor: { length } }: Entrant): AnySeriesError {
  const what = length === undefined || length === 1 ? '' : ` for ${length} points`;
  return new AnySeriesError('full', `the buffer has no room${what}: try again later, or choose another onFull`, { admitted });
}
