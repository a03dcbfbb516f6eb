import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  AnySeriesError,
  type Capabilities,
  isAnySeriesError,
  type OnDuplicate,
  type PointBatch,
  type PointInput,
  pointAt,
  storeCapabilities,
  type WriteLimits,
} from '../src/index.ts';
import { type Attempt, createBatchBuilder, type Delivery, defineProvider, deliverySymbol, type Verdict } from '../src/provider.ts';
import { createFakeClock } from './fake-clock.ts';

const stored: Verdict = { kind: 'ok', outcome: 'stored' };
const unavailable = new AnySeriesError('unavailable', 'down');
const retry = (ambiguous: boolean, retryAfterMs?: number): Verdict => ({ kind: 'retry', ambiguous, retryAfterMs, error: unavailable });

interface Script {
  readonly onDuplicate?: OnDuplicate;
  readonly idempotencyKey?: boolean;
  readonly limits?: WriteLimits;
  readonly deadlineMs?: number;
  send(batch: PointBatch, attempt: Attempt, number: number): Verdict | Promise<Verdict>;
}

function connectScript(script: Script) {
  const { onDuplicate = 'overwrites', limits = {}, idempotencyKey = false } = script;
  const clock = createFakeClock();
  const sent: { keys: string[]; values: unknown[]; idempotencyKey: string; at: number }[] = [];
  const capabilities = {
    ...storeCapabilities,
    write: { ...storeCapabilities.write, onDuplicate, limits, idempotencyKey },
  } satisfies Capabilities;
  const provider = defineProvider({
    id: 'script',
    capabilities,
    settings: { clock, random: () => 0.5, ...(script.deadlineMs === undefined ? {} : { deadlineMs: script.deadlineMs }) },
    open: () => ({
      overheadBytes: 2,
      sizeOf: (ref) => ref.key.length + 10,
      async send(batch, attempt) {
        const points = Array.from({ length: batch.length }, (_, row) => pointAt(batch, row));
        sent.push({
          keys: points.map((p) => p.series),
          values: points.map((p) => p.value),
          idempotencyKey: attempt.idempotencyKey,
          at: clock.now(),
        });
        return script.send(batch, attempt, sent.length);
      },
    }),
  });
  return { provider, sent, clock };
}

const points = (count: number, series = (i: number) => `s${i % 3}`): PointInput<number>[] =>
  Array.from({ length: count }, (_, i) => ({ series: series(i), time: i, value: i }));

async function failure(work: Promise<unknown>): Promise<AnySeriesError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isAnySeriesError(error)) throw new Error(`expected an AnySeriesError, got ${String(error)}`);
  return error;
}

test('a batch is cut by points, bytes and series, and every point is sent once in order within its series', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 60 }),
      fc.record({
        maxPoints: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
        maxBytes: fc.option(fc.integer({ min: 20, max: 90 }), { nil: undefined }),
        maxSeries: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
      }),
      async (series, limits) => {
        const set = Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined)) as WriteLimits;
        const { provider, sent } = connectScript({ limits: set, send: () => stored });
        const input = series.map((s, i) => ({ series: `s${s}`, time: i, value: i }));
        expect(await provider.write(input)).toEqual({ stored: input.length, unconfirmed: 0, rejected: [] });
        for (const { keys } of sent) {
          expect(keys.length).toBeLessThanOrEqual(set.maxPoints ?? Number.POSITIVE_INFINITY);
          expect(new Set(keys).size).toBeLessThanOrEqual(set.maxSeries ?? Number.POSITIVE_INFINITY);
          if (keys.length > 1)
            expect(2 + keys.reduce((sum, key) => sum + key.length + 10, 0)).toBeLessThanOrEqual(set.maxBytes ?? Number.POSITIVE_INFINITY);
        }
        const arrived = sent.flatMap(({ keys, values }) => keys.map((key, i) => [key, values[i]] as const));
        for (const key of new Set(input.map((p) => p.series))) {
          expect(arrived.filter(([k]) => k === key).map(([, value]) => value)).toEqual(
            input.filter((p) => p.series === key).map((p) => p.value),
          );
        }
      },
    ),
  ));

