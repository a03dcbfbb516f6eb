import {
  createWriter,
  type PointInput,
  type RejectInfo,
  type Report,
  type Ticket,
  type TicketOutcome,
  type Writer,
  type WriterOptions,
} from '../../src/index.ts';
import { type ClockView, createManualClock, type ManualClock, settle } from './manual-clock.ts';
import { createScriptedServer, type ScriptedServer, type ScriptedServerOptions } from './scripted-server.ts';

/** What a run is made with. */
export interface RunConfig {
  readonly writer: Omit<WriterOptions, 'clock' | 'onReject' | 'onBlocked' | 'onError'>;
  readonly server: Omit<ScriptedServerOptions, 'clock' | 'poison'>;
  /** So long `onReject` takes; without it, it answers at once. */
  readonly hookMs?: number | undefined;
}

/** One call of `write` or `offer`, and what came of it. Points are known by their values: 0, 1, 2 ... in the order of the calls. */
export interface Entry {
  readonly ids: readonly number[];
  readonly isArray: boolean;
  readonly controller: AbortController;
  readonly ticket: Ticket | undefined;
  /** `admitted` counts those that are in the buffer although the call failed. */
  state: 'waiting' | 'in' | { readonly failure: unknown; readonly admitted: number };
  outcome?: TicketOutcome;
}

export interface Flush {
  /** The points that had been admitted when it was called. */
  readonly before: readonly number[];
  /** Whether these are all: a write that waits may be in the buffer in part. */
  readonly isExact: boolean;
  /** By the time that has elapsed. */
  readonly calledAt: number;
  readonly deadlineMs: number | undefined;
  report?: Report;
}

/** A writer over a scripted server, with everything that happens to its points. */
export interface Run {
  readonly config: RunConfig;
  readonly clock: ManualClock;
  /** The writer's own clock. */
  readonly view: ClockView;
  readonly server: ScriptedServer;
  readonly writer: Writer;
  readonly entries: Entry[];
  readonly flushes: Flush[];
  /** Series of each point, by its value. */
  readonly series: string[];
  readonly poison: Set<number>;
  /** Points that are wrong by themselves. */
  readonly invalid: Set<number>;
  /** What `onReject` was told; `isOver` when it has returned. */
  readonly rejections: { readonly ids: readonly number[]; readonly info: RejectInfo; isOver: boolean }[];
  readonly blocks: string[];
  readonly errors: string[];
  /** Calls whose promises were resolved, in the order in which that happened; with how many points were in then, and how many should have been. */
  readonly released: { readonly entry: Entry; readonly admitted: number; readonly known: number }[];
  /** The report of `close`, whether it failed or not. */
  closed?: Report;
  enter(points: readonly NewPoint[], way: Way): Entry;
  flush(deadlineMs?: number): Flush;
  close(deadlineMs: number): Promise<void>;
}

export interface NewPoint {
  readonly series: string;
  readonly kind: 'good' | 'poison' | 'invalid';
}

export type Way = 'write' | 'offer' | 'iterate' | 'one by one';

export function startRun(config: RunConfig): Run {
  const clock = createManualClock();
  const view = clock.view();
  const poison = new Set<number>();
  const server = createScriptedServer({ ...config.server, clock, poison });
  const writer = createWriter(server.provider, {
    ...config.writer,
    clock: view,
    onReject(points, info) {
      const rejection = { ids: points.map(idOf), info, isOver: config.hookMs === undefined };
      run.rejections.push(rejection);
      if (rejection.isOver) return;
      return new Promise<void>((resolve) => {
        clock.setTimer(() => {
          rejection.isOver = true;
          resolve();
        }, config.hookMs!);
      });
    },
    onBlocked: ({ why }) => void run.blocks.push(why),
    onError: ({ code }) => void run.errors.push(code),
  });

  const run: Run = {
    config,
    clock,
    view,
    server,
    writer,
    entries: [],
    flushes: [],
    series: [],
    poison,
    invalid: new Set(),
    rejections: [],
    blocks: [],
    errors: [],
    released: [],
    enter(points, way) {
      const inputs = points.map((point) => toInput(point));
      if (way === 'one by one') return inputs.map((input) => enterOne([input], input, false)).at(-1)!;
      if (way === 'iterate') return enterOne(inputs, new Set(inputs), false);
      return enterOne(inputs, inputs, way === 'offer');
    },
    flush(deadlineMs) {
      const isExact = run.entries.every(({ state }) => state !== 'waiting');
      const flush: Flush = { before: admittedIds(run), isExact, calledAt: clock.elapsed(), deadlineMs };
      run.flushes.push(flush);
      void writer.flush(deadlineMs === undefined ? {} : { deadlineMs }).then((report) => {
        flush.report = report;
      });
      return flush;
    },
    async close(deadlineMs) {
      const closing = writer.close({ deadlineMs });
      const closed = closing.catch((error: { report: Report }) => error.report);
      void closed.then((report) => {
        run.closed ??= report;
      });
      await settle();
    },
  };

  function toInput({ series, kind }: NewPoint): PointInput {
    const id = run.series.length;
    run.series.push(series);
    if (kind === 'poison') poison.add(id);
    if (kind !== 'invalid') return { series, time: id % 5, value: id };
    run.invalid.add(id);
    // the value tells the point, its time is none
    return { series, time: Number.NaN, value: id };
  }

  function enterOne(inputs: readonly PointInput[], points: PointInput | Iterable<PointInput>, isOffer: boolean): Entry {
    const controller = new AbortController();
    const options = { signal: controller.signal };
    const ids = inputs.map(idOf);
    const failed = (error: unknown) => {
      entry.state = { failure: error, admitted: (error as { admitted?: number }).admitted ?? 0 };
    };
    const isIn = () => {
      entry.state = 'in';
      run.released.push({ entry, admitted: writer.report().admitted, known: admittedIds(run).length });
    };
    const entry: Entry = {
      ids,
      isArray: Array.isArray(points),
      controller,
      ticket: isOffer ? writer.offer(points, options) : undefined,
      state: 'waiting',
    };
    run.entries.push(entry);
    if (entry.ticket !== undefined) {
      entry.ticket.admitted.then(isIn, failed);
      entry.ticket.done.then(
        (outcome) => {
          entry.outcome = outcome;
        },
        () => {},
      );
      return entry;
    }
    try {
      // a single point without options takes the short way
      const answer = ids.length === 1 && !Array.isArray(points) ? writer.write(points) : writer.write(points, options);
      if (answer === undefined) entry.state = 'in';
      else answer.then(isIn, failed);
    } catch (error) {
      failed(error);
    }
    return entry;
  }

  return run;
}

function idOf({ value }: PointInput): number {
  return Number(value);
}

/** Points that are known to be in the buffer, or were. */
export function admittedIds({ entries }: Run): number[] {
  return entries.flatMap(({ ids, state }) => (state === 'in' ? ids : state === 'waiting' ? [] : ids.slice(0, state.admitted)));
}
