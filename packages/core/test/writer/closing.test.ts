import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/index.ts';
import { settle } from './manual-clock.ts';
import { failure, open, points } from './open.ts';

const ids = (report: Report) =>
  report
    .unsent()
    .map(({ value }) => Number(value))
    .sort((a, b) => a - b);

describe('flush', () => {
  test('sends what is there at once, and covers what is in flight and what waits for another attempt', async () => {
    const { put, writer, server, clock } = open({ maxBatchPoints: 1 });
    server.script.push({ kind: 'judge', ms: 500 }, { kind: 'down' }, { kind: 'wait', askedMs: 2000 });
    put([0, 1, 2].map((value) => ({ series: `s${value}`, time: 0, value })));
    put({ series: 'late', time: 0, value: 3 });
    let report: Report | undefined;
    void writer.flush().then((told) => {
      report = told;
    });
    await clock.advance(1999);
    expect(report).toBeUndefined();
    await clock.advance(10_000);
    expect(report).toMatchObject({ admitted: 4, stored: 4, pending: 0 });
    expect(server.requests.length).toBeGreaterThan(4);
  });

  test('ends although others go on writing', async () => {
    const { put, writer, server, clock } = open({ maxBatchPoints: 5, maxInFlight: 1 });
    server.always = { kind: 'judge', ms: 100 };
    put(points(20));
    let isOver = false;
    void writer.flush().then(() => {
      isOver = true;
    });
    for (let i = 0; i < 60 && !isOver; i++) {
      put(points(5, 100 + i));
      await clock.advance(100);
    }
    expect(isOver).toBe(true);
    expect(writer.report().pending).toBeGreaterThan(0);
  });

  test('gives up waiting at its deadline, and says what is pending', async () => {
    const { put, writer, server, clock } = open();
    server.always = { kind: 'down' };
    put(points(3));
    const flushed = writer.flush({ deadlineMs: 1000 });
    await clock.advance(1000);
    expect(await flushed).toMatchObject({ admitted: 3, pending: 3 });
    server.always = undefined;
    await clock.advance(60_000);
    expect(writer.report().stored).toBe(3);
  });

  test('its signal ends the waiting, not the delivery', async () => {
    const { put, writer, server, clock } = open();
    server.script.push({ kind: 'down' });
    put(points(3));
    const controller = new AbortController();
    const flushed = writer.flush({ signal: controller.signal });
    controller.abort(new Error('no time'));
    expect(await failure(() => flushed)).toMatchObject({ code: 'aborted' });
    await clock.advance(60_000);
    expect(writer.report().stored).toBe(3);
  });

  test('of an empty writer ends at once', async () => {
    expect(await open().writer.flush()).toMatchObject({ admitted: 0, pending: 0 });
  });
});

