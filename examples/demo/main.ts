/**
 * The main job on real data: writes the tables of `vega-datasets` through every backend, reads them back, compares every point.
 *
 * `pnpm demo [backend ...]`: ids of backends (`memory`), or paths of modules that export `open()`; without any, all of `packages/`.
 */
import { findBackends } from './backends.ts';
import { drawChart } from './chart.ts';
import { type Dataset, loadDatasets } from './datasets.ts';
import { exercise, type Tally } from './exercise.ts';
import { createProgress } from './progress.ts';

const shownProblems = 10;
const progress = createProgress(process.stdout);

const datasets = await loadDatasets();
const backends = await findBackends(process.argv.slice(2));
const chartSeries = datasets.flatMap(({ series }) => series).find(({ column }) => column === 'temp_max')!;

progress.line('Real data from the npm package vega-datasets');
for (const dataset of datasets) progress.line(`  ${describe(dataset)}`);

const tallies: Tally[] = [];
for (const backend of backends) {
  progress.line(`\n${backend.id}`);
  const tally = await exercise(backend, datasets, chartSeries.key, progress);
  for (const problem of tally.problems.slice(0, shownProblems)) progress.line(`  ✗ ${problem}`);
  if (tally.problems.length > shownProblems) progress.line(`  ✗ and ${tally.problems.length - shownProblems} more`);
  tallies.push(tally);
}

const [drawn] = tallies.map((tally) => tally.drawn).filter((points) => points.length > 0);
if (drawn !== undefined) {
  const points = drawn.map(({ time, value }) => ({ time, value: Number(value) }));
  const color = process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '';
  const width = Math.min(process.stdout.columns || Number(process.env.COLUMNS) || 80, 120);
  progress.line();
  for (const line of drawChart(points, { title: 'Seattle: the hottest day of each month, °C', width, height: 13, color }))
    progress.line(line);
}

const total = (of: (tally: Tally) => number) => tallies.reduce((sum, tally) => sum + of(tally), 0);
const [written, readBack, lost, wrong] = [total((t) => t.written), total((t) => t.readBack), total((t) => t.lost), total((t) => t.wrong)];
const isProven = readBack > 0 && lost === 0 && wrong === 0 && tallies.every(({ problems }) => problems.length === 0);
process.exitCode = isProven ? 0 : 1;
progress.line();
progress.line(`demo: ${backends.length} backends, ${written} points written, ${readBack} read back, ${lost} lost, ${wrong} wrong`);

function describe({ id, series }: Dataset): string {
  const columns = series.map(({ column }) => column).join(', ');
  return `${id}: ${series.length} series (${columns}) of ${series[0]!.points.length.toLocaleString('en')} days`;
}
