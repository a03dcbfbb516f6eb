import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RunReport } from './run.ts';
import type { Sink } from './sink-process.ts';

/** A row of the suite: a program that delivers the points of `imported/gen.mjs`. */
export interface Contender {
  readonly name: string;
  readonly program: { readonly folder: 'imported' | 'bundled'; readonly file: string; readonly arguments: readonly string[] };
  /** Whether each point is a line of its own and nothing is compressed: the sink then counts them all. */
  readonly isCounted: boolean;
}

/** What a run needs. */
export interface Arena {
  /** The folder of {@link bundleCandidates}. */
  readonly bundled: string;
  readonly sink: Sink;
}

/** One run of a contender. */
export interface Measured extends RunReport {
  readonly bytes: number;
  readonly sockets: number;
}

export function bare(format: 'string' | 'json', transport: 'undici' | 'fetch'): Contender {
  return {
    name: `bare loop: ${format === 'json' ? 'JSON' : 'lines'}, ${transport}`,
    program: { folder: 'imported', file: 'bare.mjs', arguments: [format, transport, '4'] },
    isCounted: format === 'string',
  };
}

/** An export of a file beside this one, see `run.ts`. */
export function candidate(name: string, file: string, exported: string, isCounted = false): Contender {
  return { name, program: { folder: 'bundled', file: 'run.js', arguments: [file, exported] }, isCounted };
}

/** Runs a contender in a process of its own. */
export async function measure({ name, program, isCounted }: Contender, points: number, { bundled, sink }: Arena): Promise<Measured> {
  const folder = program.folder === 'bundled' ? bundled : join(import.meta.dirname, 'imported');
  const env = { ...process.env, N: String(points), PORT: String(sink.port) };
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', join(folder, program.file), ...program.arguments], {
    env,
  });
  const { bytes, lines, sockets } = await sink.count();
  if (isCounted && lines !== points) throw new Error(`${name}: ${lines} of ${points} points have arrived`);
  return { ...readReport(JSON.parse(stdout), points), bytes, sockets };
}

interface BareReport {
  readonly pointsPerSecond: number;
  readonly cpuNsPerPoint: number;
  readonly peakRssMiB: number;
}

/** The bare loops report in words of their own; their memory is a sample per request. */
function readReport(report: RunReport | BareReport, points: number): RunReport {
  if ('ms' in report) return report;
  return {
    ms: (points / report.pointsPerSecond) * 1000,
    cpuMs: (report.cpuNsPerPoint * points) / 1e6,
    peakBytes: report.peakRssMiB * 1024 * 1024,
  };
}
