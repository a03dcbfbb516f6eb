import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumReason, lacksChromium } from '../../../tooling/test/chromium.ts';
import { launchBrowser, startPages } from './graph-page.ts';
import { ada, documentTime, documentUsers, requests, session } from './service.ts';

const hostileNames = [
  `</script><script>window.harmed = true; alert(1)</script>`,
  `"><img src=x onerror="window.harmed = true">`,
  `</title></svg><svg onload="window.harmed = true">`,
  `' ], label: "x", data: [ 9,9 ]`,
  `{{constructor.constructor('window.harmed = true')()}}`,
  `<a href="javascript:window.harmed = true">click</a>`,
  '\u202eevil&amp;&lt;',
];

describe.skipIf(lacksChromium)(lacksChromium ? `pages in a browser (${chromiumReason})` : 'pages in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  /** A tab, what it has asked for elsewhere, and what it complains about. */
  async function openTab(url: string) {
    const context = await browser.newContext();
    const tab = await context.newPage();
    const elsewhere: string[] = [];
    const complaints: string[] = [];
    tab.on('request', (request) => {
      if (!request.url().startsWith(url)) elsewhere.push(request.url());
    });
    tab.on('console', (message) => complaints.push(message.text()));
    tab.on('pageerror', (error) => complaints.push(String(error)));
    tab.on('dialog', (dialog) => {
      complaints.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    return { tab, elsewhere, complaints, close: () => context.close() };
  }

  async function fillAndSend(tab: Page, fields: Readonly<Record<string, string>>, button: string): Promise<void> {
    for (const [label, value] of Object.entries(fields)) await tab.getByLabel(label, { exact: true }).fill(value);
    await tab.getByRole('button', { name: button }).click();
  }

  test('people create an account, make a graph, add points, look at them and log out', async () => {
    await using pages = await startPages([]);
    const { tab, elsewhere, complaints, close } = await openTab(pages.url);
    await tab.goto(pages.url);
    await tab.getByRole('link', { name: 'Create an account' }).click();
    await fillAndSend(tab, { 'User name': 'Carol', Password: 'pw', 'Password again': 'PW' }, 'Create an account');
    expect(await tab.locator('.message').textContent()).toBe('ERROR: Passwords did not match');
    await fillAndSend(tab, { 'User name': 'Carol', Password: 'pw', 'Password again': 'pw' }, 'Create an account');
    expect(await tab.locator('main').textContent()).toContain('Logged in as Carol.');
    await tab.locator('summary').click();
    expect(await tab.locator('code').textContent()).toMatch(/^[0-9A-Za-z]{20}$/);
    await fillAndSend(tab, { 'New graph': 'Visitors' }, 'Create');
    await tab.getByRole('link', { name: 'Visitors' }).click();
    await fillAndSend(tab, { Count: '3', Text: 'hello' }, 'Add a point now');
    await fillAndSend(tab, { Count: '4' }, 'Add a point now');
    await tab.getByRole('link', { name: 'hour' }).click();
    expect(await tab.locator('h1').textContent()).toBe('Visitors');
    expect(await tab.locator('.scales .current').textContent()).toBe('hour');
    const chart = tab.getByRole('img', { name: 'Visitors' });
    expect((await chart.boundingBox())!.height).toBeGreaterThan(200);
    expect(await chart.locator('rect title').last().textContent()).toBe('November 4 / 1:0: 7');
    expect(await tab.locator('script').textContent()).toMatch(/data: \[ 0,.*,7 \]/);
    await tab.getByRole('link', { name: 'Dashboard' }).click();
    await tab.getByRole('link', { name: 'Log out' }).click();
    await tab.goto(`${pages.url}/dashboard`);
    expect(await tab.locator('.message').textContent()).toBe('ERROR: Token invalid. Please log in again.');
    expect(elsewhere).toEqual([]);
    expect(complaints).toEqual([]);
    await close();
  }, 60_000);

  test('graphs with hostile names do no harm, on the dashboard and on their own pages', async () => {
    const graphs = hostileNames.map((name, place) => ({ id: `Hostile00000000000${place}0`.slice(0, 20), name }));
    await using pages = await startPages([{ ...ada, session, graphs }]);
    await pages.store.write([{ series: `<img src=x onerror="window.harmed = true">`, time: documentTime * 1000, value: 1 }]);
    const { tab, elsewhere, complaints, close } = await openTab(pages.url);
    await tab.context().addCookies([{ name: 'token', value: session, url: pages.url }]);
    const harmed = () => tab.evaluate('window.harmed');
    await tab.goto(`${pages.url}/dashboard`);
    const links = tab.locator('main p > a[href*="/graphs/"]');
    expect((await links.allTextContents()).slice(0, graphs.length)).toEqual(hostileNames);
    expect(await harmed()).toBe(undefined);
    for (const { id, name } of graphs) {
      await tab.goto(`${pages.url}/graphs/${id}`);
      expect(await tab.locator('h1').textContent()).toBe(name);
      expect(await tab.locator('main img, main a[href^="javascript"]').count()).toBe(0);
      expect(await tab.locator('script').count()).toBe(1);
      expect(await harmed()).toBe(undefined);
    }
    expect(elsewhere).toEqual([]);
    expect(complaints).toEqual([]);
    await close();
  }, 60_000);

  test('a page works in the dark, on a small screen, and with negative sums', async () => {
    await using pages = await startPages(documentUsers, {
      points: {
        [requests]: [
          { time: documentTime - 60, count: -40 },
          { time: documentTime, count: 3 },
        ],
      },
    });
    const context = await browser.newContext({ colorScheme: 'dark', viewport: { width: 360, height: 640 } });
    const tab = await context.newPage();
    await tab.goto(`${pages.url}/graphs/${requests}?i=60`);
    expect(await tab.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(await tab.locator('.chart text').allTextContents()).toEqual(expect.arrayContaining(['-40', '0', '10']));
    expect(await tab.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(22, 24, 27)');
    await context.close();
  }, 60_000);
});
