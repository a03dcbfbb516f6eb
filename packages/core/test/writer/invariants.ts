import { expect } from 'vitest';
import { plainBytes } from '../../src/write/memory-bytes.ts';
import { admittedIds, type Run } from './run.ts';
import type { SeenRequest } from './scripted-server.ts';

/**
 * What must hold of every writer, by the numbers of the list in docs/delivery.md. Those of a step hold after every command, those of the end when
 * the server has got well, everything was flushed and the writer was closed.
 */
export const ofStep = { conservation1, bounds3, requestsInTime7, flushes8, released9 };
export const ofEnd = { delivery2, order4, duplicates5, poison6, aborted10, closed11, metrics14 };

const leastDelayMs = 125;
const mostRetryAfterMs = 300_000;
const mayDrop = ({ config }: Run) => config.writer.onFull?.startsWith('drop') ?? false;

/** Others may listen as well. */
const otherListeners = process.listenerCount('beforeExit');

/** 1. Every point that was admitted has had one end, or is pending. */
export function conservation1(run: Run): void {
  const { admitted, stored, unconfirmed, rejected, unknown, dropped, returned, pending } = run.writer.report();
  expect(stored + unconfirmed + rejected + unknown + dropped + returned + pending).toBe(admitted);
  expect(run.writer.metrics().bufferedPoints).toBe(pending);
  const known = admittedIds(run).length;
  const waiting = run.entries.filter(({ state }) => state === 'waiting').flatMap(({ ids }) => ids).length;
  expect(admitted).toBeGreaterThanOrEqual(known);
  expect(admitted).toBeLessThanOrEqual(known + waiting);
}

/** 2. Where nothing may be lost, every good point has reached the server; and no point has two ends. */
export function delivery2(run: Run): void {
  const { maxAge } = run.config.writer;
  const ends = endsOf(run);
  expect([...ends].filter(([, all]) => all.length > 1)).toEqual([]);
  if (mayDrop(run) || maxAge !== undefined || run.closed!.returned > 0) return;
  const arrived = new Set(run.server.requests.flatMap(({ ids }) => ids));
  const missing = admittedIds(run).filter((id) => !arrived.has(id) && !run.invalid.has(id));
  expect(missing).toEqual([]);
}

/** 3. Nothing grows beyond its bound: points, bytes, requests, timers, listeners. */
export function bounds3(run: Run): void {
  const { maxBufferedPoints = 100_000, maxBufferedBytes = Number.POSITIVE_INFINITY, maxInFlight = 4, order } = run.config.writer;
  const { bufferedPoints, bufferedBytes, inFlight } = run.writer.metrics();
  expect(bufferedPoints).toBeLessThanOrEqual(maxBufferedPoints);
  expect(bufferedBytes).toBeLessThanOrEqual(maxBufferedBytes);
  expect(bufferedBytes).toBeGreaterThanOrEqual(bufferedPoints * plainBytes);
  const most = order === 'total' ? 1 : maxInFlight;
  expect(inFlight).toBeLessThanOrEqual(most);
  expect(run.server.mostAtOnce()).toBeLessThanOrEqual(most);
  expect(run.view.live()).toBeLessThanOrEqual(3);
  expect(process.listenerCount('beforeExit') - otherListeners).toBeLessThanOrEqual(1);
}

/** 4. Within a series, points reach the server in the order of their admission, and a later one is never overwritten by an earlier one. */
export function order4(run: Run): void {
  const { order = 'series' } = run.config.writer;
  if (order === 'none') return;
  const seen = new Set<number>();
  const last = new Map<string, number>();
  for (const { ids, series } of run.server.requests) {
    for (const [row, id] of ids.entries()) {
      if (seen.has(id)) continue;
      seen.add(id);
      const whole: string = order === 'total' ? 'all' : series[row]!;
      if (id < (last.get(whole) ?? -1)) expect.fail(`${id} of ${whole} came after ${last.get(whole)}`);
      last.set(whole, id);
    }
  }
  const newest = new Map<string, number>();
  const final = new Map<string, number>();
  for (const { applied } of run.server.requests) {
    for (const id of applied) {
      const place = `${run.series[id]} ${id % 5}`;
      newest.set(place, Math.max(newest.get(place) ?? -1, id));
      final.set(place, id);
    }
  }
  expect(final).toEqual(newest);
}

