import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Capabilities, ReadCapability, WriteCapability } from '@anyseries/core';
import { backendIds, programFor, programPath, specifierOf } from '../examples/swap/generate.ts';
import { findPackages, type Package, root } from './packages.ts';

/** What the conformance suite leaves beside a package that has passed it. */
interface ConformanceReport {
  readonly capabilities: Capabilities;
}

/** What is generated: capability tables from conformance.json, the table of packages from the folders, the swap programs from their template. */
async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const packages = findPackages();
  const files = new Map<string, string>();
  for (const entry of packages) {
    const report = readReport(entry);
    const file = `packages/${entry.id}/README.md`;
    if (report !== undefined) files.set(file, fill(file, 'capabilities', capabilityTable(report.capabilities)));
  }
  files.set('README.md', fill('README.md', 'packages', packageTable(packages)));
  for (const id of await backendIds()) files.set(relative(root, programPath(id)), await programFor(await specifierOf(id)));
  return files;
}

/** Generated files that are not up to date, as problems. */
export async function staleFiles(): Promise<string[]> {
  return [...(await generatedFiles())].flatMap(([file, text]) => {
    const present = existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined;
    return text === present ? [] : [`${file} is not up to date: run pnpm generate`];
  });
}

function readReport({ folder }: Package): ConformanceReport | undefined {
  const file = join(folder, 'conformance.json');
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, 'utf8')) as ConformanceReport;
}

/** Puts text between `<!-- name -->` and `<!-- /name -->`. */
function fill(file: string, name: string, text: string): string {
  const source = readFileSync(join(root, file), 'utf8');
  const [opening, closing] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const start = source.indexOf(opening);
  const end = source.indexOf(closing);
  if (start === -1 || end < start) throw new Error(`${file} lacks ${opening} and ${closing}`);
  return `${source.slice(0, start + opening.length)}\n${text}${source.slice(end)}`;
}

function packageTable(packages: readonly Package[]): string {
  const rows = packages.map((entry) => {
    const link = `[\`${entry.manifest.name}\`](packages/${entry.id}/README.md)`;
    const capabilities = readReport(entry)?.capabilities;
    return [link, entry.manifest.description ?? '', capabilities === undefined ? '' : summary(capabilities)];
  });
  return table(['package', 'what it is', 'what it can do'], rows);
}

function summary({ write, read, values }: Capabilities): string {
  const operations = [
    ...(write === undefined
      ? []
      : [
          'write',
          ...(write.increment ? ['increment'] : []),
          ...(write.deletes ? ['delete'] : []),
          ...(write.putSeries ? ['metadata'] : []),
        ]),
    ...(read === undefined
      ? []
      : ['read', ...(read.latest ? ['latest'] : []), ...(read.rollups ? ['rollups'] : []), ...(read.subscribe ? ['subscribe'] : [])]),
  ];
  return `${operations.join(', ')}; values: ${values.join(', ')}`;
}

function capabilityTable({ write, read, values, times, keys, visibleWithinMs }: Capabilities): string {
  const rows: [string, string][] = [
    ['write', write === undefined ? 'no' : writing(write)],
    ...(write === undefined ? [] : [['a point at an existing time', write.onDuplicate] satisfies [string, string]]),
    ['read', read === undefined ? 'no' : reading(read)],
    ...(read === undefined
      ? []
      : [['rollups of its own', read.rollups?.join(', ') ?? 'none: core computes them'] satisfies [string, string]]),
    ['values', values.join(', ')],
    ['times', `${times.resolution}, ${day(times.min)} to ${day(times.max)}`],
    ['keys', `${keys.maxBytes} bytes, case ${keys.caseSensitive ? 'kept' : 'ignored'}`],
    ['visible after a write', visibleWithinMs === 0 ? 'at once' : `within ${visibleWithinMs} ms`],
  ];
  return table(['capability', 'as declared'], rows);
}

function writing({ outcome, granularity, limits, increment, deletes, putSeries }: WriteCapability): string {
  const more = [
    ...(increment ? [increment === 'integers' ? 'increment by integers' : 'increment'] : []),
    ...(deletes === undefined ? [] : [deletes === 'range' ? 'delete ranges and series' : 'delete whole series']),
    ...(putSeries ? ['put metadata'] : []),
  ];
  const most = Object.entries(limits).map(([name, limit]) => `${name} ${limit}`);
  return `${outcome}, verdict per ${granularity === 'item' ? 'point' : 'request'}; ${also(more)}; limits of a request: ${most.join(', ') || 'none'}`;
}

function reading({ windows, series, latest, subscribe }: ReadCapability): string {
  const more = [...(series ? ['list series'] : []), ...(latest ? ['latest'] : []), ...(subscribe ? ['subscribe'] : [])];
  return `${windows === 'any' ? 'any range' : 'windows that end now'}; ${also(more)}`;
}

function also(operations: readonly string[]): string {
  return operations.length === 0 ? 'nothing else' : `also ${operations.join(', ')}`;
}

function day(time: number): string {
  return new Date(time).toISOString().replace(/T.*$/, '');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

if (import.meta.main) {
  for (const [file, text] of await generatedFiles()) writeFileSync(join(root, file), text);
}
