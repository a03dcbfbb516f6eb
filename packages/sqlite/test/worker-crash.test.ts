import type { Worker } from 'node:worker_threads';
import { connect } from '@anyseries/sqlite';
import { expect, test, vi } from 'vitest';
import { temporaryPath } from './temporary-folder.ts';

const workers = vi.hoisted((): Worker[] => []);

vi.mock('node:worker_threads', async (load) => {
  const original = await load<typeof import('node:worker_threads')>();
  class SeenWorker extends original.Worker {
    constructor(...settings: ConstructorParameters<typeof Worker>) {
      super(...settings);
      workers.push(this);
    }
  }
  return { ...original, Worker: SeenWorker };
});

test('when the thread dies, calls under way, later calls and subscriptions fail and say so', async () => {
  const path = temporaryPath();
  const store = connect({ path, retry: { maxAttempts: 1 } });
  await store.write([{ series: 'a', time: 1, value: 1 }]);
  const subscription = store.subscribe();
  await store.check();
  const reading = store.read({ series: 'a' }).toArray();
  const putting = store.records.put('c', 'i', 1);
  await workers[0]!.terminate();
  await expect(putting).rejects.toMatchObject({ code: 'unknown-outcome', retryable: false });
  await expect(reading).rejects.toMatchObject({ code: 'unavailable' });
  await expect(store.check()).rejects.toMatchObject({ code: 'unavailable', retryable: false, message: expect.stringContaining(path) });
  await expect(Array.fromAsync(subscription)).rejects.toMatchObject({ code: 'unavailable' });
  await store.close();

  const again = connect({ path });
  expect((await again.latest('a'))?.value).toBe(1);
  await again.close();
});
