import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

interface Ended {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly warnings: string;
}

const source = (name: string) => JSON.stringify(fileURLToPath(new URL(`../../src/${name}`, import.meta.url)));

/** What every program has: a writer, and a server that does what the program says. `requests` counts what came. */
const prelude = `
import { createWriter, storeCapabilities, AnySeriesError } from ${source('index.ts')};
import { defineProvider } from ${source('provider.ts')};
let requests = 0;
let answer = async () => ({ kind: 'ok', outcome: 'stored' });
const provider = defineProvider({ id: 'test', capabilities: storeCapabilities, open: () => ({ send: async (batch) => { requests++; return answer(batch); } }) });
const down = async () => ({ kind: 'retry', ambiguous: false, retryAfterMs: 250_000, error: new AnySeriesError('unavailable', 'down') });
const point = (value) => ({ series: 'a', time: value, value });
`;

/** Runs a program to its natural end, or kills it: then \`code\` is null. */
function run(program: string): Promise<Ended> {
  const child = spawn(
    process.execPath,
    ['--conditions=anyseries-source', '--input-type=module-typescript', '--eval', `${prelude}${program}`],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 20_000,
    },
  );
  let [output, warnings] = ['', ''];
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    warnings += chunk;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, lines: output.trim().split('\n'), warnings })));
}

describe('a process that comes to its end', () => {
  test('is not kept alive by a writer without pending points, used or not', async () => {
    const { code, lines } = await run(`
      createWriter(provider);
      const writer = createWriter(provider);
      writer.write(point(1));
      await writer.flush();
      console.log(requests, process.listenerCount('beforeExit'));
    `);
    expect([code, lines]).toEqual([0, ['1 0']]);
  });

  test('delivers what is pending first, without waiting for linger', async () => {
    const { code, lines } = await run(`
      const writer = createWriter(provider, { linger: 3_600_000 });
      for (let i = 0; i < 10; i++) writer.write(point(i));
      console.log(requests, process.listenerCount('beforeExit'));
      process.on('exit', () => console.log(requests, JSON.stringify(writer.report().stored), process.listenerCount('beforeExit')));
    `);
    expect([code, lines]).toEqual([0, ['0 1', '1 10 0']]);
  });

  test('waits for another attempt, but not for a wait that is longer than exitDeadlineMs; then it says what is left', async () => {
    const { code, lines, warnings } = await run(`
      const begun = Date.now();
      const again = createWriter(provider, { linger: 0 });
      let failures = 2;
      answer = async () => failures-- > 0 ? { kind: 'retry', ambiguous: false, error: new AnySeriesError('unavailable', 'down') } : { kind: 'ok', outcome: 'stored' };
      again.write(point(1));
      process.on('exit', () => {
        if (again.report().stored === 1) console.log('stored');
      });
    `);
    expect([code, lines, warnings]).toEqual([0, ['stored'], '']);
    const left = await run(`
      answer = down;
      const told = createWriter(provider, { linger: 0, exitDeadlineMs: 50, onError: (error) => console.log(error.code, error.report?.pending ?? '') });
      told.write(point(1));
    `);
    expect([left.code, left.lines, left.warnings]).toEqual([0, ['unavailable ', 'timeout 1'], '']);
    const untold = await run(`
      answer = down;
      const untold = createWriter(provider, { linger: 0, exitDeadlineMs: 50 });
      untold.write([point(1), point(2)]);
    `);
    expect(untold.code).toBe(0);
    expect(untold.warnings).toContain('AnySeriesWarning: 2 points were pending when the process ended');
  });

  test('serves all writers by one listener', async () => {
    const { code, lines } = await run(`
      const writers = Array.from({ length: 30 }, () => createWriter(provider));
      for (const writer of writers) writer.write(point(1));
      console.log(process.listenerCount('beforeExit'));
      process.on('exit', () => console.log(requests, writers.every((writer) => writer.report().stored === 1)));
    `);
    expect([code, lines]).toEqual([0, ['1', '30 true']]);
  });

  test('is kept alive for whoever awaits a flush, a close, or room', async () => {
    const { code, lines } = await run(`
      let failures = 1;
      answer = async () => failures-- > 0 ? { kind: 'retry', ambiguous: false, error: new AnySeriesError('unavailable', 'down') } : { kind: 'ok', outcome: 'stored' };
      const writer = createWriter(provider, { linger: 0, exitDeadlineMs: 0, maxBufferedPoints: 1 });
      writer.write(point(1));
      await writer.write(point(2));
      console.log('room');
      failures = 1;
      console.log((await writer.flush()).stored);
      failures = 1;
      await writer.write(point(3));
      console.log((await writer.close()).stored);
    `);
    expect([code, lines]).toEqual([0, ['room', '2', '3']]);
  });
});

test('in a process that hears of unhandled rejections, a writer causes none, whatever fails', async () => {
  const { code, lines } = await run(`
    process.on('unhandledRejection', (reason) => console.log('unhandled', reason));
    answer = async () => { throw new TypeError('nonsense'); };
    const writer = createWriter(provider, {
      linger: 0, maxBufferedPoints: 2, exitDeadlineMs: 100,
      onReject: async () => { throw new Error('hook'); },
      onError: () => { throw new Error('hook'); },
    });
    const controller = new AbortController();
    writer.write([point(1), { series: 'a', value: NaN }]);
    writer.write(point(2), { signal: controller.signal });
    writer.write(point(3));
    writer.offer(point(4), { signal: controller.signal }).done;
    controller.abort();
    setTimeout(() => writer.close({ deadlineMs: 50 }).catch(() => console.log('closed')), 20);
  `);
  expect([code, lines]).toEqual([0, ['closed']]);
});
