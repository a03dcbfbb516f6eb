import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Core from '@anyseries/core';
import type { connect } from '@anyseries/memory';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleForBrowser } from './bundles.ts';

/** One program's copy of core, with a provider that carries it. */
type Copy = typeof Core & { readonly connect: typeof connect };

const folder = mkdtempSync(join(tmpdir(), 'anyseries-copies-'));
const points = [
  { series: 'room', time: 0, value: 1.5 },
  { series: 'room', time: 1, value: 'text' },
  { series: 'hall', time: 2, value: 2n ** 60n + 1n },
];
const stored = [points[2], points[0], points[1]];
let ours: Copy;
let theirs: Copy;

beforeAll(async () => {
  ours = await load('ours', '');
  // names that are used more often take the shortest ones, so that the minifier names everything else differently
  const busy = Array.from({ length: 60 }, (_, index) => `export function busy${index}() { return [${`busy${index},`.repeat(60)}]; }`);
  theirs = await load('theirs', busy.join('\n'));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the copies share no code', () => {
  expect(ours.AnySeriesError).not.toBe(theirs.AnySeriesError);
  expect(ours.copy.toString()).not.toBe(theirs.copy.toString());
});

test('an error of one copy is known to the other', async () => {
  const error = await refusal(theirs);
  expect(error).not.toBeInstanceOf(ours.AnySeriesError);
  expect(ours.isAnySeriesError(error) && error.code).toBe('invalid');
});

test('copy reads from a store of one copy and writes to a store of the other', async () => {
  await using source = theirs.connect();
  await using sink = ours.connect();
  await source.write(points);
  await ours.copy(source, sink);
  expect(await sink.read({ series: {} }).toArray()).toEqual(stored);
});

test('mirror of one copy writes to stores of both', async () => {
  await using first = theirs.connect();
  await using second = ours.connect();
  const both = theirs.mirror(first, second);
  await both.write(points);
  expect(await first.read({ series: {} }).toArray()).toEqual(stored);
  expect(await second.read({ series: {} }).toArray()).toEqual(stored);
});

test('a writer of one copy delivers to a store of the other, and a mirror of both', async () => {
  await using first = theirs.connect();
  await using second = ours.connect();
  const direct = ours.createWriter(first);
  await direct.write(points);
  expect(await direct.close()).toMatchObject({ stored: points.length });
  expect(await first.read({ series: {} }).toArray()).toEqual(stored);
  const mirrored = ours.createWriter(theirs.mirror(first, second));
  await mirrored.write(points);
  expect(await mirrored.close()).toMatchObject({ stored: points.length });
  expect(await second.read({ series: {} }).toArray()).toEqual(stored);
});

test('pages of one copy are written by the other', async () => {
  await using source = theirs.connect();
  await using sink = ours.connect();
  await source.write(points);
  for await (const page of source.read({ series: {} }).pages()) await sink.write(page);
  expect(await sink.read({ series: {} }).toArray()).toEqual(stored);
});

test('the name of a series that one copy gave is taken by the other', async () => {
  await using giver = theirs.connect();
  await using taker = ours.connect();
  await taker.write([{ series: giver.ref('room'), time: 0, value: 1 }]);
  expect(await taker.read({ series: 'room' }).toArray()).toEqual([{ series: 'room', time: 0, value: 1 }]);
});

async function load(name: string, prelude: string): Promise<Copy> {
  const code = `${prelude}\nexport * from '@anyseries/core';\nexport { connect } from '@anyseries/memory';\n`;
  const files = await bundleForBrowser(code, { minify: true });
  mkdirSync(join(folder, name));
  for (const [file, text] of files)
    writeFileSync(join(folder, name, file.replace(/\.js$/, '.mjs')), text.replaceAll(/(["'])(\.\/[\w.-]+)\.js\1/g, '"$2.mjs"'));
  return (await import(pathToFileURL(join(folder, name, 'entry.mjs')).href)) as Copy;
}

async function refusal({ connect: open }: Copy): Promise<unknown> {
  await using store = open();
  try {
    await store.read({ series: '' }).toArray();
  } catch (error) {
    return error;
  }
  throw new Error('an empty key was not refused');
}