describe('close', () => {
  test('delivers what is pending, lets in who waits, and takes nothing more', async () => {
    const { put, writer, server, clock } = open({ maxBufferedPoints: 5, maxBatchPoints: 5 });
    server.always = { kind: 'judge', ms: 100 };
    put(points(5));
    const waiting = writer.write(points(2, 5));
    const closed = writer.close();
    expect(() => writer.write(points(1))).toThrow('closed');
    expect(await failure(() => writer.offer(points(1)).done)).toMatchObject({ code: 'closed' });
    await clock.advance(1000);
    await waiting;
    expect(await closed).toMatchObject({ admitted: 7, stored: 7, pending: 0 });
  });

  test('may be called again and answers the same', async () => {
    const { put, writer } = open();
    put(points(1));
    const [first, second] = [writer.close(), writer.close()];
    expect(await first).toBe(await second);
    await writer[Symbol.asyncDispose]();
  });

  test('at its deadline gives back what was never sent, and tells what was under way as unknown', async () => {
    const { put, writer, server, clock, rejected } = open({ maxBatchPoints: 5, maxInFlight: 1, onLoss: 'report' });
    server.script.push({ kind: 'judge', ms: 1e9 });
    put(points(5));
    await settle();
    put(points(4, 5));
    const ticket = writer.offer([{ series: 'x', time: 0, value: 9 }]);
    const closed = writer.close({ deadlineMs: 700 });
    await clock.advance(700);
    const report = await closed;
    expect(report).toMatchObject({ admitted: 10, stored: 0, unknown: 5, returned: 5, pending: 0 });
    expect(ids(report)).toEqual([5, 6, 7, 8, 9]);
    expect(new Set(rejected.map(({ value }) => value))).toEqual(new Set([0, 1, 2, 3, 4]));
    expect(rejected.every(({ reason }) => reason === 'unknown-outcome')).toBe(true);
    expect((await ticket.done).returned).toEqual([0]);
    expect(report.unsent()).toContainEqual({ series: 's2', time: 5, value: 5 });
  });

  test('tells writes that still wait then that they were not taken', async () => {
    const { put, writer, server, clock } = open({ maxBufferedPoints: 5, maxBatchPoints: 5, onLoss: 'report' });
    server.always = { kind: 'judge', ms: 1e9 };
    put(points(5));
    await settle();
    const waiting = failure(() => writer.write(points(2, 5)));
    const sliced = failure(() => writer.write(new Set(points(9, 7))));
    const closed = writer.close({ deadlineMs: 700 });
    await clock.advance(700);
    expect(await waiting).toMatchObject({ code: 'closed', admitted: 0 });
    expect(await sliced).toMatchObject({ code: 'closed', admitted: 0 });
    expect(await closed).toMatchObject({ admitted: 5, unknown: 5 });
  });

  test('fails with the report when points were lost', async () => {
    const { put, writer, server, clock } = open();
    server.always = { kind: 'down' };
    put(points(3));
    const closed = failure(() => writer.close({ deadlineMs: 100 }));
    await clock.advance(100);
    const error = await closed;
    expect(error).toMatchObject({ code: 'timeout', report: { returned: 3 } });
    expect(ids(error.report!)).toEqual([0, 1, 2]);
  });

  test('takes a rejection for a loss only where nobody took the points', async () => {
    const taken = open({}, { poison: new Set([1]) });
    taken.put(points(3));
    const taking = taken.writer.close();
    await taken.clock.advance(1000);
    expect(await taking).toMatchObject({ stored: 2, rejected: 1 });
    const nobody = open({ onReject: undefined }, { poison: new Set([1]) });
    nobody.put(points(3));
    const failing = failure(() => nobody.writer.close());
    await nobody.clock.advance(1000);
    expect(await failing).toMatchObject({ code: 'invalid', report: { stored: 2, rejected: 1 } });
    const refused = open({ onReject: () => Promise.reject(new Error('the disk is full')) }, { poison: new Set([1]) });
    refused.put(points(3));
    const lost = failure(() => refused.writer.close());
    await refused.clock.advance(1000);
    expect(await lost).toMatchObject({ report: { rejected: 1 } });
    expect(refused.errors.some(({ message }) => message.includes('the disk is full'))).toBe(true);
  });

  test('its signal ends the waiting, not the closing', async () => {
    const { put, writer, server, clock } = open();
    server.always = { kind: 'judge', ms: 500 };
    put(points(3));
    const aborted = failure(() => writer.close({ signal: AbortSignal.abort() }));
    expect(await aborted).toMatchObject({ code: 'aborted' });
    await clock.advance(1000);
    expect(await writer.close()).toMatchObject({ stored: 3 });
  });

  test('while everybody is refused ends at its deadline with everything given back', async () => {
    const { put, writer, server, clock } = open({ onLoss: 'report' });
    server.always = { kind: 'block', why: 'auth' };
    put(points(10));
    await clock.advance(60_000);
    const closed = writer.close();
    await clock.advance(30_000);
    expect(await closed).toMatchObject({ returned: 10, pending: 0 });
  });

  test('leaves the sink open', async () => {
    const { writer, server } = open();
    await writer.close();
    expect((await server.provider.write(points(1))).stored).toBe(1);
  });
});

describe('onReject', () => {
  test('is awaited: the points are pending until it has taken them', async () => {
    let take = () => {};
    const { put, writer, clock } = open(
      {
        onReject: () =>
          new Promise<void>((resolve) => {
            take = resolve;
          }),
      },
      { poison: new Set([0]) },
    );
    put(points(2));
    await clock.advance(1000);
    expect(writer.report()).toMatchObject({ stored: 0, rejected: 0, pending: 2 });
    take();
    await clock.advance(1000);
    expect(writer.report()).toMatchObject({ stored: 1, rejected: 1, pending: 0 });
  });

  test('that never ends is left after ten seconds; that throws changes nothing', async () => {
    const never = open({ onReject: () => new Promise<void>(() => {}) }, { poison: new Set([0]) });
    never.put(points(2));
    await never.clock.advance(11_000);
    expect(never.writer.report()).toMatchObject({ stored: 1, rejected: 1 });
    expect(never.writer.metrics().hookFailures).toBe(1);
    const throwing = open(
      {
        onReject() {
          throw new Error('oops');
        },
        onError() {
          throw new Error('oops again');
        },
      },
      { poison: new Set([0]) },
    );
    throwing.put([{ series: 'a', value: Number.NaN }, ...points(2)]);
    await throwing.clock.advance(1000);
    expect(throwing.writer.report()).toMatchObject({ stored: 1, rejected: 2, pending: 0 });
  });
});
