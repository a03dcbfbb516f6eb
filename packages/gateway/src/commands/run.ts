import { isAnySeriesError } from '@anyseries/core';
import { invalid, show } from '@anyseries/core/provider';
import { version } from '../gateway.ts';
import { credentials } from './credentials.ts';
import { help } from './help.ts';
import { projects } from './projects.ts';
import { protocols } from './protocols.ts';
import { serve } from './serve.ts';
import { tryOut } from './try.ts';

/** Where a command reads and writes. */
export interface Terminal {
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** A command: takes what follows its name. @throws AnySeriesError */
export type Command = (args: readonly string[], terminal: Terminal) => Promise<void>;

const commands: ReadonlyMap<string, Command> = new Map([
  ['serve', serve],
  ['credentials', credentials],
  ['projects', projects],
  ['protocols', protocols],
  ['try', tryOut],
]);

/** Runs the program `anyseries-gateway`. Answers the exit code: 0 done, 1 failed, 2 wrong usage or configuration. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<0 | 1 | 2> {
  const [name = '--help', ...rest] = args;
  try {
    if (name === '--help' || args.includes('--help')) terminal.stdout.write(help);
    else if (name === '--version') terminal.stdout.write(`${version}\n`);
    else await commandOf(name)(rest, terminal);
    return 0;
  } catch (error) {
    terminal.stderr.write(`anyseries-gateway: ${problemOf(error)}\n`);
    return isWrongUsage(error) ? 2 : 1;
  }
}

function commandOf(name: string): Command {
  const command = commands.get(name);
  if (command === undefined) throw invalid(show(name), `is no command; there are ${[...commands.keys()].join(', ')}; see --help`);
  return command;
}

function isWrongUsage(error: unknown): boolean {
  return (isAnySeriesError(error) && error.code === 'invalid') || isOfParser(error);
}

function isOfParser(error: unknown): error is Error {
  return error instanceof Error && String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS');
}

/** The message of what is ours, the stack of what should not happen. */
function problemOf(error: unknown): string {
  if (isAnySeriesError(error) || isOfParser(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