test('a request that is too large is halved until it fits, and rejections keep the indices of the caller', async () => {
  const { provider } = connectScript({
    send: (batch) =>
      batch.length > 3
        ? { kind: 'too-large', error: new AnySeriesError('too-large', 'too large') }
        : {
            kind: 'items',
            outcome: 'stored',
            rejected: [...batch.values].flatMap((value, index) =>
              value % 5 === 2 ? [{ index, code: 'invalid' as const, message: 'no' }] : [],
            ),
          },
  });
  const result = await provider.write(points(23));
  expect(result.stored).toBe(18);
  expect(result.rejected.map(({ index }) => index)).toEqual([2, 7, 12, 17, 22]);
});

test('a single point that is too large is rejected and its neighbours are stored', async () => {
  const { provider } = connectScript({
    send: (batch) => (batch.values.includes(4) ? { kind: 'too-large', error: new AnySeriesError('too-large', 'too large') } : stored),
  });
  const result = await provider.write(points(9));
  expect(result).toEqual({ stored: 8, unconfirmed: 0, rejected: [{ index: 4, code: 'too-large', message: 'too large' }] });
});

test('rows that are kept are sent again, and an answer that keeps all counts as an attempt', async () => {
  const first = connectScript({
    send: (_, __, number) => (number === 1 ? { kind: 'items', outcome: 'stored', rejected: [], keep: [1, 3] } : stored),
  });
  expect(await first.provider.write(points(5))).toEqual({ stored: 5, unconfirmed: 0, rejected: [] });
  expect(first.sent.map(({ values }) => values)).toEqual([
    [0, 1, 2, 3, 4],
    [1, 3],
  ]);
  const standing = connectScript({ send: (batch) => ({ kind: 'items', outcome: 'stored', rejected: [], keep: [...batch.times.keys()] }) });
  const error = await failure(standing.provider.write(points(2)));
  expect([error.code, standing.sent.length, error.outcome?.unsent]).toEqual(['unavailable', 5, [0, 1]]);
});

test.each([
  ['overwrites', false, true],
  ['keeps-first', false, true],
  ['adds', false, false],
  ['keeps-both', false, false],
  ['refuses', false, false],
  ['undefined', false, false],
  ['adds', true, true],
] as const)(
  'after a doubtful failure with onDuplicate %s and idempotency key %s, a resend happens: %s',
  async (onDuplicate, idempotencyKey, resent) => {
    const { provider, sent } = connectScript({
      onDuplicate,
      idempotencyKey,
      limits: { maxPoints: 2 },
      send: (_, __, number) => (number === 2 ? retry(true) : stored),
    });
    if (resent) {
      expect((await provider.write(points(6))).stored).toBe(6);
      expect(sent[1]!.idempotencyKey).toBe(sent[2]!.idempotencyKey);
      expect(new Set(sent.map((request) => request.idempotencyKey)).size).toBe(3);
    } else {
      const error = await failure(provider.write(points(6)));
      expect([error.code, error.retryable, error.indices]).toEqual(['unknown-outcome', false, [2, 3]]);
      expect(error.outcome).toEqual({ stored: 2, unconfirmed: 0, rejected: [], unknown: [2, 3], unsent: [4, 5] });
      expect(sent).toHaveLength(2);
    }
  },
);

test('an increment is never resent after a doubtful failure, and always after a certain one', async () => {
  const doubtful = connectScript({ send: () => retry(true) });
  expect((await failure(doubtful.provider.increment(points(1)))).code).toBe('unknown-outcome');
  expect(doubtful.sent).toHaveLength(1);
  const certain = connectScript({ send: (_, __, number) => (number < 3 ? retry(false) : stored) });
  expect((await certain.provider.increment(points(1))).stored).toBe(1);
});

