import { describe, expect, test } from 'vitest';
import { createWriter, type PointInput } from '../../src/index.ts';
import { settle } from './manual-clock.ts';
import { failure, open, points } from './open.ts';

describe('write', () => {
  test('answers nothing while there is room, and sends nothing by itself before others could join', async () => {
    const { writer, server, clock } = open();
    for (const point of points(10)) expect(writer.write(point)).toBeUndefined();
    expect(writer.write(points(10, 10))).toBeUndefined();
    await clock.advance(199);
    expect(server.requests).toHaveLength(0);
    await clock.advance(1);
    expect(server.requests.map(({ ids }) => ids.length)).toEqual([20]);
  });

  test('takes a point, an array, an iterable, columns and refs alike', async () => {
    const { writer, put, seen } = open();
    put({ series: 'a', time: 1, value: 1 });
    put([{ series: writer.ref('a'), time: 2, value: 2 }]);
    put({ series: writer.ref('a'), time: 3, value: 3 });
    put(new Set([{ series: { key: 'a', slot: 'of another sink' }, time: 4, value: 4 }]));
    const refs = [{ key: 'a', slot: undefined }];
    const [series, times, values] = [Uint32Array.of(0), Float64Array.of(5), Float64Array.of(5)];
    put({ length: 1, refs, series, times, values, others: new Map() });
    await writer.flush();
    expect(seen()).toEqual([1, 2, 3, 4, 5].map((i) => ['a', i, i]));
  });

  test('stamps points without a time at their admission, and repeats the stamp', async () => {
    const { put, server, clock } = open();
    const now = clock.now();
    put({ series: 'a', value: 1 });
    server.script.push({ kind: 'down' });
    await clock.advance(5000);
    expect(server.requests.map(({ times }) => times)).toEqual([[now], [now]]);
  });

  test('a point that is wrong by itself is told by name, and its neighbours go on', async () => {
    const { writer, put, rejected, seen } = open();
    put([
      { series: 'a', time: 0, value: 0 },
      { series: 'a', time: 1, value: Number.NaN },
      { series: '', time: 2, value: 2 },
      { series: 'a', time: 'yesterday', value: 3 },
      { series: 'a', time: 4, value: Number.POSITIVE_INFINITY },
      null as never,
      { series: 'a', time: 6, value: 6 },
    ]);
    put({ series: 'a', time: 7, value: Number.NEGATIVE_INFINITY });
    expect(await writer.flush()).toMatchObject({ admitted: 8, stored: 2, rejected: 6, pending: 0 });
    expect(seen()).toEqual([
      ['a', 0, 0],
      ['a', 6, 6],
    ]);
    expect(rejected.every(({ reason }) => reason === 'invalid')).toBe(true);
    expect(rejected.map(({ excerpt }) => excerpt.split(':')[0])).toEqual([...Array<string>(5).fill('points[1].value'), 'points[0].value']);
  });

  test('a ticket tells what became of each point, by the indices of the caller', async () => {
    const { writer, clock } = open({}, { granularity: 'item', poison: new Set([3]) });
    const input: PointInput[] = points(5);
    input[1] = { series: 'a', time: 1, value: Number.NaN };
    const ticket = writer.offer(input);
    await ticket.admitted;
    await clock.advance(1000);
    const { stored, rejected, ...others } = await ticket.done;
    expect([stored, rejected.map(({ index, message }) => [index, message])]).toEqual([
      3,
      [
        [1, 'points[1].value: NaN is no value; leave the point out'],
        [3, 'bad 3'],
      ],
    ]);
    expect(others).toEqual({ unconfirmed: 0, unknown: [], dropped: [], returned: [] });
  });

  test('what is no point and no points is refused at once', async () => {
    const { writer } = open();
    for (const nonsense of [5, 'text', null, undefined, {}, () => {}] as never[]) {
      expect(await failure(() => writer.write(nonsense))).toMatchObject({ code: 'invalid' });
      expect(await failure(() => writer.offer(nonsense).done)).toMatchObject({ code: 'invalid' });
    }
    expect(await failure(() => writer.write([], { timeout: 1 } as never))).toMatchObject({ code: 'invalid' });
    expect(await failure(() => writer.write([], { signal: 5 as never }))).toMatchObject({ code: 'invalid' });
    expect(writer.report().admitted).toBe(0);
  });

  test('an iterable that fails keeps what it gave before, and the error says how many', async () => {
    const { writer, seen } = open();
    function* failing() {
      yield* points(3);
      throw new Error('the file ended');
    }
    const error = await failure(() => writer.write(failing()));
    expect([error.code, error.admitted, (error.cause as Error).message]).toEqual(['invalid', 3, 'the file ended']);
    await writer.flush();
    expect(seen()).toHaveLength(3);
  });

  test('empty input is admitted and does nothing', async () => {
    const { writer, server } = open();
    expect(writer.write([])).toBeUndefined();
    expect(await writer.offer([]).done).toMatchObject({ stored: 0 });
    expect(await writer.flush()).toMatchObject({ admitted: 0 });
    expect(server.requests).toHaveLength(0);
  });
});

