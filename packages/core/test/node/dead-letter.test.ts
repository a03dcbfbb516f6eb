import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createWriter, type PointInput, pointAt, type RejectInfo, storeCapabilities } from '../../src/index.ts';
import { deadLetter, replay } from '../../src/node.ts';
import { defineProvider } from '../../src/provider.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'anyseries-dead-')), 'rejected');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const info: RejectInfo = { reason: 'refused', code: 'invalid', status: 400, excerpt: 'status 400: "no" good', attempts: 2 };
const files = () => readdirSync(folder).sort();
const read = () =>
  files()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');

/** A writer over a backend that keeps what it is given, but for points of `bad`. */
function open(bad: ReadonlySet<string> = new Set()) {
  const stored: PointInput[] = [];
  const provider = defineProvider({
    id: 'test',
    capabilities: storeCapabilities,
    open: () => ({
      async send(batch) {
        const rejected = [];
        for (let row = 0; row < batch.length; row++) {
          const point = pointAt(batch, row);
          if (bad.has(point.series)) rejected.push({ index: row, code: 'forbidden' as const, message: 'locked' });
          else stored.push(point);
        }
        return { kind: 'items', outcome: 'stored', rejected };
      },
    }),
  });
  return { provider, stored };
}

describe('deadLetter', () => {
  test('keeps what a writer gives up, one line per point, with the reason', async () => {
    const { provider } = open(new Set(['locked']));
    const writer = createWriter(provider, { onReject: deadLetter(folder, 1e6) });
    void writer.write([
      { series: 'fine', time: 1, value: 1 },
      { series: 'locked', time: 2, value: 2n ** 60n + 1n },
      { series: 'fine', time: 3, value: Number.NaN },
    ]);
    expect(await writer.close()).toMatchObject({ stored: 1, rejected: 2 });
    const lines = read().trim().split('\n');
    const rest = { status: null, attempts: 1 };
    expect(lines.map((line) => JSON.parse(line)).sort((a, b) => a.time - b.time)).toMatchObject([
      { series: 'locked', time: 2, reason: 'refused', code: 'forbidden', excerpt: 'locked', attempts: rest.attempts },
      { series: 'fine', time: 3, invalidValue: 'NaN', reason: 'invalid', attempts: 0 },
    ]);
    expect(lines.some((line) => line.includes('"value":1152921504606846977,'))).toBe(true);
  });

  test('belongs to its user alone, and begins no file before there is a point', async () => {
    const hook = deadLetter(folder, 1e6);
    expect(() => readdirSync(folder)).toThrow('ENOENT');
    await hook([{ series: 'a', time: 0, value: 1 }], info);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, files()[0]!)).mode & 0o777).toBe(0o600);
  });

  test('writes no more than maxBytes, those that are there included, and says so', async () => {
    const first = deadLetter(folder, 1000);
    for (let i = 0; i < 4; i++) await first([{ series: 'a', time: i, value: 'x'.repeat(20) }], info);
    const before = read().length;
    expect(before).toBeLessThanOrEqual(1000);
    const second = deadLetter(folder, before + 100);
    await expect(second([{ series: 'a', time: 9, value: 1 }], info)).rejects.toMatchObject({ code: 'full' });
    expect(read()).toHaveLength(before);
  });

  test('keeps the order of calls that come at once', async () => {
    const hook = deadLetter(folder, 1e6);
    await Promise.all(Array.from({ length: 20 }, (_, i) => hook([{ series: 'a', time: i, value: i }], info)));
    expect(
      read()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).value),
    ).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test.each([
    ['', 5, 'folder'],
    [5, 5, 'folder'],
    ['x', 0, 'maxBytes'],
    ['x', '5', 'maxBytes'],
  ])('%o, %o is refused by name', (path, maxBytes, name) => {
    expect(() => deadLetter(path as string, maxBytes as number)).toThrow(name);
  });
});

