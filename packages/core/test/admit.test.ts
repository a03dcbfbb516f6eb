import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Capabilities, storeCapabilities } from '../src/capabilities.ts';
import type { Rejection } from '../src/errors.ts';
import type { Value } from '../src/point.ts';
import { createBatchBuilder, type PointBatch, pointAt } from '../src/point-batch.ts';
import type { SeriesRef } from '../src/series-ref.ts';
import { type Admission, admit } from '../src/write/admit.ts';
import { createRefs } from '../src/write/refs.ts';

type Row = readonly [key: string, time: number, value: Value];

const anyRow = fc.tuple(
  fc.constantFrom('a', 'b', 'c', '', 'd\0'),
  fc.constantFrom(0, -0, 5, -7, 0.25, 1.5e12, 8.64e15, 8.65e15, Number.NaN),
  fc.constantFrom<Value>(0, -0, 1.5, 5n, 2n ** 60n, true, 'text', Number.POSITIVE_INFINITY, '\ud800'),
);
const plainRow = fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom(0, -0, 5, 1.5e12), fc.constantFrom<Value>(0, -0, 1.5));
const rows = fc.oneof(fc.array(anyRow, { maxLength: 12 }), fc.array(plainRow, { maxLength: 12 }));

/** A batch as a caller builds it; `twice`: every row has a ref of its own, though the keys repeat. */
function toBatch(points: readonly Row[], twice: boolean): PointBatch {
  const builder = createBatchBuilder(2);
  const refs = new Map<string, SeriesRef>();
  for (const [key, time, value] of points) {
    const ref = (twice ? undefined : refs.get(key)) ?? { key, slot: undefined };
    refs.set(key, ref);
    builder.add(ref, time, value);
  }
  return builder.build();
}

function run(points: Parameters<typeof admit>[0], capabilities: Capabilities, known: readonly string[], windowPoints: number) {
  const refs = createRefs(capabilities.keys);
  for (const key of known) refs.find(key, 'series');
  const rejected: Rejection[] = [];
  const admission: Admission = {
    capabilities,
    known: refs.known,
    ref: refs.find,
    now: 0,
    reject: (rejection) => rejected.push(rejection),
    windowPoints,
  };
  const admitted = Array.from(admit(points, admission), ({ batch, indices }) =>
    Array.from({ length: batch.length }, (_, row) => [
      indices[row],
      pointAt(batch, row),
      batch.refs[batch.series[row]!] === refs.known(pointAt(batch, row).series),
    ]),
  );
  return { admitted, rejected };
}

describe('a batch', () => {
  test('is admitted as its points would be one by one, whichever way it takes', () => {
    const milliseconds = {
      ...storeCapabilities,
      times: { ...storeCapabilities.times, resolution: 'ms' },
      values: ['number', 'bigint'],
    } as const;
    const known = fc.constantFrom([], ['a', 'b'], ['a', 'b', 'c']);
    fc.assert(
      fc.property(
        rows,
        fc.boolean(),
        known,
        fc.constantFrom(storeCapabilities, milliseconds),
        fc.constantFrom(1, 3, 100),
        (points, twice, keys, capabilities, window) => {
          const oneByOne = points.map(([series, time, value]) => ({ series, time, value }));
          expect(run(toBatch(points, twice), capabilities, keys, window)).toEqual(run(oneByOne, capabilities, keys, window));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('of plain points of known series keeps its columns', () => {
    const batch = toBatch(
      Array.from({ length: 1000 }, (_, i): Row => [`${i % 7}`, i, i / 3]),
      false,
    );
    const refs = createRefs(storeCapabilities.keys);
    const admission = { capabilities: storeCapabilities, known: refs.known, ref: refs.find, now: 0, reject: () => {} };
    const [first] = [...admit(batch, admission)];
    expect(first!.batch.times).not.toBe(batch.times);
    const [second] = [...admit(batch, admission)];
    expect(second!.batch.times).toBe(batch.times);
    expect(second!.batch.refs.every((ref, i) => ref === refs.known(`${i}`))).toBe(true);
  });
});
