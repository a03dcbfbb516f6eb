/**
 * Tests the tests: each patch in tooling/defects/ breaks the packages in one way, and the conformance suite must notice, or the test files that
 * the patch names.
 *
 * `pnpm defects [--every N] [names...]`: all defects, every Nth, or those named (without `.patch`).
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

interface Defect {
  readonly name: string;
  readonly file: string;
  /** From the line `Noticed by: memory, sqlite`; without it, all subjects are run. */
  readonly subjects: readonly string[];
  /** From the line `Noticed by the tests: packages/core/test/writer/order.test.ts`: these are run instead of the suite. */
  readonly tests: readonly string[];
}

/** What became of one run of the suite, or of tests. */
type Outcome = { readonly kind: 'green'; readonly cases: string } | { readonly kind: 'failed' | 'hang' | 'broken'; readonly where: string };

const root = fileURLToPath(new URL('..', import.meta.url));
const defectFolder = join(root, 'tooling/defects');
const atOnce = 2;
/** A case that takes longer hangs. */
const hangMs = 60_000;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { every: { type: 'string', default: '1' } } });
const defects = select(readDefects(), Number(values.every), positionals);
process.exitCode = await main();

async function main(): Promise<number> {
  const bySuite = defects.filter(({ tests }) => tests.length === 0);
  const subjects = bySuite.every((defect) => defect.subjects.length > 0) ? [...new Set(bySuite.flatMap((defect) => defect.subjects))] : [];
  const tests = [...new Set(defects.flatMap((defect) => defect.tests))];
  const runs = [...(bySuite.length > 0 ? [{ subjects, tests: [] }] : []), ...(tests.length > 0 ? [{ subjects: [], tests }] : [])];
  for (const run of runs) {
    const whole = await withCopy((folder) => runWhatNotices(folder, run));
    if (whole.kind !== 'green') {
      console.log(`without any defect: ${whole.kind}: ${whole.where}`);
      console.log('0 passed, 1 failed');
      return 1;
    }
    console.log(`without any defect: ${whole.cases}`);
  }
  let passed = 0;
  let failed = 0;
  const queue = [...defects];
  async function work(): Promise<void> {
    for (let defect = queue.shift(); defect !== undefined; defect = queue.shift()) {
      const { isCaught, told } = await tryDefect(defect);
      console.log(`${defect.name}: ${told}`);
      if (isCaught) passed++;
      else failed++;
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work));
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function tryDefect(defect: Defect): Promise<{ isCaught: boolean; told: string }> {
  return withCopy(async (folder) => {
    const problem = apply(defect, folder);
    if (problem !== undefined) return { isCaught: false, told: `does not apply (${problem})` };
    const outcome = await runWhatNotices(folder, defect);
    switch (outcome.kind) {
      case 'green':
        return { isCaught: false, told: 'MISSED' };
      case 'failed':
        return { isCaught: true, told: `caught by ${outcome.where}` };
      case 'hang':
        return { isCaught: true, told: `caught by a hang of ${hangMs / 1000} s after ${outcome.where}` };
      case 'broken':
        return { isCaught: false, told: `does not run (${outcome.where})` };
    }
  });
}

/** Answers what went wrong. */
function apply({ file }: Defect, folder: string): string | undefined {
  // outside any repository, so that git takes the patch for what it is
  const environment = { ...process.env, GIT_CEILING_DIRECTORIES: join(folder, '..') };
  const git = spawnSync('git', ['apply', '-p1', '-C1', '--whitespace=nowarn', file], { cwd: folder, env: environment, encoding: 'utf8' });
  if (git.status === 0) return undefined;
  return git.error === undefined ? git.stderr.trim().split('\n').at(-1) : git.error.message;
}

/** Runs in a copy of the packages that leads to nothing but itself and the root's dependencies. */
async function withCopy<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'anyseries-defect-'));
  try {
    const filter = (source: string) => !['dist', 'coverage', '.turbo'].includes(basename(source));
    cpSync(join(root, 'packages'), join(folder, 'packages'), { recursive: true, verbatimSymlinks: true, filter });
    mkdirSync(join(folder, 'node_modules/@anyseries'), { recursive: true });
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if (name !== '@anyseries') symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
    }
    for (const name of ['vitest.config.ts', 'tooling']) cpSync(join(root, name), join(folder, name), { recursive: true });
    for (const name of readdirSync(join(folder, 'packages'))) {
      symlinkSync(join(folder, 'packages', name), join(folder, 'node_modules/@anyseries', name));
    }
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runWhatNotices(folder: string, { subjects, tests }: Pick<Defect, 'subjects' | 'tests'>): Promise<Outcome> {
  return tests.length > 0 ? runTests(folder, tests) : runSuite(folder, subjects);
}