/** 5. Points come twice only after an answer that left them in doubt; where that would do harm, they do not come again at all. */
export function duplicates5(run: Run): void {
  const { onDuplicate = 'overwrites', idempotencyKey } = run.config.server;
  const isSafe = onDuplicate === 'overwrites' || onDuplicate === 'keeps-first' || idempotencyKey === true;
  const applied = new Set<number>();
  const doubtful = new Set<number>();
  for (const request of run.server.requests) {
    if (!isSafe && run.config.writer.ambiguous !== 'retry') expect(request.ids.filter((id) => doubtful.has(id))).toEqual([]);
    for (const id of request.applied) {
      if (applied.has(id) && !doubtful.has(id)) expect.fail(`${id} was stored twice without a doubt`);
      applied.add(id);
    }
    if (request.reply === 'doubt' || request.reply === 'throw') for (const id of request.ids) doubtful.add(id);
  }
}

/** 6. Every poisoned point is told once; a good one is given up with it only where the search gave up, or where the server said so. */
export function poison6(run: Run): void {
  const told = new Map<number, string>();
  for (const { ids, info } of run.rejections) for (const id of ids) told.set(id, info.reason);
  for (const { reply, ids, heard } of run.server.requests) {
    if (heard === undefined || reply !== 'judge') continue;
    const bad = heard.verdict === 'bad-batch' && ids.length === 1 ? ids : heard.rejected;
    for (const id of bad) expect(told.get(id)).toBe('refused');
  }
  const blamed = new Set(run.server.requests.flatMap(({ reply, ids, heard }) => (reply === 'refuse' ? ids : (heard?.rejected ?? []))));
  expect([...told].filter(([id, reason]) => reason === 'refused' && !run.poison.has(id) && !blamed.has(id))).toEqual([]);
}

/** 7. No request comes before its time, none while the server wants to be left alone, and none again after an answer that was final. */
export function requestsInTime7(run: Run): void {
  const final = new Set(['ok', 'items', 'too-large', 'bad-batch', 'refused']);
  const answered = new Map<string, SeenRequest>();
  let closedUntil = 0;
  const closings: { readonly from: number; readonly until: number }[] = [];
  for (const [place, request] of run.server.requests.entries()) {
    for (const { from, until } of closings) if (place >= from) closedUntil = Math.max(closedUntil, until);
    expect(request.at).toBeGreaterThanOrEqual(closedUntil);
    const before = answered.get(request.key);
    if (before?.heard !== undefined) {
      expect(final).not.toContain(before.heard.verdict);
      expect(before.ids).toEqual(request.ids);
      expect(request.at - before.heard.at).toBeGreaterThanOrEqual(leastDelayMs);
    }
    answered.set(request.key, request);
    const asked = run.server.asked.get(request);
    if (asked === undefined || request.heard === undefined) continue;
    closings.push({ from: request.heard.requests, until: request.heard.at + Math.min(asked, mostRetryAfterMs) });
  }
}

/** 8. A flush ends when everything that came before it has had its end, or at its deadline; neither earlier nor later. */
export function flushes8(run: Run): void {
  const ended = run.flushes.length === 0 ? new Set<number>() : endedIn(run);
  for (const { before, isExact, calledAt, deadlineMs, report } of run.flushes) {
    const open = before.filter((id) => !ended.has(id));
    const isLate = deadlineMs !== undefined && run.clock.elapsed() >= calledAt + deadlineMs;
    if (report === undefined) {
      expect((open.length > 0 || !isExact || run.clock.wasSet()) && (!isLate || run.clock.wasSet())).toBe(true);
      continue;
    }
    // of points that are dropped without a ticket nobody hears
    if (deadlineMs === undefined && !mayDrop(run)) expect(open).toEqual([]);
    const { admitted, stored, unconfirmed, rejected, unknown, dropped, returned, pending } = report;
    expect(stored + unconfirmed + rejected + unknown + dropped + returned + pending).toBe(admitted);
  }
}

/** 9. Who waits is let in once, in the order of coming, and not before his points are. */
export function released9(run: Run): void {
  for (const { admitted, known } of run.released) expect(admitted).toBeGreaterThanOrEqual(known);
  const places = run.released.map(({ entry }) => run.entries.indexOf(entry));
  expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
}

