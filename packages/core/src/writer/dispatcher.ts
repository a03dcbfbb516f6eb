import type { Clock } from '../clock.ts';
import { cut } from '../write/cut.ts';
import type { Delivery } from '../write/delivery.ts';
import type { Alarm } from './alarm.ts';
import { type SealedBatch, seal } from './batch.ts';
import type { Blockade } from './blockade.ts';
import type { ByteLimit } from './byte-limit.ts';
import type { Cohorts } from './cohorts.ts';
import type { Hooks } from './hooks.ts';
import type { Rows } from './lanes.ts';
import type { ResolvedOptions } from './options.ts';
import { freeBytes, type Queue } from './queue.ts';
import type { RoadOpener } from './road-opener.ts';

/** Decides what goes out, and when. */
export interface Dispatcher {
  /** Sends what may be sent, and sees to it that it is called again when time changes that. */
  pump(): void;
  /** Points with smaller numbers do not wait for others any more. */
  hurry(before: number): void;
  inFlight(): number;
  /** Batches that are not done, the oldest first. */
  readonly batches: ReadonlySet<SealedBatch>;
  /** A batch is done: its lanes are free. */
  remove(batch: SealedBatch): void;
  /** Sends nothing more; resolves when what is under way has had its end. */
  stop(): Promise<void>;
}

export interface DispatcherParts {
  readonly options: Pick<ResolvedOptions, 'linger' | 'maxInFlight' | 'order'>;
  readonly limits: RequestLimits;
  readonly byteLimit: ByteLimit;
  readonly clock: Clock;
  readonly alarm: Alarm;
  readonly queue: Queue;
  readonly cohorts: Cohorts;
  readonly hooks: Hooks;
  readonly blockade: Blockade;
  readonly opener: RoadOpener;
  readonly fill: { at: number };
  now(): number;
  /** Sends the first piece of a batch and does what follows from the answer; calls `answered` once, as soon as the slot is free again. Never rejects. */
  deliver(batch: SealedBatch, road: Delivery, answered: () => void): Promise<void>;
}

/** What one request may carry. */
export interface RequestLimits {
  readonly maxPoints: number;
  readonly maxBytes: number;
  readonly maxSeries: number;
}

export function createDispatcher(parts: DispatcherParts): Dispatcher {
  const { options, limits, byteLimit, clock, alarm, queue, cohorts, hooks, blockade, opener, fill, now, deliver } = parts;
  const maxInFlight = options.order === 'total' ? 1 : options.maxInFlight;
  const batches = new Set<SealedBatch>();
  const underWay = new Set<Promise<void>>();
  let inFlight = 0;
  let hurryBefore = 0;
  let isPumping = false;
  let isStopped = false;
  let wakeAt = Number.POSITIVE_INFINITY;
  let cancelWake = () => {};

  function pump(): void {
    if (isPumping || isStopped) return;
    isPumping = true;
    try {
      for (let next = nextToSend(); next !== undefined; next = nextToSend()) send(next.batch, next.road);
    } finally {
      isPumping = false;
    }
    wakeLater();
  }

  function nextToSend(): { batch: SealedBatch; road: Delivery } | undefined {
    if (inFlight >= maxInFlight) return undefined;
    const time = now();
    const road = opener.road();
    if (road === undefined) {
      if (isTimeToSeal(time)) opener.open();
      return undefined;
    }
    if (road.gate.closedFor(clock.now()) > 0) return undefined;
    for (const batch of batches) if (isDue(batch, time)) return { batch, road };
    if (blockade.isOn() || !isTimeToSeal(time)) return undefined;
    return { batch: sealNext(road), road };
  }

  function isDue(batch: SealedBatch, time: number): boolean {
    if (!blockade.lets(batch)) return false;
    return batch.state === 'ready' || (batch.state === 'waiting' && batch.notBefore <= time);
  }

  /** A batch is full, or its oldest point has waited long enough. */
  function isTimeToSeal(time: number): boolean {
    if (queue.free === 0) return false;
    if (queue.free >= limits.maxPoints || freeBytes(queue) >= limits.maxBytes) return true;
    return sealTime() <= time;
  }

  /** When the oldest free row has waited long enough. */
  function sealTime(): number {
    const oldest = queue.oldestFree();
    if (oldest === undefined) return Number.POSITIVE_INFINITY;
    return oldest < hurryBefore ? 0 : cohorts.find(oldest).time + options.linger;
  }

  /** Answers the first batch; where no order is kept, every request is one of its own. */
  function sealNext(road: Delivery): SealedBatch {
    const maxSeries = options.order === 'total' ? limits.maxSeries : Number.POSITIVE_INFINITY;
    const rows = queue.take({ maxRows: limits.maxPoints, maxBytes: limits.maxBytes, maxSeries })!;
    const pieces = cutRows(rows, road);
    const sealed = options.order === 'none' ? pieces.map((piece) => seal(0, [piece])) : [seal(rows.lanes, pieces)];
    for (const batch of sealed) batches.add(batch);
    return sealed[0]!;
  }

  function cutRows(rows: Rows, road: Delivery): readonly Rows[] {
    try {
      return cut(rows, { ...limits, maxBytes: byteLimit.current() }, road);
    } catch (error) {
      // a provider that cannot tell the size of a point loses none: the backend judges
      hooks.error(error);
      return [rows];
    }
  }

  function send(batch: SealedBatch, road: Delivery): void {
    inFlight++;
    const answered = () => {
      inFlight--;
    };
    const over = () => {
      underWay.delete(delivery);
      pump();
    };
    const delivery = deliver(batch, road, answered).then(over, over);
    underWay.add(delivery);
  }

  function wakeLater(): void {
    const road = opener.road();
    const gate = road?.gate.closedFor(clock.now()) ?? 0;
    const isFree = inFlight < maxInFlight && !blockade.isOn() && gate === 0 && (road !== undefined || !opener.isOpening());
    fill.at = isFree ? limits.maxPoints : Number.POSITIVE_INFINITY;
    const time = nextWake(now(), gate);
    if (time === wakeAt) return;
    cancelWake();
    wakeAt = time;
    cancelWake = alarm.at(time, () => {
      wakeAt = Number.POSITIVE_INFINITY;
      pump();
    });
  }

  /** When something may be sent that may not be sent now. */
  function nextWake(time: number, gateMs: number): number {
    if (inFlight >= maxInFlight || opener.isOpening() || (batches.size === 0 && queue.free === 0)) return Number.POSITIVE_INFINITY;
    if (gateMs > 0) return time + gateMs;
    let earliest = blockade.isOn() ? Number.POSITIVE_INFINITY : sealTime();
    for (const batch of batches) if (batch.state === 'waiting' && blockade.lets(batch)) earliest = Math.min(earliest, batch.notBefore);
    return earliest;
  }

  return {
    pump,
    batches,
    hurry(before) {
      hurryBefore = Math.max(hurryBefore, before);
      pump();
    },
    inFlight: () => inFlight,
    remove(batch) {
      batches.delete(batch);
      queue.unlock(batch.lanes);
      blockade.forget(batch);
    },
    async stop() {
      isStopped = true;
      cancelWake();
      await Promise.all(underWay);
    },
  };
}
