import { type AnySeriesError, createWriter, type PointInput, type Points, type RejectInfo, type WriterOptions } from '../../src/index.ts';
import { createManualClock } from './manual-clock.ts';
import { createScriptedServer, type ScriptedServerOptions } from './scripted-server.ts';

/** A writer over a scripted server, under a clock that stands still. */
export function open(options: WriterOptions = {}, server: Partial<ScriptedServerOptions> = {}) {
  const clock = createManualClock();
  const scripted = createScriptedServer({ clock, ...server });
  const rejected: { value: unknown; reason: RejectInfo['reason']; excerpt: string; attempts: number }[] = [];
  const errors: AnySeriesError[] = [];
  const writer = createWriter(scripted.provider, {
    clock,
    random: () => 0.5,
    onReject(points, { reason, excerpt, attempts }) {
      rejected.push(...points.map(({ value }) => ({ value, reason, excerpt, attempts })));
    },
    onError: (error) => void errors.push(error),
    ...options,
  });
  /** Every point as the server saw it: series, time and value. */
  const seen = () => scripted.requests.flatMap(({ series, times, ids }) => ids.map((id, row) => [series[row], times[row], id]));
  /** Writes what has room, or must wait for it: the test does not. */
  const put = (input: PointInput | Points) => void writer.write(input);
  return { clock, server: scripted, writer, put, rejected, errors, seen };
}

/** Points of three series; each is known by its value. */
export function points(count: number, from = 0): PointInput<number>[] {
  return Array.from({ length: count }, (_, i) => ({ series: `s${(from + i) % 3}`, time: from + i, value: from + i }));
}

/** What a call fails with. */
export async function failure(work: () => unknown): Promise<AnySeriesError> {
  try {
    await work();
  } catch (error) {
    return error as AnySeriesError;
  }
  throw new Error('it did not fail');
}
