import { run, tool } from './commands.ts';
import { staleFiles } from './generate.ts';
import { type PackedPackage, packAll } from './pack.ts';
import { checkPackaging } from './packaging.ts';
import { checkInstall } from './packed-install.ts';
import { formatSizes, measureAll } from './sizes.ts';
import { checkTypeTests } from './type-tests.ts';

/** Answers what is wrong; nothing when the check passes. */
type Check = () => Promise<readonly string[]>;

let packing: Promise<PackedPackage[]> | undefined;

/** Everything that must hold before a commit, beside the tests. In this order: what reads the build comes after it. */
const checks: Readonly<Record<string, Check>> = {
  types: () => command('tsc', '-p', '.'),
  'type tests': checkTypeTests,
  'lint and format': () => command('biome', 'check', '--error-on-warnings', '.'),
  'generated files': staleFiles,
  build: () => command('turbo', 'run', 'build', '--output-logs=errors-only'),
  knip: () => command('knip', '--no-progress', '--no-config-hints'),
  packaging: () => forEachPacked(checkPackaging),
  'packed install': () => forEachPacked(checkInstall),
  sizes: async () => {
    const sizes = await measureAll();
    process.stdout.write(formatSizes(sizes));
    return sizes.flatMap(({ problems }) => problems);
  },
};

async function command(name: string, ...args: string[]): Promise<string[]> {
  const { passed, output } = await run(tool(name), args);
  return passed ? [] : [output];
}

async function forEachPacked(
  check: (target: PackedPackage, all: readonly PackedPackage[]) => Promise<readonly string[]>,
): Promise<string[]> {
  packing ??= packAll();
  const packages = await packing;
  const problems: string[] = [];
  for (const target of packages) problems.push(...(await check(target, packages).catch(asProblem)));
  return problems;
}

function asProblem(error: unknown): string[] {
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
}

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  console.log(`== ${name}`);
  const start = performance.now();
  const problems = await check().catch(asProblem);
  for (const problem of problems) console.log(problem.trimEnd());
  if (problems.length > 0) failed++;
  console.log(`${problems.length === 0 ? 'ok' : 'FAILED'}  ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)\n`);
}
console.log(`${Object.keys(checks).length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
