import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RunReport } from './run.ts';
import type { Sink } from './sink-process.ts';

/** A row of the suite: a program that delivers the points of `imported/gen.mjs`. */
export interface Contender {
  readonly name: string;
  /** The program, with its arguments. */
  readonly program: readonly string[];
  /** Whether each point is a line of its own and nothing is compressed: the sink then counts them all. */
  readonly isCounted?: boolean;
}

/** One run of a contender. */
export interface Measured extends RunReport {
  readonly bytes: number;
  readonly sockets: number;
}

export function bare(format: 'string' | 'json', transport: 'undici' | 'fetch'): Contender {
  const name = `bare loop: ${format === 'json' ? 'JSON' : 'lines'}, ${transport}`;
  return { name, program: ['imported/bare.mjs', format, transport, '4'], isCounted: format === 'string' };
}

/** An export of a file beside this one, see `run.ts`. */
export function candidate(name: string, file: string, exported: string, isCounted = false): Contender {
  return { name, program: ['run.ts', file, exported], isCounted };
}

/** Runs a contender in a process of its own. */
export async function measure({ name, program, isCounted }: Contender, points: number, sink: Sink): Promise<Measured> {
  const [file, ...rest] = program as [string, ...string[]];
  const env = { ...process.env, N: String(points), PORT: String(sink.port) };
  const flags = ['--conditions=anyseries-source', '--disable-warning=ExperimentalWarning', '--expose-gc'];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, join(import.meta.dirname, file), ...rest], { env });
  const { bytes, lines, sockets } = await sink.count();
  if (isCounted && lines !== points) throw new Error(`${name}: ${lines} of ${points} points have arrived`);
  return { ...readReport(JSON.parse(stdout), points), bytes, sockets };
}

type BareReport = { readonly pointsPerSecond: number; readonly cpuNsPerPoint: number; readonly peakRssMiB: number };

/** The bare loops report in words of their own; their memory is a sample per request. */
function readReport(report: RunReport | BareReport, points: number): RunReport {
  if ('ms' in report) return report;
  return {
    ms: (points / report.pointsPerSecond) * 1000,
    cpuMs: (report.cpuNsPerPoint * points) / 1e6,
    peakBytes: report.peakRssMiB * 1024 * 1024,
  };
}
