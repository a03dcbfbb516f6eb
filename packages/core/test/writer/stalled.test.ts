import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { released9 } from './invariants.ts';
import { settle } from './manual-clock.ts';
import { open, points } from './open.ts';
import { startRun } from './run.ts';

describe('a server that stalls', () => {
  test('lets writes wait without the buffer growing, and every one comes in once, in order, when it goes on', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 5, maxLength: 60 }),
        fc.record({
          maxBufferedPoints: fc.integer({ min: 5, max: 60 }),
          maxBatchPoints: fc.integer({ min: 1, max: 20 }),
          maxInFlight: fc.integer({ min: 1, max: 4 }),
        }),
        async (sizes, options) => {
          const run = startRun({ writer: { ...options, linger: 0 }, server: {} });
          run.server.always = { kind: 'judge', ms: 1e9 };
          for (const size of sizes)
            run.enter(
              Array.from({ length: size }, (_, i) => ({ series: `s${i % 4}`, kind: 'good' })),
              'write',
            );
          await settle();
          const full = run.writer.metrics();
          for (let i = 0; i < 5; i++) {
            await run.clock.advance(60_000);
            expect(run.writer.metrics()).toMatchObject({ bufferedPoints: full.bufferedPoints, bufferedBytes: full.bufferedBytes });
            expect(run.writer.metrics().bufferedPoints).toBeLessThanOrEqual(options.maxBufferedPoints);
          }
          const waited = run.entries.filter(({ state }) => state === 'waiting');
          run.server.always = undefined;
          await run.clock.advance(2e9);
          expect(run.entries.every(({ state }) => state === 'in')).toBe(true);
          expect(run.released.map(({ entry }) => entry)).toEqual(waited);
          released9(run);
          await run.clock.advance(60_000);
          expect(run.writer.report()).toMatchObject({ stored: sizes.reduce((sum, size) => sum + size, 0), pending: 0 });
          const arrived = run.server.requests.flatMap(({ ids }) => ids);
          expect(new Set(arrived).size).toBe(arrived.length);
        },
      ),
    ));

  test('no waiting write is forgotten when others are aborted around it', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 3, maxLength: 30 }), fc.integer({ min: 1, max: 6 }), async (aborted, size) => {
        const run = startRun({ writer: { maxBufferedPoints: 10, maxBatchPoints: 5, linger: 0 }, server: {} });
        run.server.always = { kind: 'judge', ms: 1000 };
        for (const _ of aborted)
          run.enter(
            Array.from({ length: size }, () => ({ series: 'a', kind: 'good' })),
            'write',
          );
        await settle();
        for (const [i, isAborted] of aborted.entries()) if (isAborted) run.entries[i]!.controller.abort();
        await run.clock.advance(1_000_000);
        for (const [i, { state }] of run.entries.entries()) {
          if (!aborted[i]) expect(state).toBe('in');
          else if (state !== 'in') expect(state).toMatchObject({ failure: { code: 'aborted' } });
        }
        expect(run.writer.report()).toMatchObject({ pending: 0 });
      }),
    ));

  test('a waiting write leaves nothing behind at its signal', async () => {
    const { put, writer, server, clock } = open({ maxBufferedPoints: 2, maxBatchPoints: 2 });
    server.always = { kind: 'judge', ms: 1000 };
    put(points(2));
    const listeners = new Set<unknown>();
    const signal = {
      aborted: false,
      addEventListener: (_: string, listener: unknown) => listeners.add(listener),
      removeEventListener: (_: string, listener: unknown) => listeners.delete(listener),
    };
    const waiting = writer.write(points(1), { signal: signal as never });
    expect(listeners.size).toBe(1);
    await clock.advance(10_000);
    await waiting;
    expect(listeners.size).toBe(0);
  });
});