/** 10. A write that was aborted is in as a whole or not at all, or exactly as far as its error says. */
export function aborted10(run: Run): void {
  const arrived = new Set(run.server.requests.flatMap(({ ids }) => ids));
  const { maxBufferedPoints = 100_000, maxBufferedBytes = Number.POSITIVE_INFINITY, onFull = 'wait' } = run.config.writer;
  const half = Math.min(maxBufferedPoints, maxBufferedBytes / plainBytes) / 2;
  for (const { state, ids, isArray } of run.entries) {
    if (typeof state === 'string') continue;
    expect(ids.slice(state.admitted).filter((id) => arrived.has(id))).toEqual([]);
    if (isArray && (onFull === 'reject' || ids.length <= half)) expect(state.admitted).toBe(0);
  }
}

/** 11. When a writer is closed, nothing of it is left. */
export async function closed11(run: Run): Promise<void> {
  expect([run.view.live(), run.writer.metrics().inFlight, process.listenerCount('beforeExit') - otherListeners]).toEqual([0, 0, 0]);
  const before = [run.server.requests.length, run.rejections.length, run.errors.length, run.blocks.length];
  await run.clock.advance(3_600_000);
  expect([run.server.requests.length, run.rejections.length, run.errors.length, run.blocks.length]).toEqual(before);
  expect(() => run.writer.write([{ series: 'late', value: 1 }])).toThrow('closed');
}

/** 14. The counts of the writer are those of the server and of the hooks. */
export function metrics14(run: Run): void {
  const metrics = run.writer.metrics();
  const report = run.closed!;
  const { stored, unconfirmed, unknown, returned, admitted } = metrics;
  expect({ stored, unconfirmed, unknown, returned, admitted }).toEqual(
    pick(report, 'stored', 'unconfirmed', 'unknown', 'returned', 'admitted'),
  );
  const heard = run.server.requests.filter((request) => request.heard !== undefined);
  expect(stored + unconfirmed).toBe(heard.flatMap((request) => request.heard!.accepted).length);
  expect(sum(metrics.requests)).toBe(run.server.requests.length);
  expect(metrics.attemptTime.count).toBe(run.server.requests.length);
  const rejected: Record<string, number> = {};
  for (const { ids, info } of run.rejections) rejected[info.reason] = (rejected[info.reason] ?? 0) + ids.length;
  expect(unknown).toBeGreaterThanOrEqual(rejected['unknown-outcome'] ?? 0);
  delete rejected['unknown-outcome'];
  expect(metrics.rejected).toEqual(rejected);
  expect([sum(metrics.rejected), sum(metrics.dropped)]).toEqual([report.rejected, report.dropped]);
  const repeated = run.server.requests.length - new Set(run.server.requests.map(({ key }) => key)).size;
  expect(sum(metrics.retries)).toBeGreaterThanOrEqual(repeated);
}

/** What is known of the end of each point: at most one thing. */
export function endsOf(run: Run): Map<number, string[]> {
  const ends = new Map<number, string[]>(run.series.map((_, id) => [id, []]));
  for (const { heard } of run.server.requests) for (const id of heard?.accepted ?? []) ends.get(id)!.push('accepted');
  for (const { ids, info } of run.rejections) for (const id of ids) ends.get(id)!.push(info.reason);
  for (const { ids, outcome } of run.entries) {
    for (const index of outcome?.dropped ?? []) ends.get(ids[index]!)!.push('dropped');
  }
  for (const { value } of run.closed?.unsent() ?? []) ends.get(Number(value))!.push('returned');
  return ends;
}

/** The points that are known to have had their end. */
function endedIn(run: Run): Set<number> {
  const ended = new Set([...endsOf(run)].flatMap(([id, ends]) => (ends.length > 0 || run.closed !== undefined ? [id] : [])));
  // a clock that jumps may say that a hook has taken too long
  if (!run.clock.wasSet()) for (const { ids, isOver } of run.rejections) if (!isOver) for (const id of ids) ended.delete(id);
  return ended;
}

function sum(counts: Readonly<Record<string, number | undefined>>): number {
  return Object.values(counts).reduce<number>((total, count) => total + (count ?? 0), 0);
}

function pick<T, K extends keyof T>(from: T, ...names: K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, K>;
}