describe('replay', () => {
  test('writes every kind of value again as it was', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            series: fc.string({ unit: 'grapheme', minLength: 1 }).filter((key) => !key.includes('\0')),
            time: fc.oneof(
              fc.integer({ min: -8e14, max: 8e14 }),
              fc.integer({ min: 0, max: 1e15 }).map((us) => us / 1000),
            ),
            value: fc.oneof(
              fc.double({ noNaN: true, noDefaultInfinity: true }),
              fc.constant(-0),
              fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).filter((value) => BigInt(Number(value)) !== value),
              fc.boolean(),
              fc.string({ unit: 'grapheme' }),
            ),
          }),
          { minLength: 1, maxLength: 20 },
        ),
        async (points) => {
          rmSync(folder, { recursive: true, force: true });
          await deadLetter(folder, 1e6)(points, info);
          const { provider, stored } = open();
          const writer = createWriter(provider);
          expect(await replay(folder, writer)).toEqual({ files: 1, stored: points.length, unconfirmed: 0, left: 0, unreadable: 0 });
          const bySeries = (list: readonly PointInput[]) => Map.groupBy(list, ({ series }) => series);
          expect(bySeries(stored)).toEqual(bySeries(points));
          await writer.close();
        },
      ),
    ));

  test('with remove takes out what was stored, and leaves the rest for another time', async () => {
    const hook = deadLetter(folder, 1e6);
    await hook([{ series: 'fine', time: 0, value: 0 }], info);
    await hook([{ series: 'locked', time: 1, value: 1 }], info);
    await hook([{ series: 'fine', time: 2, value: 2 }], { ...info, reason: 'unknown-outcome' });
    await hook([{ series: 'fine', time: 3, value: Number.NaN }], { ...info, reason: 'invalid' });
    const { provider, stored } = open(new Set(['locked']));
    const writer = createWriter(provider, { onReject: () => {} });
    expect(await replay(folder, writer, { remove: true })).toEqual({ files: 1, stored: 1, unconfirmed: 0, left: 2, unreadable: 1 });
    expect(
      read()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).time),
    ).toEqual([2, 3, 1]);
    expect(await replay(folder, writer, { remove: true, reasons: ['unknown-outcome'] })).toMatchObject({ stored: 1, left: 1 });
    expect(stored.map(({ value }) => value)).toEqual([0, 2]);
    await writer.close();
  });

  test('removes a file with nothing left, and takes a file as well as a folder', async () => {
    await deadLetter(folder, 1e6)([{ series: 'fine', time: 0, value: 0 }], info);
    const { provider } = open();
    const writer = createWriter(provider);
    expect(await replay(join(folder, files()[0]!), writer, { remove: true })).toMatchObject({ files: 1, stored: 1 });
    expect(files()).toEqual([]);
    expect(await replay(folder, writer)).toMatchObject({ files: 0, stored: 0 });
    await writer.close();
  });

  test('passes over a line that a crash has torn, and counts it', async () => {
    await deadLetter(folder, 1e6)([{ series: 'fine', time: 0, value: 0 }], info);
    const path = join(folder, files()[0]!);
    appendFileSync(path, readFileSync(path, 'utf8').slice(0, 25));
    const { provider, stored } = open();
    const writer = createWriter(provider);
    expect(await replay(folder, writer)).toMatchObject({ stored: 1, unreadable: 1 });
    expect(stored).toHaveLength(1);
    await writer.close();
  });

  test('goes through large files part by part, in order', async () => {
    const hook = deadLetter(folder, 1e7);
    for (let i = 0; i < 5; i++)
      await hook(
        Array.from({ length: 700 }, (_, k) => ({ series: 'a', time: i * 700 + k, value: 0 })),
        info,
      );
    const { provider, stored } = open();
    const writer = createWriter(provider);
    expect(await replay(folder, writer)).toMatchObject({ stored: 3500 });
    expect(stored.map(({ time }) => time)).toEqual(Array.from({ length: 3500 }, (_, i) => i));
    await writer.close();
  });

  test('refuses what it does not know', async () => {
    const { provider } = open();
    const writer = createWriter(provider);
    await expect(replay(join(folder, 'nowhere'), writer)).rejects.toThrow('ENOENT');
    writeFileSync(`${folder}.txt`, '');
    await expect(replay(`${folder}.txt`, writer, { removed: true } as never)).rejects.toThrow('options.removed');
    await expect(replay(`${folder}.txt`, writer, { reasons: 'all' } as never)).rejects.toThrow('options.reasons');
    await expect(replay(`${folder}.txt`, writer, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    await writer.close();
  });
});
