import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { root } from '../packages.ts';
import { bundleForBrowser } from './bundles.ts';

const browserPath = '/usr/bin/chromium';
const browserArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const page = readFileSync(join(root, 'tooling/test/browser-page.ts'), 'utf8');

test('core and memory ask for nothing of Node', async () => {
  const files = await bundleForBrowser(page);
  expect([...files.values()].join('\n')).not.toMatch(/(from|import|import\(|require\()\s*["']node:/);
});

test('core and memory work in Chromium', { timeout: 60_000 }, async ({ skip }) => {
  skip(!existsSync(browserPath) && !process.env.ANYSERIES_REQUIRE_ALL, 'needs the Debian package chromium');
  await using server = await serve(await bundleForBrowser(page, { minify: true }));
  const browser = await chromium.launch({ executablePath: browserPath, args: browserArguments });
  try {
    const tab = await browser.newPage();
    await tab.goto(server.url);
    // as text, because the test runner would rewrite the import
    const result = await tab.evaluate("import('/entry.js').then(({ result }) => result)");
    expect(result).toEqual({
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
  } finally {
    await browser.close();
  }
});

interface Server extends AsyncDisposable {
  readonly url: string;
}

async function serve(files: ReadonlyMap<string, string>): Promise<Server> {
  const server = createServer((request, response) => {
    const name = request.url?.slice(1) ?? '';
    if (name === '') return response.setHeader('content-type', 'text/html').end('<!doctype html>');
    const text = files.get(name);
    if (text === undefined) return response.writeHead(404).end();
    return response.setHeader('content-type', 'text/javascript').end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
