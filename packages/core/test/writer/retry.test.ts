import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AnySeriesError, createWriter, storeCapabilities } from '../../src/index.ts';
import { type Attempt, defineProvider, type Verdict } from '../../src/provider.ts';
import { transportError } from '../../src/transport/transport-error.ts';
import { createManualClock } from './manual-clock.ts';
import { open, points } from './open.ts';
import type { Reply } from './scripted-server.ts';

const hour = 3_600_000;

describe('backoff', () => {
  test('doubles from 250 ms to 30 s, drawn from [half, full], and has no end', () =>
    fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 0.999, noNaN: true }), async (drawn) => {
        const { put, server, clock } = open({ random: () => drawn });
        server.always = { kind: 'down' };
        put(points(1));
        await clock.advance(hour);
        const times = server.requests.map(({ at }) => at);
        expect(times.length).toBeGreaterThan(100);
        for (const [i, at] of times.slice(1).entries()) {
          const full = Math.min(30_000, 250 * 2 ** i);
          expect(at - times[i]!).toBeCloseTo(full * (0.5 + drawn / 2), 6);
        }
      }),
      { numRuns: 5 },
    ));

  test('begins anew after an answer', async () => {
    const { put, server, clock } = open({ maxBatchPoints: 1 });
    server.script.push({ kind: 'down' }, { kind: 'down' }, { kind: 'judge' }, { kind: 'down' });
    put(points(1));
    await clock.advance(hour);
    put(points(1));
    await clock.advance(hour);
    const [a, b, c, d, e] = server.requests.map(({ at }) => at);
    expect([b! - a!, c! - b!, e! - d!]).toEqual([187.5, 375, 187.5]);
  });

  test('sends the same again: same points, same idempotency key', async () => {
    const { put, server, clock } = open();
    server.script.push({ kind: 'down' }, { kind: 'doubt', applied: true });
    put(points(20));
    await clock.advance(hour);
    const [first, ...others] = server.requests;
    expect(others).toHaveLength(2);
    for (const { ids, key } of others) expect([ids, key]).toEqual([first!.ids, first!.key]);
  });

  test('a connection that broke is tried again at once, but only once in a row', async () => {
    const clock = createManualClock();
    const at: number[] = [];
    const broken = (): Verdict => ({ kind: 'retry', ambiguous: true, error: transportError('broken', 'reset') });
    const answers: (() => Verdict)[] = [broken, broken, broken];
    const provider = defineProvider({
      id: 'test',
      capabilities: storeCapabilities,
      open: () => ({
        async send() {
          at.push(clock.elapsed());
          return answers.shift()?.() ?? { kind: 'ok', outcome: 'stored' };
        },
      }),
    });
    const writer = createWriter(provider, { clock, linger: 0, random: () => 0 });
    void writer.write(points(1));
    await clock.advance(hour);
    expect(at).toEqual([0, 0, 125, 375]);
  });
});

describe('Retry-After', () => {
  test('closes the gate for everything that goes to the backend, and counts no attempt', async () => {
    const { put, server, clock } = open({ maxBatchPoints: 1, maxInFlight: 1 });
    server.script.push({ kind: 'wait', askedMs: 5000 }, { kind: 'down' });
    put({ series: 'a', time: 0, value: 0 });
    await clock.advance(200);
    put({ series: 'b', time: 0, value: 1 });
    const direct = server.provider.write([{ series: 'c', time: 0, value: 2 }]);
    await clock.advance(5049);
    expect(server.requests).toHaveLength(1);
    await clock.advance(hour);
    expect((await direct).stored).toBe(1);
    const [first, ...others] = server.requests.map(({ at }) => at - server.requests[0]!.at);
    expect([first, Math.min(...others)]).toEqual([0, 5250]);
    // the first failure after the wait has the delay of a first failure
    const keys = server.requests.map(({ key }) => key);
    const again = server.requests.filter(({ key }) => keys.filter((other) => other === key).length > 1);
    expect(again.at(-1)!.at - again.at(-2)!.at).toBe(187.5);
  });

  test('is cut to five minutes, and is never shorter than the own delay', async () => {
    const { put, server, clock } = open();
    server.script.push({ kind: 'wait', askedMs: 1e12 }, { kind: 'wait', askedMs: 1 });
    put(points(1));
    await clock.advance(hour);
    const [a, b, c] = server.requests.map(({ at }) => at);
    expect([b! - a!, c! - b!]).toEqual([315_000, 187.5]);
  });

  test('is waited for although the clock is set back by a day', async () => {
    const { writer, put, server, clock } = open();
    server.script.push({ kind: 'wait', askedMs: 2000 });
    put(points(1));
    await clock.advance(200);
    clock.set(-86_400_000);
    await clock.advance(5000);
    expect(server.requests).toHaveLength(2);
    expect(writer.report().stored).toBe(1);
  });
});

