import { expect, test } from 'vitest';
import { AnySeriesError, type Capabilities, isAnySeriesError, pointAt, storeCapabilities } from '../src/index.ts';
import { createBatchBuilder, defineProvider, readCredential } from '../src/provider.ts';

const sinkOnly = {
  ...storeCapabilities,
  write: { limits: {}, onDuplicate: 'adds', outcome: 'unconfirmed', granularity: 'batch' },
  read: undefined,
} satisfies Omit<Capabilities, 'read'> & { read: undefined };

function connectSink(overrides: { open?: () => object; send?: () => Promise<unknown>; close?: () => Promise<void> } = {}) {
  const { read: _, ...capabilities } = sinkOnly;
  return defineProvider({
    id: 'test',
    capabilities,
    open: () => {
      overrides.open?.();
      return {
        send: (overrides.send ?? (async () => ({ kind: 'ok', outcome: 'unconfirmed' }))) as never,
        ...(overrides.close ? { close: overrides.close } : {}),
      };
    },
  });
}

test('the backend is opened at the first call, once, and again after a failure', async () => {
  let opened = 0;
  const provider = connectSink({
    open: () => {
      opened++;
      if (opened === 1) throw new AnySeriesError('unavailable', 'not yet');
      return {};
    },
  });
  expect(opened).toBe(0);
  await expect(provider.write([{ series: 'a', value: 1 }])).rejects.toMatchObject({ code: 'unavailable' });
  await Promise.all([provider.write([{ series: 'a', value: 1 }]), provider.write([{ series: 'a', value: 1 }])]);
  expect(opened).toBe(2);
});

test('what is not declared is refused as unsupported, naming the method', () => {
  const provider = connectSink() as unknown as Record<string, (input?: unknown) => unknown>;
  for (const method of ['read', 'series', 'latest', 'subscribe', 'increment', 'delete', 'putSeries']) {
    let error: unknown;
    try {
      provider[method]!({});
    } catch (thrown) {
      error = thrown;
    }
    expect(isAnySeriesError(error) && error.code === 'unsupported' && error.message.includes(method)).toBe(true);
  }
});

test('close waits for a write under way, closes the backend once, and later calls fail as closed', async () => {
  const order: string[] = [];
  let release = () => {};
  const provider = connectSink({
    send: () =>
      new Promise((resolve) => {
        release = () => {
          order.push('sent');
          resolve({ kind: 'ok', outcome: 'unconfirmed' });
        };
      }),
    close: async () => {
      order.push('closed');
    },
  });
  const write = provider.write([{ series: 'a', value: 1 }]);
  await new Promise((resolve) => setImmediate(resolve));
  const closing = provider.close();
  expect(provider.close()).toBe(closing);
  release();
  await closing;
  expect([(await write).unconfirmed, order]).toEqual([1, ['sent', 'closed']]);
  await expect(provider.write([])).rejects.toMatchObject({ code: 'closed' });
});

test('a credential comes from the setting or the variable; an empty text is none; the error names both and no value', () => {
  const spec = { setting: 'token', variable: 'ANYSERIES_TEST_TOKEN' };
  process.env.ANYSERIES_TEST_TOKEN = 'from-variable';
  expect([readCredential('given', spec), readCredential('', spec), readCredential(undefined, spec)]).toEqual([
    'given',
    'from-variable',
    'from-variable',
  ]);
  process.env.ANYSERIES_TEST_TOKEN = '';
  expect(() => readCredential(undefined, spec)).toThrow(/"token".*ANYSERIES_TEST_TOKEN/);
  expect(() => readCredential(42, spec)).toThrow('token: number is no text');
  delete process.env.ANYSERIES_TEST_TOKEN;
});

test('what a backend does not roll up itself is folded here, and the stream says so', async () => {
  const { write: _, ...capabilities } = storeCapabilities;
  const asked: (string | undefined)[] = [];
  const provider = defineProvider({
    id: 'test',
    capabilities,
    rollsUp: ({ every }, descending) => every.unit === 'd' && !descending,
    open: () => ({
      async *read({ rollup }) {
        asked.push(rollup?.fn.name);
        const builder = createBatchBuilder();
        for (const value of [1, 2]) builder.add({ key: 'a', slot: undefined }, value * 1000, value);
        yield builder.build();
      },
    }),
  });
  const sums = async (query: object) => {
    const stream = provider.read({ series: 'a', ...query });
    return [stream.rollupBy, (await stream.toArray()).map(({ value }) => value)];
  };
  expect(await sums({ rollup: { every: '1d', fn: 'sum' } })).toEqual(['backend', [1, 2]]);
  expect(await sums({ rollup: { every: '1h', fn: 'sum' } })).toEqual(['core', [3]]);
  expect(await sums({ rollup: { every: '1d', fn: 'sum' }, order: 'descending' })).toEqual(['core', [3]]);
  expect(asked).toEqual(['sum', undefined, undefined]);
});

test('where only integers are added, other amounts are rejected one by one and not sent', async () => {
  const sent: (number | bigint)[] = [];
  const { read: _, ...sink } = sinkOnly;
  const write = { ...sink.write, outcome: 'stored', granularity: 'item', increment: 'integers' } as const;
  const connectCounter = (values: Capabilities['values']) =>
    defineProvider({
      id: 'test',
      capabilities: { ...sink, write, values },
      open: () => ({
        async send(batch) {
          for (let row = 0; row < batch.length; row++) sent.push(pointAt(batch, row).value as number | bigint);
          return { kind: 'ok', outcome: 'stored' };
        },
      }),
    });
  const amounts = [1, 0.5, -2, 2 ** 53, 2n ** 53n + 1n, 2 ** 63, 'x', Number.NaN];
  const points = amounts.map((value) => ({ series: 'a', time: 0, value }));
  const rejected = async (values: Capabilities['values']) =>
    (await connectCounter(values).increment(points as never)).rejected.map(({ index }) => index);
  expect(await rejected(['number', 'bigint'])).toEqual([1, 5, 6, 7]);
  expect(sent.splice(0)).toEqual([1, -2, 2 ** 53, 2n ** 53n + 1n]);
  expect(await rejected(['number'])).toEqual([1, 3, 4, 5, 6, 7]);
  expect(sent).toEqual([1, -2]);
});
