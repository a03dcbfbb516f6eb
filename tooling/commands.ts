import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './packages.ts';

export interface CommandResult {
  readonly passed: boolean;
  /** What it wrote, both streams as they came. */
  readonly output: string;
}

/** Runs a command to its end, without input. */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<CommandResult> {
  const child = spawn(command, args, {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env, CI: 'true', NO_COLOR: '1', FORCE_COLOR: '0', DO_NOT_TRACK: '1', TURBO_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk;
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ passed: false, output: `${output}${command}: ${error.message}\n` }));
    child.on('close', (code) => resolve({ passed: code === 0, output }));
  });
}

/** The path of a tool among the root's devDependencies. */
export function tool(name: string): string {
  return join(root, 'node_modules/.bin', name);
}
