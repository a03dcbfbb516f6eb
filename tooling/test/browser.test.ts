import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startGateway } from '@anyseries/gateway';
import { describe, expect, test } from 'vitest';
import { root } from '../packages.ts';
import { bundleForBrowser } from './bundles.ts';
import { chromiumReason, lacksChromium, runInChromium } from './chromium.ts';

const asksForNode = /(from|import|import\(|require\()\s*["']node:/;
const page = readFileSync(join(root, 'tooling/test/browser-page.ts'), 'utf8');

test('core and memory ask for nothing of Node', async () => {
  const files = await bundleForBrowser(page);
  expect([...files.values()].join('\n')).not.toMatch(asksForNode);
});

test('core and memory work in Chromium', { timeout: 60_000 }, async ({ skip }) => {
  skip(lacksChromium, chromiumReason);
  expect(await runInChromium(await bundleForBrowser(page, { minify: true }))).toEqual({
    written: { stored: 3, unconfirmed: 0, rejected: [] },
    read: [
      { series: 'room', time: 0, value: 1 },
      { series: 'room', time: 60_000, value: 2 },
      { series: 'room', time: 120_000, value: 6 },
    ],
    rollup: [{ series: 'room', time: 0, value: 3 }],
    told: [{ series: 'room', time: 180_000, value: 'text' }],
    record: { user: 'ada' },
    refused: 'invalid',
  });
});

/** Every provider with a protocol server, as its `test/speaker.ts` connects it. */
const speakers = globSync('packages/*/test/speaker.ts', { cwd: root }).sort();

interface Speaker {
  readonly protocol: string;
  readonly credentials: Readonly<Record<string, string>>;
}

describe.each(speakers)('%s', (file) => {
  const program = (url: string) => `
    import { speaker } from './${file}';
    await using provider = speaker.connect(${JSON.stringify(url)});
    const { capabilities: { write, read } } = provider;
    const times = [0, 60_000, 120_000].map((time) => Date.UTC(2026, 10, 21) + time);
    const { rejected } = await provider.write(times.map((time, i) => ({ series: 'room', time, value: i + 1 })));
    const points = read === undefined ? [] : await provider.read({ series: 'room', start: times[0], end: times[2] }).toArray();
    export const result = { rejected, values: points.map(({ value }) => value) };
  `;

  test('asks for nothing of Node', async () => {
    const files = await bundleForBrowser(program('http://localhost'));
    expect([...files.values()].join('\n')).not.toMatch(asksForNode);
  });

  test('writes and reads in Chromium, from another origin than the gateway', { timeout: 60_000 }, async ({ skip }) => {
    skip(lacksChromium, chromiumReason);
    const { protocol, credentials } = ((await import(pathToFileURL(join(root, file)).href)) as { speaker: Speaker }).speaker;
    const gateway = await startGateway({
      store: 'memory:',
      port: 0,
      corsOrigins: ['*'],
      log: { level: 'silent' },
      protocols: [protocol],
      credentials: [{ protocol, project: 'default', ...credentials }],
    });
    try {
      const result = await runInChromium(await bundleForBrowser(program(gateway.url), { minify: true }));
      expect(result).toEqual({ rejected: [], values: [1, 2] });
    } finally {
      await gateway.close();
    }
  });
});
