import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium } from 'playwright-core';

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

/** Whether a test that wants a browser has to be left out, and why. */
export const lacksChromium = !existsSync(browserPath) && !process.env.ANYSERIES_REQUIRE_ALL;
export const chromiumReason = 'needs the Debian package chromium';

/** Starts a browser; who starts it closes it. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: browserPath, args: browserArguments });
}

/** Serves the modules of a bundle, opens an empty page on them and answers what `entry.js` exports as `result`. */
export async function runInChromium(files: ReadonlyMap<string, string>): Promise<unknown> {
  await using server = await serve(files);
  const browser = await launchChromium();
  try {
    const tab = await browser.newPage();
    await tab.goto(server.url);
    // as text, because the test runner would rewrite the import
    return await tab.evaluate("import('/entry.js').then(({ result }) => result)");
  } finally {
    await browser.close();
  }
}

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