test('attempts end after the policy says so, with delays that double', async () => {
  const { provider, sent, clock } = connectScript({ send: () => retry(false) });
  const error = await failure(provider.write(points(2)));
  expect([error.code, error.outcome?.unsent, error.outcome?.unknown]).toEqual(['unavailable', [0, 1], []]);
  expect(sent).toHaveLength(5);
  expect(clock.jumps.slice(0, 4)).toEqual([187.5, 375, 750, 1500]);
});

test('Retry-After is waited for, uses no attempt and holds the other calls of the provider', async () => {
  const { provider, sent } = connectScript({ send: (_, __, number) => (number <= 8 ? retry(false, 2000) : stored) });
  const first = provider.write(points(1));
  expect((await first).stored).toBe(1);
  for (const [i, request] of sent.entries()) if (i > 0) expect(request.at - sent[i - 1]!.at).toBeGreaterThanOrEqual(2000);
  const gated = connectScript({ send: (_, __, number) => (number === 1 ? retry(false, 5000) : stored) });
  await Promise.all([
    gated.provider.write(points(1)),
    new Promise((resolve) => setImmediate(resolve)).then(() => gated.provider.write(points(1))),
  ]);
  expect(gated.sent.slice(1).every(({ at }) => at - gated.sent[0]!.at >= 5000)).toBe(true);
});

test('a wait beyond the deadline is not begun', async () => {
  const { provider, sent } = connectScript({ deadlineMs: 1000, send: () => retry(false, 5000) });
  const error = await failure(provider.write(points(1)));
  expect([error.code, sent.length]).toEqual(['unavailable', 1]);
});

test('a deadline ends a request that hangs; its points are unknown, the ones behind it unsent', async () => {
  const { provider } = connectScript({
    limits: { maxPoints: 2 },
    send: (_, __, number) => (number === 2 ? new Promise<Verdict>(() => {}) : stored),
  });
  const error = await failure(provider.write(points(5), { deadlineMs: 700 }));
  expect(error.code).toBe('timeout');
  expect(error.outcome).toEqual({ stored: 2, unconfirmed: 0, rejected: [], unknown: [2, 3], unsent: [4] });
});

test('an aborted signal sends nothing; an abort in flight tells what is unknown', async () => {
  const before = connectScript({ send: () => stored });
  const error = await failure(before.provider.write(points(2), { signal: AbortSignal.abort(new Error('no more')) }));
  expect([error.code, before.sent.length, (error.cause as Error)?.message]).toEqual(['aborted', 0, 'no more']);
  const controller = new AbortController();
  const during = connectScript({
    onDuplicate: 'adds',
    send: () => {
      controller.abort();
      return new Promise<Verdict>(() => {});
    },
  });
  const aborted = await failure(during.provider.write(points(2), { signal: controller.signal }));
  expect([aborted.code, aborted.outcome?.unknown]).toEqual(['aborted', [0, 1]]);
});

test('blocked credentials end the call at once and tell what was not sent', async () => {
  const refused: Verdict = { kind: 'blocked', why: 'auth', error: new AnySeriesError('unauthenticated', 'who are you') };
  const { provider, sent } = connectScript({ limits: { maxPoints: 2 }, send: () => refused });
  const error = await failure(provider.write(points(4)));
  expect([error.code, sent.length, error.outcome?.unsent]).toEqual(['unauthenticated', 1, [0, 1, 2, 3]]);
});

test('a bad batch is rejected point by point and the next goes on', async () => {
  const { provider } = connectScript({
    limits: { maxPoints: 2 },
    send: (_, __, number) => (number === 1 ? { kind: 'bad-batch', error: new AnySeriesError('invalid', 'bad') } : stored),
  });
  const { stored: count, rejected } = await provider.write(points(5));
  expect([count, rejected.map(({ index }) => index)]).toEqual([3, [0, 1]]);
});

