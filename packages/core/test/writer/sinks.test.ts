import { describe, expect, test } from 'vitest';
import {
  AnySeriesError,
  createWriter,
  mirror,
  type PointBatch,
  type Rejection,
  storeCapabilities,
  type WriteResult,
} from '../../src/index.ts';
import { defineProvider } from '../../src/provider.ts';
import { createManualClock } from './manual-clock.ts';
import { points } from './open.ts';
import { createScriptedServer } from './scripted-server.ts';

/** Something of the shape of a sink, that no definition of ours has made. */
function handMade(write: (batch: PointBatch) => Promise<WriteResult>) {
  return { specVersion: 1, capabilities: storeCapabilities, ref: (key: string) => ({ key, slot: undefined }), write };
}

const accepted = (count: number, rejected: readonly Rejection[] = []): WriteResult => ({ stored: count, unconfirmed: 0, rejected });

describe('a writer over a mirror', () => {
  test('writes to both, and sends again what one of them has not taken', async () => {
    const clock = createManualClock();
    const [first, second] = [createScriptedServer({ clock }), createScriptedServer({ clock })];
    const writer = createWriter(mirror(first.provider, second.provider as never), { clock });
    second.script.push({ kind: 'down' });
    void writer.write(points(10));
    await clock.advance(60_000);
    expect(await writer.close()).toMatchObject({ stored: 10 });
    for (const { requests } of [first, second]) expect(requests.at(-1)!.applied).toHaveLength(10);
  });
});

describe('a writer over a sink that has nothing but write', () => {
  async function deliver(answers: readonly ((batch: PointBatch) => WriteResult)[], options: object = {}) {
    const clock = createManualClock();
    const left = [...answers];
    const batches: number[][] = [];
    const rejected: [unknown, string][] = [];
    const sink = handMade(async (batch) => {
      batches.push([...batch.values]);
      return (left.shift() ?? ((all) => accepted(all.length)))(batch);
    });
    const writer = createWriter(sink, {
      clock,
      onReject: (given, { reason }) => rejected.push(...given.map(({ value }) => [value, reason] as [unknown, string])) as never,
      ...options,
    });
    void writer.write(points(4));
    await clock.advance(1_000_000);
    return { report: writer.report(), batches: batches.map((ids) => ids.toSorted()), rejected, writer };
  }

  const fail = (code: AnySeriesError['code'], outcome?: AnySeriesError['outcome']) => () => {
    throw new AnySeriesError(code, code, { outcome });
  };
  const nothing = { stored: 0, unconfirmed: 0, rejected: [], unknown: [], unsent: [] };
  const all = [0, 1, 2, 3];

  test('takes its word for what is stored, unconfirmed and rejected', async () => {
    const bad = [{ index: 1, code: 'invalid' as const, message: 'no' }];
    expect((await deliver([() => accepted(3, bad)])).report).toMatchObject({ stored: 3, rejected: 1 });
    expect((await deliver([() => ({ stored: 0, unconfirmed: 4, rejected: [] })])).report).toMatchObject({ unconfirmed: 4 });
  });

  test.each([
    ['unavailable', { ...nothing, unsent: all }],
    ['timeout', { ...nothing, unknown: all }],
    ['rate-limited', undefined],
    ['protocol', undefined],
  ] as const)('sends again after %s', async (code, outcome) => {
    const { report, batches } = await deliver([fail(code, outcome)]);
    expect([report.stored, batches]).toEqual([4, [all, all]]);
  });

  test('sends again what was not sent, and that alone', async () => {
    const { report, batches } = await deliver([fail('unavailable', { ...nothing, stored: 2, unsent: [2, 3] })]);
    expect([report.stored, batches[0]!.length, batches[1]!.length]).toEqual([4, 4, 2]);
  });

  test('hands over what the sink will not send again', async () => {
    const { report, rejected, batches } = await deliver([fail('unknown-outcome', { ...nothing, unknown: all })]);
    expect([report.unknown, batches.length, new Set(rejected.map(([, reason]) => reason))]).toEqual([4, 1, new Set(['unknown-outcome'])]);
  });

  test.each(['unauthenticated', 'forbidden', 'closed'] as const)('keeps everything after %s', async (code) => {
    const { report, writer } = await deliver(Array(3).fill(fail(code, { ...nothing, unsent: all })));
    expect(report).toMatchObject({ stored: 4 });
    expect(writer.metrics().retries.blocked).toBe(3);
  });

  test('halves what is too large', async () => {
    const { report, batches } = await deliver([fail('too-large', { ...nothing, unsent: all })]);
    expect([report.stored, batches.map(({ length }) => length)]).toEqual([4, [4, 2, 2]]);
  });

  test('does not believe an answer that does not add up', async () => {
    const { report, batches } = await deliver([() => accepted(3)]);
    expect([report.stored, batches.length]).toEqual([4, 2]);
  });
});

test('a provider that closes waits for what its writer has under way', async () => {
  const clock = createManualClock();
  let release = () => {};
  const provider = defineProvider({
    id: 'test',
    capabilities: storeCapabilities,
    open: () => ({
      send: () =>
        new Promise((resolve) => {
          release = () => resolve({ kind: 'ok', outcome: 'stored' });
        }),
    }),
  });
  const writer = createWriter(provider, { clock, linger: 0, onReject: () => {}, onLoss: 'report' });
  void writer.write(points(1));
  await clock.advance(1);
  let isClosed = false;
  const closed = provider.close().then(() => {
    isClosed = true;
  });
  await clock.advance(1000);
  expect(isClosed).toBe(false);
  release();
  await closed;
  await clock.advance(1);
  expect(writer.report().stored).toBe(1);
  void writer.write(points(1));
  await clock.advance(10_000);
  expect(writer.metrics().blocked).toBe(true);
  const report = writer.close({ deadlineMs: 10 });
  await clock.advance(10);
  expect(await report).toMatchObject({ stored: 1, returned: 1 });
});