describe('an answer in doubt', () => {
  test.each([
    ['overwrites', false, true],
    ['keeps-first', false, true],
    ['adds', false, false],
    ['keeps-both', false, false],
    ['refuses', false, false],
    ['undefined', false, false],
    ['adds', true, true],
  ] as const)('with onDuplicate %s and idempotency key %s: sent again %s', async (onDuplicate, idempotencyKey, isSentAgain) => {
    const { writer, put, server, clock, rejected } = open({}, { onDuplicate, idempotencyKey });
    server.script.push({ kind: 'doubt', applied: true });
    put(points(3));
    await clock.advance(hour);
    const { stored, unknown } = writer.report();
    expect([server.requests.length, stored, unknown]).toEqual(isSentAgain ? [2, 3, 0] : [1, 0, 3]);
    expect(rejected.map(({ reason }) => reason)).toEqual(isSentAgain ? [] : Array(3).fill('unknown-outcome'));
    expect(writer.metrics().duplicatesPossible).toBe(isSentAgain ? 3 : 0);
  });

  test('with ambiguous retry it is sent again all the same', async () => {
    const { writer, put, server, clock } = open({ ambiguous: 'retry' }, { onDuplicate: 'adds' });
    server.script.push({ kind: 'doubt', applied: true }, { kind: 'throw' });
    put(points(3));
    await clock.advance(hour);
    expect([server.requests.length, writer.report().stored]).toEqual([3, 3]);
  });

  test('a refusal that is certain is repeated whatever a resend would do', async () => {
    const { writer, put, server, clock } = open({}, { onDuplicate: 'adds' });
    server.script.push({ kind: 'down' }, { kind: 'wait', askedMs: 10 });
    put(points(3));
    await clock.advance(hour);
    expect([server.requests.length, writer.report().stored]).toEqual([3, 3]);
  });
});

describe('a backend that refuses everybody', () => {
  test.each(['auth', 'tls'] as const)(
    '%s: all is kept, one batch tries again and again, and all goes on when it is let in',
    async (why) => {
      const blocks: string[] = [];
      const { writer, put, server, clock } = open({ maxBatchPoints: 2, onBlocked: ({ why: told }) => void blocks.push(told) });
      server.always = { kind: 'block', why };
      for (const point of points(40)) put(point);
      await clock.advance(24 * hour);
      expect(blocks).toEqual([why]);
      expect(writer.report()).toMatchObject({ admitted: 40, pending: 40 });
      expect(writer.metrics()).toMatchObject({ blocked: true });
      const probes = new Set(server.requests.slice(10).map(({ key }) => key));
      expect(probes.size).toBe(1);
      expect(server.requests.length).toBeLessThan(24 * 60 * 4 + 50);
      server.always = undefined;
      await clock.advance(60_000);
      expect(writer.report()).toMatchObject({ stored: 40, pending: 0 });
      expect(writer.metrics()).toMatchObject({ blocked: false });
    },
  );

  test('lets writes wait meanwhile, and lets them in afterwards', async () => {
    const { writer, put, server, clock } = open({ linger: 0 });
    server.always = { kind: 'block', why: 'auth' };
    put(points(1));
    await clock.advance(1);
    const waiting = writer.write(points(1, 1));
    expect(waiting).toBeInstanceOf(Promise);
    server.always = undefined;
    await clock.advance(60_000);
    await waiting;
    await clock.advance(60_000);
    expect(writer.report()).toMatchObject({ admitted: 2, stored: 2 });
  });

  test('config: is waited for five minutes; then points are rejected as long as nothing passes', async () => {
    const { writer, put, server, clock, rejected } = open();
    server.always = { kind: 'block', why: 'config' };
    put(points(2));
    await clock.advance(299_000);
    expect([rejected.length, writer.report().pending]).toEqual([0, 2]);
    await clock.advance(60_000);
    expect(rejected.map(({ reason }) => reason)).toEqual(['misconfigured', 'misconfigured']);
    put(points(1, 2));
    await clock.advance(1000);
    expect(rejected).toHaveLength(3);
    server.script.push({ kind: 'judge' });
    put(points(1, 3));
    await clock.advance(1000);
    put(points(1, 4));
    await clock.advance(1000);
    expect([rejected.length, writer.report().pending]).toEqual([3, 1]);
  });

  test('config: configPatience says how long', async () => {
    const { put, server, clock, rejected } = open({ configPatience: 0 });
    server.always = { kind: 'block', why: 'config' };
    put(points(2));
    await clock.advance(300);
    expect([rejected.length, server.requests.length]).toEqual([2, 1]);
  });

  test('keeps points apart that may be stored from those that are not, when it gives them up', async () => {
    const { writer, put, server, clock } = open({ maxBatchPoints: 1, maxInFlight: 1 });
    server.script.push({ kind: 'doubt', applied: true });
    server.always = { kind: 'block', why: 'config' };
    put([
      { series: 'a', time: 0, value: 0 },
      { series: 'a', time: 1, value: 1 },
    ]);
    await clock.advance(hour);
    expect(writer.report()).toMatchObject({ unknown: 1, rejected: 1, pending: 0 });
  });
});

