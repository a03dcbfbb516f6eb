import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWriter, type PointInput, pointAt, storeCapabilities, type Value } from '../../src/index.ts';
import { defineProvider } from '../../src/provider.ts';
import { createManualClock } from './manual-clock.ts';

const value: fc.Arbitrary<Value> = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-0, 5e-324, Number.MAX_VALUE, 0.1 + 0.2),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.boolean(),
  fc.string({ unit: 'grapheme' }),
);
/** Whole and broken milliseconds, to the microsecond. */
const time = fc.oneof(
  fc.integer({ min: -8e14, max: 8e14 }),
  fc.integer({ min: -4e15, max: 4e15 }).map((us) => us / 1000),
);

test('every value and every time arrives as it was written, whatever shares its batch', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ series: fc.constantFrom('a', 'b', 'c'), time, value }), { maxLength: 40 }),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(900, 100_000),
      async (input: PointInput[], maxBatchPoints, maxBufferedBytes) => {
        const clock = createManualClock();
        const arrived: PointInput[] = [];
        let requests = 0;
        const provider = defineProvider({
          id: 'test',
          capabilities: storeCapabilities,
          open: () => ({
            async send(batch) {
              // every third is repeated, so that batches are used again
              if (++requests % 3 === 0) return { kind: 'retry', ambiguous: false, error: new Error('later') as never };
              for (let row = 0; row < batch.length; row++) arrived.push(pointAt(batch, row));
              return { kind: 'ok', outcome: 'stored' };
            },
          }),
        });
        const writer = createWriter(provider, { clock, maxBatchPoints, maxBufferedBytes, onReject: () => {} });
        for (const point of input) {
          const waiting = writer.write(point);
          if (waiting !== undefined) await Promise.all([waiting, clock.advance(60_000)]);
        }
        await clock.advance(60_000);
        expect(writer.report()).toMatchObject({ admitted: input.length, stored: input.length });
        for (const series of ['a', 'b', 'c']) {
          const kept = arrived.filter((point) => point.series === series);
          const given = input.filter((point) => point.series === series);
          expect(kept).toEqual(given.map((point) => ({ ...point, value: asKept(point.value) })));
        }
        expect(writer.metrics()).toMatchObject({ bufferedPoints: 0, bufferedBytes: 0 });
      },
    ),
  ));

/** A bigint that a double holds is written as that. */
function asKept(input: Value): Value {
  return typeof input === 'bigint' && BigInt(Number(input)) === input ? Number(input) : input;
}