describe('a full buffer', () => {
  const full = { maxBufferedPoints: 10, maxBatchPoints: 5 };

  test('makes writes wait, and lets them in when a fifth of it is free, first come, first served', async () => {
    const { writer, put, server, clock } = open(full);
    server.always = { kind: 'judge', ms: 1000 };
    put(points(5));
    put(points(5, 5));
    const order: number[] = [];
    for (const i of [0, 1, 2]) void writer.write({ series: 'late', time: i, value: 100 + i })!.then(() => order.push(i));
    await clock.advance(999);
    expect(order).toEqual([]);
    await clock.advance(1);
    expect(order).toEqual([0, 1, 2]);
    await clock.advance(5000);
    expect(server.requests.flatMap(({ ids }) => ids).filter((id) => id >= 100)).toEqual([100, 101, 102]);
  });

  test('keeps newcomers behind those who wait, even where there would be room for them', async () => {
    const { writer, put, server, clock } = open(full);
    server.always = { kind: 'judge', ms: 1000 };
    put(points(5));
    put(points(3, 5));
    const large = writer.write(points(4, 20));
    const small = writer.write({ series: 'a', time: 0, value: 99 });
    expect([large, small].map((answer) => answer instanceof Promise)).toEqual([true, true]);
    await clock.advance(10_000);
    await Promise.all([large, small]);
    const ids = server.requests.flatMap((request) => request.ids);
    expect(ids).toHaveLength(13);
  });

  test('takes an array as a whole or not at all, up to half of the buffer', async () => {
    const { writer, put, server, clock } = open(full);
    server.always = { kind: 'down' };
    put(points(5));
    put(points(3, 5));
    const controller = new AbortController();
    const waiting = writer.write(points(5, 8), { signal: controller.signal });
    await settle();
    expect(writer.report().admitted).toBe(8);
    controller.abort(new Error('enough'));
    const error = await failure(() => waiting);
    expect([error.code, error.admitted, (error.cause as Error).message]).toEqual(['aborted', 0, 'enough']);
    server.always = undefined;
    await clock.advance(60_000);
    expect(writer.report()).toMatchObject({ admitted: 8, stored: 8 });
  });

  test('takes a larger array in slices, and says how many are in when it is aborted', async () => {
    const { writer, server, clock } = open(full);
    server.always = { kind: 'judge', ms: 100 };
    const controller = new AbortController();
    const waiting = writer.write(points(100), { signal: controller.signal });
    await clock.advance(550);
    controller.abort();
    const error = await failure(() => waiting);
    await clock.advance(10_000);
    expect(error.admitted).toBeGreaterThan(10);
    expect(writer.report()).toMatchObject({ admitted: error.admitted, stored: error.admitted });
    expect(server.requests.flatMap(({ ids }) => ids).toSorted((a, b) => a - b)).toEqual(points(error.admitted!).map(({ value }) => value));
  });

  test('refuses with onFull reject: the whole array, with nothing of it in the buffer', async () => {
    const { writer, put } = open({ ...full, onFull: 'reject' });
    put(points(8));
    expect(await failure(() => writer.write(points(9, 8)))).toMatchObject({ code: 'full', retryable: true, admitted: 0 });
    expect(writer.write(points(2, 8))).toBeUndefined();
    expect(await failure(() => writer.write({ series: 'a', value: 1 }))).toMatchObject({ code: 'full' });
    expect(writer.report().admitted).toBe(10);
  });

  test('drops newcomers with onFull drop-newest, and tells their tickets', async () => {
    const { writer, seen } = open({ ...full, onFull: 'drop-newest', maxInFlight: 1 });
    const ticket = writer.offer(points(14));
    expect(await writer.flush()).toMatchObject({ admitted: 14, stored: 10, dropped: 4 });
    expect((await ticket.done).dropped).toEqual([10, 11, 12, 13]);
    expect(
      seen()
        .map(([, , id]) => id)
        .toSorted(),
    ).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('drops the oldest with onFull drop-oldest, but nothing that is under way', async () => {
    const { writer, server, clock } = open({ ...full, onFull: 'drop-oldest', maxInFlight: 1 });
    server.always = { kind: 'judge', ms: 1000 };
    const first = writer.offer(points(5));
    await clock.advance(1);
    const second = writer.offer(points(12, 5));
    await clock.advance(10_000);
    expect(await first.done).toMatchObject({ stored: 5, dropped: [] });
    expect(await second.done).toMatchObject({ stored: 5, dropped: [0, 1, 2, 3, 4, 5, 6] });
  });

  test('counts bytes as well: long texts fill it before many points do', async () => {
    const { writer, clock } = open({ maxBufferedBytes: 10_000 });
    expect(writer.write({ series: 'a', time: 0, value: 'x'.repeat(3000) })).toBeUndefined();
    const waiting = writer.write({ series: 'a', time: 1, value: 'y'.repeat(3000) });
    expect(waiting).toBeInstanceOf(Promise);
    await clock.advance(10_000);
    await waiting;
    await clock.advance(10_000);
    expect(writer.report().stored).toBe(2);
    expect(writer.metrics()).toMatchObject({ bufferedPoints: 0, bufferedBytes: 0 });
  });

  test.each([
    ['stored', { kind: 'judge' }, {}],
    ['refused', { kind: 'refuse' }, {}],
    ['refused one by one', { kind: 'items', every: 2 }, {}],
    ['given up in doubt', { kind: 'doubt', applied: true }, { onDuplicate: 'adds' }],
  ] as const)('gets the bytes back of texts that were %s', async (_, reply, server) => {
    const opened = open({ maxBufferedBytes: 10_000 }, server);
    for (let i = 0; i < 8; i++) {
      opened.server.script.push(reply);
      opened.put([0, 1, 2].map((k) => ({ series: 'a', time: k, value: 'x'.repeat(500) })));
      await opened.clock.advance(60_000);
    }
    expect(opened.writer.report()).toMatchObject({ admitted: 24, pending: 0 });
    expect(opened.writer.metrics()).toMatchObject({ bufferedPoints: 0, bufferedBytes: 0 });
  });

  test.each(['drop-oldest', 'drop-newest'] as const)('gets the bytes back of texts that it drops with onFull %s', async (onFull) => {
    const { put, server, writer, clock } = open({ maxBufferedBytes: 10_000, onFull, maxInFlight: 1 });
    server.always = { kind: 'judge', ms: 1000 };
    for (let i = 0; i < 40; i++) put({ series: 'a', time: i, value: 'x'.repeat(500) });
    expect(writer.metrics().bufferedBytes).toBeLessThanOrEqual(10_000);
    expect(writer.metrics().bufferedPoints).toBeGreaterThan(5);
    await clock.advance(60_000);
    expect(writer.metrics()).toMatchObject({ bufferedPoints: 0, bufferedBytes: 0 });
    expect(writer.report().dropped).toBeGreaterThan(25);
  });

  test('a point that is larger than all of it is rejected, and never stuck', async () => {
    const { writer, put, rejected } = open({ maxBufferedBytes: 1000 });
    put([
      { series: 'a', time: 0, value: 'x'.repeat(2000) },
      { series: 'a', time: 1, value: 1 },
    ]);
    expect(await writer.flush()).toMatchObject({ stored: 1, rejected: 1 });
    expect(rejected).toMatchObject([{ reason: 'too-large' }]);
  });
});

describe('options', () => {
  test.each([
    [{ maxbatchpoints: 5 }, 'options.maxbatchpoints'],
    [{ maxBatchPoints: 0 }, 'options.maxBatchPoints'],
    [{ maxInFlight: 1.5 }, 'options.maxInFlight'],
    [{ linger: -1 }, 'options.linger'],
    [{ maxAge: Number.NaN }, 'options.maxAge'],
    [{ onFull: 'block' }, 'options.onFull'],
    [{ order: 'key' }, 'options.order'],
    [{ ambiguous: 'maybe' }, 'options.ambiguous'],
    [{ onReject: 5 }, 'options.onReject'],
    [{ clock: {} }, 'options.clock'],
    [{ meter: {} }, 'options.meter'],
    [{ tracer: 1 }, 'options.tracer'],
  ])('%o is refused by name', (options, name) => {
    expect(() => open(options as never)).toThrow(name);
  });

  test('what is undefined is its default; null is no options', () => {
    expect(() => open({ linger: undefined, onReject: undefined })).not.toThrow();
    expect(() => open(null as never)).not.toThrow();
    expect(() => createWriter(open().server.provider, null as never)).toThrow('options');
  });

  test('what does not write, or is no sink, is refused', () => {
    const { provider } = open().server;
    const { write: _, ...capabilities } = provider.capabilities;
    expect(() => createWriter({ ...provider, capabilities } as never)).toThrow('createWriter');
    expect(() => createWriter({} as never)).toThrow('sink');
  });
});