/** Until the first that fails. */
function runTests(folder: string, tests: readonly string[]): Promise<Outcome> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', '--bail=1', '--reporter=json', ...tests], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // a group of its own, so that workers which no longer listen end with it
    detached: true,
  });
  let output = '';
  let noise = '';
  let isHanging = false;
  const timer = setTimeout(() => {
    isHanging = true;
    process.kill(-child.pid!, 'SIGKILL');
  }, 2 * hangMs);
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    noise = `${noise}${chunk}`.slice(-4000);
  });
  return new Promise((resolve) => {
    child.once('close', () => {
      clearTimeout(timer);
      if (isHanging) resolve({ kind: 'hang', where: 'the start of the tests' });
      else
        resolve(
          readTestReport(join(folder, '.vitest/json/output.json')) ?? {
            kind: 'broken',
            where: firstError(`${output}\n${noise}`) ?? 'no report',
          },
        );
    });
  });
}

function readTestReport(file: string): Outcome | undefined {
  if (!existsSync(file)) return undefined;
  const report = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly success: boolean;
    readonly numPassedTests: number;
    readonly testResults: readonly { readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[] }[];
  };
  const failed = report.testResults.flatMap(({ assertionResults }) => assertionResults).find(({ status }) => status === 'failed');
  if (failed !== undefined) return { kind: 'failed', where: failed.fullName };
  return report.success && report.numPassedTests > 0 ? { kind: 'green', cases: `ok ${report.numPassedTests} tests` } : undefined;
}

function runSuite(folder: string, subjects: readonly string[]): Promise<Outcome> {
  const program = join(folder, 'packages/conformance/test/run-suite.ts');
  const child = spawn(process.execPath, ['--conditions=anyseries-source', '--no-warnings', program, ...subjects], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let last = 'the start';
  let cases = '';
  let failure: string | undefined;
  let isHanging = false;
  let noise = '';
  let timer = setTimeout(hang, hangMs);
  function hang(): void {
    isHanging = true;
    child.kill('SIGKILL');
  }
  createInterface({ input: child.stdout }).on('line', (line) => {
    clearTimeout(timer);
    timer = setTimeout(hang, hangMs);
    if (line.startsWith('not ok ')) failure ??= line.slice('not ok '.length);
    else if (line.startsWith('done ')) last = line.slice('done '.length);
    else if (line.startsWith('ok ')) cases = line;
  });
  child.stderr.on('data', (chunk) => {
    noise = `${noise}${chunk}`.slice(-4000);
  });
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (failure !== undefined) resolve({ kind: 'failed', where: failure });
      else if (isHanging) resolve({ kind: 'hang', where: last });
      else if (code === 0) resolve({ kind: 'green', cases });
      else if (last !== 'the start')
        resolve({ kind: 'failed', where: `the end of the process (${firstError(noise) ?? signal ?? code}) after ${last}` });
      else resolve({ kind: 'broken', where: firstError(noise) ?? `exit code ${code}` });
    });
  });
}

function firstError(noise: string): string | undefined {
  return noise.split('\n').find((line) => /error/i.test(line));
}

function readDefects(): Defect[] {
  const files = readdirSync(defectFolder).filter((name) => name.endsWith('.patch'));
  return files.sort().map((name) => {
    const file = join(defectFolder, name);
    const text = readFileSync(file, 'utf8');
    const listed = (line: RegExp) => (line.exec(text)?.[1] ?? '').split(/[\s,]+/).filter(Boolean);
    const [subjects, tests] = [listed(/^Noticed by:(.*)$/m), listed(/^Noticed by the tests:(.*)$/m)];
    return { name: name.replace(/\.patch$/, ''), file, subjects, tests };
  });
}

function select(all: readonly Defect[], every: number, names: readonly string[]): readonly Defect[] {
  if (!Number.isInteger(every) || every < 1) throw new Error(`--every ${values.every} is no whole number from 1 on`);
  const unknown = names.filter((name) => !all.some((defect) => defect.name === name));
  if (unknown.length > 0) throw new Error(`no such defect: ${unknown.join(', ')}`);
  return all.filter(({ name }, i) => (names.length === 0 || names.includes(name)) && i % every === 0);
}