test('points that an iterable gives before it fails are delivered, and the error tells how many', async () => {
  const { provider } = connectScript({ send: () => stored });
  function* failing() {
    yield* points(3);
    yield { series: 's', time: 3, value: Number.NaN };
    throw new Error('the file ended');
  }
  const error = await failure(provider.write(failing()));
  expect([error.code, (error.cause as Error).message]).toEqual(['invalid', 'the file ended']);
  expect(error.outcome).toMatchObject({ stored: 3, rejected: [{ index: 3 }], unknown: [], unsent: [] });
});

test('a writer finds the same road under the symbol, with the limits and sizes of the open backend', async () => {
  const { provider, sent } = connectScript({ limits: { maxPoints: 7 }, send: () => stored });
  const road = await (provider as unknown as Record<symbol, () => Promise<Delivery>>)[deliverySymbol]!();
  const ref = road.ref('abc');
  expect([road.ref('abc'), road.overheadBytes, road.sizeOf(ref, 0, 1), road.capabilities.write.limits]).toEqual([
    ref,
    2,
    13,
    { maxPoints: 7 },
  ]);
  const builder = createBatchBuilder();
  builder.add(ref, 5, 6);
  const attempt = { operation: 'write', idempotencyKey: 'k', clock: createFakeClock(), signal: new AbortController().signal } as const;
  expect(await road.send(builder.build(), attempt)).toEqual(stored);
  expect(sent[0]).toMatchObject({ keys: ['abc'], values: [6], idempotencyKey: 'k' });
});

test('a backend that throws what is no AnySeriesError leaves its points unknown', async () => {
  const { provider } = connectScript({
    onDuplicate: 'adds',
    send: () => {
      throw new TypeError('oops');
    },
  });
  const error = await failure(provider.write(points(1)));
  expect([error.code, error.outcome?.unknown]).toEqual(['unknown-outcome', [0]]);
});

test('conservation: whatever a backend answers, every index has exactly one end', () => {
  const verdicts = fc.constantFrom<(batch: PointBatch) => Verdict>(
    () => stored,
    () => ({ kind: 'ok', outcome: 'unconfirmed' }),
    () => retry(false),
    () => retry(true),
    () => retry(false, 10),
    () => ({ kind: 'too-large', error: new AnySeriesError('too-large', 'too large') }),
    () => ({ kind: 'bad-batch', error: new AnySeriesError('invalid', 'bad') }),
    (batch) => ({
      kind: 'items',
      outcome: 'stored',
      rejected: [{ index: 0, code: 'invalid', message: 'no' }],
      keep: batch.length > 1 ? [batch.length - 1] : [],
    }),
    () => ({ kind: 'blocked', why: 'config', error: new AnySeriesError('not-found', 'gone') }),
  );
  return fc.assert(
    fc.asyncProperty(
      fc.array(verdicts, { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 0, max: 40 }),
      fc.constantFrom<OnDuplicate>('overwrites', 'adds'),
      fc.record({ maxPoints: fc.integer({ min: 1, max: 12 }), maxSeries: fc.integer({ min: 1, max: 3 }) }),
      async (script, count, onDuplicate, limits) => {
        const { provider } = connectScript({
          onDuplicate,
          limits,
          send: (batch, _, number) => (script[number - 1] ?? (() => stored))(batch),
        });
        const input: PointInput[] = points(count).map((point, i) => (i % 7 === 3 ? { ...point, value: Number.NaN } : point));
        const end = await provider.write(input).then(
          (result) => ({ ...result, unknown: [] as readonly number[], unsent: [] as readonly number[] }),
          (error: AnySeriesError) => error.outcome!,
        );
        const named = [...end.rejected.map(({ index }) => index), ...end.unknown, ...end.unsent];
        expect(new Set(named).size).toBe(named.length);
        expect(named.every((index) => index >= 0 && index < count)).toBe(true);
        expect(end.stored + end.unconfirmed + named.length).toBe(count);
      },
    ),
  );
});
