import { channel } from 'node:diagnostics_channel';
import { describe, expect, test } from 'vitest';
import type { Meter, Tracer } from '../../src/index.ts';
import { open, points } from './open.ts';

/** A meter that remembers what its instruments are told. */
function createRecordingMeter() {
  const callbacks = new Map<string, (result: { observe(value: number, attributes?: object): void }) => void>();
  const records: [string, number][] = [];
  const observable = (name: string) => ({
    addCallback: (callback: never) => void callbacks.set(name, callback),
    removeCallback: () => void callbacks.delete(name),
  });
  const meter: Meter = {
    createObservableCounter: observable,
    createObservableGauge: observable,
    createHistogram: (name) => ({ record: (value) => void records.push([name, value]) }),
  };
  function read(): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    for (const [name, callback] of callbacks)
      callback({
        observe(value, attributes) {
          const label = Object.values(attributes ?? {})[0];
          values[`${name.replace('anyseries.writer.', '')}${label === undefined ? '' : ` ${label}`}`] = value;
        },
      });
    return values;
  }
  return { meter, read, records, callbacks };
}

describe('a meter', () => {
  test('is told what became of the points, and how', async () => {
    const { meter, read, records, callbacks } = createRecordingMeter();
    const { put, writer, server, clock } = open({ meter, maxBatchPoints: 10 }, { poison: new Set([3]), granularity: 'item' });
    server.script.push({ kind: 'down' }, { kind: 'wait', askedMs: 100 }, { kind: 'doubt', applied: true });
    put(points(10));
    put({ series: 'a', value: Number.NaN });
    await clock.advance(60_000);
    expect(read()).toMatchObject({
      admitted: 11,
      stored: 9,
      'rejected invalid': 1,
      'rejected refused': 1,
      unknown: 0,
      'retries certain': 1,
      'retries asked': 1,
      'retries ambiguous': 1,
      'requests none': 4,
      duplicates_possible: 10,
      buffered_points: 0,
      in_flight: 0,
      lanes_locked: 0,
      oldest_age: 0,
    });
    expect(records.filter(([name]) => name === 'anyseries.writer.batch.points')).toHaveLength(4);
    await writer.close();
    expect(callbacks.size).toBe(0);
  });

  test('sees what is held, and for how long', async () => {
    const { meter, read } = createRecordingMeter();
    const { put, server, clock } = open({ meter });
    server.always = { kind: 'judge', ms: 1e6 };
    put(points(5));
    await clock.advance(700);
    put([{ series: 'text', value: 'x'.repeat(100) }]);
    expect(read()).toMatchObject({
      buffered_points: 6,
      buffered_bytes: 6 * 32 + 232,
      in_flight: 1,
      lanes_locked: 3,
      oldest_age: 700,
      blocked: 0,
    });
  });
});

test('a tracer gets a span per attempt, with its number and what came of it', async () => {
  const spans: Record<string, unknown>[] = [];
  const tracer: Tracer = {
    startSpan(name, options) {
      const span: Record<string, unknown> = { name, ...options?.attributes };
      spans.push(span);
      return {
        setAttribute: (key, value) => {
          span[key] = value;
        },
        setStatus: ({ code, message }) => {
          span.status = [code, message];
        },
        end: () => {
          span.ended = true;
        },
      };
    },
  };
  const { put, server, clock } = open({ tracer });
  server.script.push({ kind: 'down' });
  put(points(2));
  await clock.advance(10_000);
  expect(spans).toEqual([
    { name: 'anyseries.send', points: 2, attempt: 1, verdict: 'retry', status: [2, 'down'], ended: true },
    { name: 'anyseries.send', points: 2, attempt: 2, verdict: 'ok', ended: true },
  ]);
});

test('whoever listens to the diagnostics channels hears of attempts, rejections, drops, blockades and errors', async () => {
  const heard: [string, object][] = [];
  const names = ['attempt', 'rejected', 'dropped', 'blocked', 'unblocked', 'error'].map((event) => `anyseries:writer:${event}`);
  const listen = (message: unknown, name: string | symbol) =>
    void heard.push([String(name).replace('anyseries:writer:', ''), message as object]);
  for (const name of names) channel(name).subscribe(listen);
  try {
    const { put, server, clock } = open({ maxBufferedPoints: 3, onFull: 'drop-newest' }, { poison: new Set([0]), granularity: 'item' });
    server.script.push({ kind: 'block', why: 'auth' }, { kind: 'down' });
    put(points(4));
    await clock.advance(60_000);
  } finally {
    for (const name of names) channel(name).unsubscribe(listen);
  }
  expect(new Set(heard.map(([event]) => event))).toEqual(new Set(['attempt', 'rejected', 'dropped', 'blocked', 'unblocked', 'error']));
  expect(heard.find(([event]) => event === 'attempt')![1]).toMatchObject({ points: 3, attempt: 1, verdict: 'blocked' });
  expect(heard.find(([event]) => event === 'rejected')![1]).toMatchObject({ points: 1, reason: 'refused' });
});
