import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startGateway } from '@anyseries/gateway';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bundleForBrowser } from '../../../tooling/test/bundles.ts';
import { chromiumReason, lacksChromium, launchChromium } from '../../../tooling/test/chromium.ts';

type Gateway = Awaited<ReturnType<typeof startGateway>>;
type Browser = Awaited<ReturnType<typeof launchChromium>>;

const [user, password] = ['alice', 'correct horse battery staple'];

let gateway: Gateway;
let browser: Browser | undefined;

beforeEach(async () => {
  gateway = await startGateway({
    store: 'memory:',
    port: 0,
    protocols: ['timetric'],
    corsOrigins: ['*'],
    credentials: [{ protocol: 'timetric', user, password, key: 'unusedunusedunus' }],
    log: { level: 'silent' },
  });
});
afterEach(async () => {
  await browser?.close();
  await gateway.close();
});

/** An application that is nothing but a page: it signs, writes and reads in the browser. */
const application = `
  import { createClient } from '@anyseries/timetric';

  const { url, consumerKey, consumerSecret } = JSON.parse(localStorage.settings);
  const client = createClient({ url, consumerKey, consumerSecret });

  async function begin() {
    const token = await client.getRequestToken({ callback: location.origin + '/?done=yes' });
    localStorage.token = JSON.stringify(token);
    location.href = (await client.getAuthorizeUrl(token)).url;
  }

  async function finish(verifier) {
    await client.getAccessToken(JSON.parse(localStorage.token), verifier);
    const series = await client.createSeries({ title: 'pump 3', caption: 'in the cellar', data: [[1000, 1.5]] });
    await series.update([[2000, true]]);
    await series.update('3,2.5\\n');
    await series.increment(-1);
    const rows = (await Array.fromAsync(series)).map(({ value }) => value);
    return { rows, latest: (await series.latest()).value, found: (await client.search({ user: 'me' })).series.map(({ title }) => title) };
  }

  const told = new URLSearchParams(location.search);
  if (told.has('error')) document.title = told.get('error');
  else if (told.has('oauth_verifier')) document.body.textContent = JSON.stringify(await finish(told.get('oauth_verifier')).catch(String));
  else await begin();
`;

async function serveApplication() {
  const files = await bundleForBrowser(application);
  const server = createServer(({ url = '' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const file = files.get(pathname.slice(1));
    if (file !== undefined) return response.setHeader('content-type', 'text/javascript').end(file);
    if (pathname !== '/') return response.writeHead(404).end();
    const script = url.includes('empty') ? '' : '<script type="module" src="/entry.js"></script>';
    return response.setHeader('content-type', 'text/html').end(`<!doctype html><body>${script}</body>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('an application is registered, asks, is approved, comes back, writes and reads', { timeout: 60_000 }, async ({ skip }) => {
  skip(lacksChromium, chromiumReason);
  await using app = await serveApplication();
  browser = await launchChromium();
  const tab = await browser.newPage();
  const problems: string[] = [];
  tab.on('pageerror', (error) => problems.push(String(error)));

  // the developer registers the application
  await tab.goto(`${gateway.url}/settings/`);
  await tab.getByLabel('Name').fill(user);
  await tab.getByLabel('Password').fill('wrong');
  await tab.getByRole('button', { name: 'Log in' }).click();
  expect(await tab.getByRole('alert').textContent()).toBe('The name or the password is wrong.');
  await tab.getByLabel('Name').fill(user);
  await tab.getByLabel('Password').fill(password);
  await tab.getByRole('button', { name: 'Log in' }).click();
  const register = tab.locator('form', { has: tab.getByRole('button', { name: 'Register an application' }) });
  await register.getByLabel('Name').fill('Pump <watch>');
  await register.getByRole('button').click();
  expect(await tab.getByRole('heading', { level: 1 }).textContent()).toBe('New application');
  const [consumerKey, consumerSecret] = await tab.locator('code').allTextContents();

  // the application sends its user to the page of approval
  await tab.goto(`${app.origin}/?empty`);
  await tab.evaluate(
    (settings) => {
      (globalThis as unknown as { localStorage: Record<string, string> }).localStorage.settings = settings;
    },
    JSON.stringify({ url: gateway.url, consumerKey, consumerSecret }),
  );
  await tab.goto(app.origin);
  await tab.waitForURL(`${gateway.url}/oauth/authorize/**`);
  expect(await tab.getByRole('heading', { level: 1 }).textContent()).toBe('Give Pump <watch> access?');
  expect(await tab.textContent('main')).toContain(new URL(app.origin).host);
  expect(await tab.content()).not.toContain(consumerSecret);

  // the user refuses first, and then approves
  await tab.getByRole('button', { name: 'Submit' }).click();
  await tab.waitForURL(`${app.origin}/**`);
  expect(new URL(tab.url()).searchParams.get('error')).toBe('Access not granted by user.');
  await tab.goto(app.origin);
  await tab.waitForURL(`${gateway.url}/oauth/authorize/**`);
  await tab.getByLabel('Authorize access').check();
  await tab.getByRole('button', { name: 'Submit' }).click();

  // the application has its access, and uses it
  await tab.waitForURL(`${app.origin}/?done=yes&oauth_token=**`);
  await tab.waitForFunction('document.body.textContent.length > 0');
  expect(JSON.parse((await tab.textContent('body'))!)).toEqual({ rows: [1.5, true, 2.5, 1.5], latest: 1.5, found: ['pump 3'] });

  // the user sees the series, and takes the access away
  await tab.goto(`${gateway.url}/search/`);
  await tab.getByRole('link', { name: 'pump 3' }).click();
  expect(await tab.getByRole('row').count()).toBe(5);
  await tab.goto(`${gateway.url}/settings/`);
  const access = tab.locator('table').last();
  expect(await access.textContent()).toContain('Pump <watch>');
  await access.getByRole('button', { name: /^Revoke Pump/ }).click();
  expect(await tab.getByRole('status').textContent()).toBe('The token has been revoked.');
  await tab.getByRole('link', { name: 'Back to the settings' }).click();
  expect(await tab.textContent('main')).toContain('No application has access to your series.');
  await tab.getByRole('button', { name: 'Log out' }).click();
  await tab.waitForURL(`${gateway.url}/login/`);
  await tab.goto(`${gateway.url}/settings/`);
  expect(tab.url()).toContain('/login/');
  expect(problems).toEqual([]);
});

test('a page of another site can neither frame the approval nor send its form', { timeout: 60_000 }, async ({ skip }) => {
  skip(lacksChromium, chromiumReason);
  await using app = await serveApplication();
  browser = await launchChromium();
  const tab = await browser.newPage();
  await tab.goto(`${gateway.url}/login/`);
  await tab.getByLabel('Name').fill(user);
  await tab.getByLabel('Password').fill(password);
  await tab.getByRole('button', { name: 'Log in' }).click();
  await tab.waitForURL(`${gateway.url}/settings/`);

  await tab.goto(`${app.origin}/?empty`);
  await tab.setContent(`<iframe src="${gateway.url}/settings/"></iframe>`);
  const frame = tab.frames().at(-1)!;
  await frame.waitForLoadState();
  expect(await frame.content()).not.toContain('Settings');

  await tab.setContent(
    `<form method="post" action="${gateway.url}/settings/tokens/"><input name="name" value="stolen"><button>go</button></form>`,
  );
  await tab.getByRole('button').click();
  await tab.waitForURL(`${gateway.url}/settings/tokens/`);
  expect(await tab.textContent('body')).toMatch(/This form is not from this site|Action not allowed/);
});
