import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Row } from '../row.ts';
import { drawBars } from './bars.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'docs/benchmarks');
const clients = ['undici', '@influxdata/influxdb-client', '@questdb/nodejs-client', '@clickhouse/client'];

/** Writes `delivery.md` and `delivery.svg`. */
export async function saveReport(rows: readonly Row[], machine: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const groups = Map.groupBy(rows, ({ group = '' }) => group);
  const versions = await Promise.all(clients.map(async (name) => `${name} ${await installedVersion(name)}`));
  const parts = [
    '# Delivery: points per second, and what they cost',
    `${new Date().toISOString().slice(0, 10)}. ${machine}. ${versions.join(', ')}.`,
    'Written by `pnpm bench delivery --save`. Every run is a process of its own; contenders take turns, and a ratio compares neighbours: it is the median over the rounds, with the 95 % interval of that median by the bootstrap. The other side is a server on the loopback that takes everything and counts. Points are those of the bare loops: 100 series, values with two decimals, built inside the loop. `fetch` is compared with a bare `fetch` loop, JSON with bare JSON.',
    '![Points per second](delivery.svg)',
    ...[...groups].flatMap(([group, each]) => [`## ${group}`, group.endsWith('bounds') ? boundTable(each) : speedTable(each)]),
  ];
  await writeFile(join(folder, 'delivery.md'), `${parts.join('\n\n')}\n`);
  await writeFile(join(folder, 'delivery.svg'), drawBars(chartPanels(groups)));
}

function speedTable(rows: readonly Row[]): string {
  const columns = ['', 'points/s', 'ratio to bare', '95 %', 'bound', 'CPU ns/point', 'bytes/point', 'peak MB', 'sockets'];
  return table(
    columns,
    rows.map(({ name, perSecond, ratio, bound, more = ['', '', '', ''] }) => [
      name.trim(),
      perSecond === undefined ? '' : `${Math.round(perSecond / 1000).toLocaleString('en')}k`,
      ratio === undefined ? '' : ratio.median.toFixed(2),
      ratio === undefined ? '' : `${ratio.low95.toFixed(2)}–${ratio.high95.toFixed(2)}`,
      boundText(bound),
      ...more,
    ]),
  );
}

function boundTable(rows: readonly Row[]): string {
  return table(
    ['', 'measured', 'bound'],
    rows.map(({ name, result, bound }) => [name, result, boundText(bound)]),
  );
}

function boundText(bound: Row['bound']): string {
  return bound === undefined ? '' : `${bound.text}${bound.met ? '' : ' (missed)'}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** One panel per number of points; the bare loop that runs along with the other clients is there already. */
function chartPanels(groups: ReadonlyMap<string, readonly Row[]>) {
  const panels = new Map<string, Map<string, number>>();
  for (const [group, rows] of groups) {
    const title = group.split(',').slice(0, -1).join(',');
    const bars = panels.get(title) ?? new Map<string, number>();
    panels.set(title, bars);
    for (const { name, perSecond } of rows) if (perSecond !== undefined && !bars.has(name)) bars.set(name, perSecond);
  }
  return Array.from(panels, ([title, bars]) => ({ title, bars }));
}

async function installedVersion(name: string): Promise<string> {
  return (JSON.parse(await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version;
}
