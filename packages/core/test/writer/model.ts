import fc from 'fast-check';
import { ofStep } from './invariants.ts';
import { settle } from './manual-clock.ts';
import { type NewPoint, type Run, type RunConfig, startRun, type Way } from './run.ts';
import type { Reply } from './scripted-server.ts';

/** What the commands keep in mind beside the run. */
interface Model {
  isClosed: boolean;
}

export type Command = fc.AsyncCommand<Model, Run>;

/** A command that prints what it does, so that a failure can be read. */
function command(text: string, run: (run: Run, model: Model) => Promise<void> | void, isPossible = (_: Readonly<Model>) => true): Command {
  return {
    check: (model) => isPossible(model),
    async run(model, real) {
      await run(real, model);
      await settle();
      for (const check of Object.values(ofStep)) check(real);
    },
    toString: () => text,
  };
}

const point = fc.record<NewPoint>({
  series: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  kind: fc.oneof(
    { weight: 20, arbitrary: fc.constant('good' as const) },
    { weight: 2, arbitrary: fc.constant('poison' as const) },
    fc.constant('invalid' as const),
  ),
});

const ms = fc.constantFrom(0, 0, 0, 20, 400);

const reply: fc.Arbitrary<Reply> = fc.oneof(
  fc.record({ kind: fc.constant('judge' as const), ms }),
  fc.record({ kind: fc.constant('unconfirmed' as const), ms }),
  fc.record({ kind: fc.constant('down' as const), ms }),
  fc.record({ kind: fc.constant('doubt' as const), applied: fc.boolean(), ms }),
  fc.record({ kind: fc.constant('wait' as const), askedMs: fc.constantFrom(0, 700, 5000, 1e9), ms }),
  fc.record({ kind: fc.constant('some' as const), share: fc.constantFrom(0, 0.3, 0.9), ms }),
  fc.record({ kind: fc.constant('items' as const), every: fc.integer({ min: 2, max: 5 }), ms }),
  fc.record({ kind: fc.constant('too-large' as const), above: fc.integer({ min: 0, max: 4 }), ms }),
  fc.record({ kind: fc.constant('refuse' as const), ms }),
  fc.record({ kind: fc.constant('block' as const), why: fc.constantFrom('auth', 'tls', 'config'), ms }),
  fc.record({ kind: fc.constant('throw' as const), ms }),
  // nothing comes for a long time
  fc.constant<Reply>({ kind: 'doubt', applied: false, ms: 10_000 }),
);

const isOpen = ({ isClosed }: Readonly<Model>) => !isClosed;

const write = fc
  .tuple(
    fc.array(point, { minLength: 1, maxLength: 25, size: 'max' }),
    fc.constantFrom<Way>('write', 'write', 'offer', 'offer', 'iterate', 'one by one'),
  )
  .map(([points, way]) => {
    const shown = points.map(({ series, kind }) => (kind === 'good' ? series : `${series}:${kind}`)).join(' ');
    return command(`${way} ${shown}`, (run) => void run.enter(points, way), isOpen);
  });

const tick = fc.constantFrom(0, 10, 60, 250, 1000, 5000, 40_000).map((time) => command(`tick ${time}`, (run) => run.clock.advance(time)));

const respond = fc
  .array(reply, { minLength: 1, maxLength: 4 })
  .map((replies) => command(`respond ${JSON.stringify(replies)}`, (run) => void run.server.script.push(...replies)));

const abort = fc
  .nat(30)
  .map((place) =>
    command(`abort ${place}`, (run) => run.entries[place % Math.max(1, run.entries.length)]?.controller.abort(new Error('no more'))),
  );

const flush = fc
  .constantFrom(undefined, 100, 3000)
  .map((deadlineMs) => command(`flush ${deadlineMs ?? ''}`, (run) => void run.flush(deadlineMs), isOpen));

const setClock = fc.constantFrom(-86_400_000, -1000, 60_000).map((by) => command(`set the clock by ${by}`, (run) => run.clock.set(by)));

const close = fc.constantFrom(50, 2000, 600_000).map((deadlineMs) =>
  command(
    `close ${deadlineMs}`,
    async (run, model) => {
      model.isClosed = true;
      await run.close(deadlineMs);
    },
    isOpen,
  ),
);

/** What happens often comes often. */
const weighted = [...Array(6).fill(write), ...Array(5).fill(tick), ...Array(4).fill(respond), abort, abort, flush, setClock, close];

export const commands = fc.commands<Model, Run>(weighted, { maxCommands: 30, size: 'max' });

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

export const config: fc.Arbitrary<RunConfig> = fc.record({
  writer: fc.record({
    order: fc.constantFrom('series', 'series', 'series', 'total', 'none'),
    onFull: fc.constantFrom('wait', 'wait', 'wait', 'reject', 'drop-oldest', 'drop-newest'),
    ambiguous: fc.constantFrom('reject', 'reject', 'retry'),
    maxBatchPoints: fc.integer({ min: 1, max: 15 }),
    maxInFlight: fc.integer({ min: 1, max: 4 }),
    linger: fc.constantFrom(0, 50, 200),
    maxBufferedPoints: fc.integer({ min: 3, max: 60 }),
    maxBufferedBytes: fc.constantFrom(64 * 1024, 1000),
    maxAge: fc.constantFrom(undefined, undefined, undefined, 4000),
    random: fc.double({ min: 0, max: 0.999, noNaN: true }).map((drawn) => () => drawn),
  }),
  server: fc.record({
    onDuplicate: fc.constantFrom('overwrites', 'overwrites', 'keeps-first', 'adds'),
    granularity: fc.constantFrom('batch', 'batch', 'item'),
    limits: fc
      .record({
        maxPoints: optional(fc.integer({ min: 2, max: 12 })),
        maxSeries: optional(fc.integer({ min: 1, max: 3 })),
        maxBytes: optional(fc.integer({ min: 20, max: 200 })),
      })
      .map((limits) => Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined))),
  }),
  hookMs: fc.constantFrom(undefined, undefined, 30),
});

/** Starts a run; its model knows that it is open. */
export function setup(runConfig: RunConfig): { model: Model; real: Run } {
  return { model: { isClosed: false }, real: startRun(runConfig) };
}

/** The server gets well, everything is delivered, and the writer is closed. */
export async function finish(run: Run): Promise<void> {
  run.server.script.length = 0;
  // longer than anything waits: Retry-After, backoff, and the patience with a wrong configuration
  for (let i = 0; i < 4; i++) await run.clock.advance(400_000);
  const flush = run.flush();
  // a writer that is stuck would be unstuck by closing it
  const wasClosed = run.closed !== undefined;
  for (let i = 0; i < 20 && flush.report === undefined; i++) await run.clock.advance(60_000);
  if (flush.report === undefined && !wasClosed) throw new Error(`stuck: ${JSON.stringify(run.writer.metrics())}`);
  await run.close(1000);
  for (let i = 0; i < 5 && run.closed === undefined; i++) await run.clock.advance(20_000);
  await settle();
}
