import { expect, test } from 'vitest';
import { AnySeriesError, type Capabilities, isAnySeriesError, storeCapabilities } from '../src/index.ts';
import { defineProvider, readCredential } from '../src/provider.ts';

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
