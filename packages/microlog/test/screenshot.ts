/** Makes the picture of a graph page that stands in the README: `node --conditions=anyseries-source packages/microlog/test/screenshot.ts`. */
import { fileURLToPath } from 'node:url';
import { launchBrowser, startPages } from './graph-page.ts';
import { ada, documentTime, requests } from './service.ts';

/** Requests of two days: more by day, with a busy evening. */
const points = Array.from({ length: 2 * 24 * 12 }, (_, place) => {
  const time = documentTime - place * 300;
  const hour = (time / 3600) % 24;
  const daily = 60 + 45 * Math.sin(((hour - 8) / 24) * 2 * Math.PI);
  const evening = 70 * Math.exp(-((hour - 20) ** 2) / 4);
  return { time, count: Math.round(daily + evening + 12 * Math.sin(place * 1.7) + 8 * Math.sin(place * 0.61)) };
});

await using pages = await startPages([{ ...ada, graphs: [{ id: requests, name: 'Requests per 20 minutes' }] }], {
  points: { [requests]: points },
});
const browser = await launchBrowser();
try {
  const tab = await browser.newPage({ viewport: { width: 1080, height: 640 }, colorScheme: 'light' });
  await tab.goto(`${pages.url}/graphs/${requests}?i=3600`);
  await tab.screenshot({ path: fileURLToPath(new URL('../graph-page.png', import.meta.url)) });
} finally {
  await browser.close();
}