describe('answers of other kinds', () => {
  const replies: readonly (readonly [Reply, object])[] = [
    [{ kind: 'unconfirmed' }, { unconfirmed: 4, stored: 0 }],
    [{ kind: 'refuse' }, { rejected: 4 }],
    [
      { kind: 'items', every: 2 },
      { stored: 2, rejected: 2 },
    ],
    [{ kind: 'some', share: 0.5 }, { stored: 4 }],
    [{ kind: 'some', share: 0 }, { stored: 4 }],
    [{ kind: 'throw' }, { stored: 4 }],
  ];

  test.each(replies)('%o leads to %o', async (reply, counts) => {
    const { writer, put, server, clock } = open();
    server.script.push(reply);
    put(points(4));
    await clock.advance(hour);
    expect(writer.report()).toMatchObject({ pending: 0, ...counts });
  });

  test('points that are older than maxAge are not sent any more', async () => {
    const { writer, put, server, clock, rejected } = open({ maxAge: 10_000 });
    server.always = { kind: 'down' };
    put(points(2));
    await clock.advance(9000);
    put(points(1, 2));
    await clock.advance(5000);
    server.always = undefined;
    await clock.advance(60_000);
    expect(rejected.map(({ value, reason }) => [value, reason])).toEqual([
      [0, 'expired'],
      [1, 'expired'],
    ]);
    expect(writer.report()).toMatchObject({ stored: 1, rejected: 2 });
    expect(server.requests.every(({ at, ids }) => !ids.includes(0) || at < 10_000)).toBe(true);
  });

  test('a backend that cannot be opened is tried again; what somebody has to mend is told once', async () => {
    const clock = createManualClock();
    let problem: AnySeriesError | undefined = new AnySeriesError('unauthenticated', '"token" is missing');
    let opened = 0;
    const sent: Attempt[] = [];
    const provider = defineProvider({
      id: 'test',
      capabilities: storeCapabilities,
      open() {
        opened++;
        if (problem !== undefined) throw problem;
        return {
          async send(_, attempt) {
            sent.push(attempt);
            return { kind: 'ok', outcome: 'stored' };
          },
        };
      },
    });
    const told: string[] = [];
    const writer = createWriter(provider, {
      clock,
      onBlocked: ({ why, error }) => void told.push(`${why}: ${error.message}`),
      onError: ({ code }) => void told.push(code),
    });
    expect(opened).toBe(0);
    expect(writer.write(points(3))).toBeUndefined();
    await clock.advance(60_000);
    expect(told).toEqual(['auth: "token" is missing']);
    expect(writer.metrics().blocked).toBe(true);
    expect(writer.write(points(1, 3))).toBeInstanceOf(Promise);
    problem = new AnySeriesError('unavailable', 'not yet');
    await clock.advance(60_000);
    expect(told).toContain('unavailable');
    problem = undefined;
    await clock.advance(60_000);
    expect(writer.report()).toMatchObject({ admitted: 4, stored: 4 });
    expect(sent.length).toBeGreaterThan(0);
  });

  test('a key that the provider cannot encode costs its own points, not those of others', async () => {
    const clock = createManualClock();
    const stored: number[] = [];
    const provider = defineProvider({
      id: 'test',
      capabilities: storeCapabilities,
      open: () => ({
        async send(batch) {
          if (batch.refs.some(({ key }) => key === '..')) throw new AnySeriesError('invalid', 'path: the part ".." cannot be sent');
          stored.push(...batch.values);
          return { kind: 'ok', outcome: 'stored' };
        },
      }),
    });
    const writer = createWriter(provider, { clock, onReject: () => {} });
    void writer.write([0, 1, 2, 3, 4, 5].map((value) => ({ series: value === 3 ? '..' : `s${value}`, time: 0, value })));
    await clock.advance(1000);
    expect(writer.report()).toMatchObject({ stored: 5, rejected: 1, pending: 0 });
    expect(stored.toSorted()).toEqual([0, 1, 2, 4, 5]);
  });
});
