/**
 * `pnpm bench [suite ...] [--json] [--save]`: measures, and fails if a bound is missed. Suites are the files `*.bench.ts` of this folder, by their
 * name. `--save` writes what suites publish to `docs/benchmarks`.
 * `N` in the environment sets the points of a run (1,000,000 unless told otherwise); bounds hold for that size, and fewer points only try the
 * suites out.
 */
import { readdir } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Row, Suite } from './row.ts';

const fullSize = 1_000_000;
const columnWidth = 12;
const size = Number(process.env.N ?? fullSize);
if (!Number.isSafeInteger(size) || size < 1) throw new Error('N: give a number of points');
const json = process.argv.includes('--json');
const isSaved = process.argv.includes('--save');
const machine = `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${gigabytes()} GB`;
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const names = await chooseSuites();
const print = json ? () => {} : (text: string) => console.log(text);

print(machine);
print(`${size.toLocaleString('en')} points a run; medians; ratio = speed of ours / speed of the bare loop in the same run`);
if (size < fullSize) print('Fewer points than the bounds are made for: they are shown and not enforced.');

const rows: (Row & { readonly suite: string })[] = [];
for (const name of names) {
  const { suite } = (await import(pathToFileURL(join(import.meta.dirname, `${name}.bench.ts`)).href)) as { suite: Suite };
  print(`\n${name}: ${suite.title}`);
  print(format('', 'median', 'CPUs', suite.columns ?? [], 'ratio (min–max) [95 %]', 'bound', ''));
  const own: Row[] = [];
  for await (const row of suite.run(size)) {
    if (row.group !== own.at(-1)?.group) print(`  ${row.group}`);
    own.push(row);
    print(formatRow(row, suite.columns ?? []));
  }
  rows.push(...own.map((row) => ({ suite: name, ...row })));
  if (isSaved && size >= fullSize) await suite.save?.(own, machine);
}

const missed = rows.filter(({ bound }) => bound?.met === false);
if (json) console.log(JSON.stringify({ node: process.versions.node, cpu: cpus()[0]?.model, size, rows }, null, 2));
print(
  `\n${missed.length === 0 ? 'every bound is met' : `${missed.length} bounds are missed: ${missed.map((row) => row.name).join(', ')}`}`,
);
process.exitCode = missed.length > 0 && size >= fullSize ? 1 : 0;

async function chooseSuites(): Promise<string[]> {
  const files = (await readdir(import.meta.dirname)).sort();
  const present = files.flatMap((file) => (file.endsWith('.bench.ts') ? [file.slice(0, -'.bench.ts'.length)] : []));
  const unknown = wanted.find((name) => !present.includes(name));
  if (unknown !== undefined) throw new Error(`there is no suite ${JSON.stringify(unknown)}; there are ${present.join(', ')}`);
  return wanted.length > 0 ? wanted : present;
}

function gigabytes(): string {
  return (totalmem() / 1e9).toFixed(0);
}

function formatRow({ name, result, cpus: busy, more, ratio, bound }: Row, columns: readonly string[]): string {
  const shown = ratio && `${two(ratio.median)} (${two(ratio.least)}–${two(ratio.most)}) [${two(ratio.low95)}–${two(ratio.high95)}]`;
  return format(
    name,
    result,
    busy === undefined ? '' : busy.toFixed(1),
    more ?? columns.map(() => ''),
    shown ?? '',
    bound?.text ?? '',
    bound === undefined ? '' : bound.met ? 'ok' : 'MISSED',
  );
}

function format(
  name: string,
  result: string,
  busy: string,
  more: readonly string[],
  ratio: string,
  bound: string,
  verdict: string,
): string {
  const columns = more.map((text) => ` ${text.padStart(columnWidth)}`).join('');
  return `  ${name.padEnd(44)} ${result.padStart(17)} ${busy.padStart(5)}${columns}  ${ratio.padEnd(32)} ${bound.padEnd(9)} ${verdict}`.trimEnd();
}

function two(number: number): string {
  return number.toFixed(2);
}
