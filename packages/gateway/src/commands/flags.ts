import { readFileSync } from 'node:fs';
import { systemClock } from '@anyseries/core';
import { invalid, show } from '@anyseries/core/provider';
import { checkConfiguration, type GatewayConfiguration } from '../configuration.ts';
import { defaultStore } from '../gateway.ts';
import { type MainStore, openMainStore } from '../main-store.ts';
import { createInstalled, type Installed } from '../packages.ts';
import type { Terminal } from './run.ts';

/** The flags of every command. */
export const commonFlags = { config: { type: 'string' }, store: { type: 'string' } } as const;

/** The configuration file, checked; nothing where none is named. @throws AnySeriesError `invalid` that names the file and the path in it */
export function readConfiguration(file: string | undefined): GatewayConfiguration {
  if (file === undefined) return {};
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (error) {
    throw invalid('--config', `${show(file)} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  return checkConfiguration(parseJson(source, file), file);
}

/** The parser's own message quotes what it stumbles over, which may be a key. */
function parseJson(source: string, file: string): unknown {
  try {
    return JSON.parse(source);
  } catch (error) {
    const place = /line \d+ column \d+|^Unexpected (?:token '.{1,2}'|end of JSON input)/.exec((error as Error).message)?.[0];
    throw invalid(file, `is no JSON${place === undefined ? '' : ` (${place})`}`);
  }
}

/** @throws AnySeriesError `invalid` that names the flag */
export function toPort(value: string | undefined, flag: string): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535) throw invalid(flag, `${show(value)} is no port`);
  return Number(value);
}

/** What the commands work on that manage a gateway, which may run meanwhile. */
export interface Managed extends MainStore {
  readonly configuration: GatewayConfiguration;
  readonly installed: Installed;
  readonly address: string;
}

/** Opens the main store for a command and closes it after it. */
export async function manage<T>(
  flags: { readonly config?: string | undefined; readonly store?: string | undefined },
  work: (managed: Managed) => Promise<T>,
): Promise<T> {
  const configuration = readConfiguration(flags.config);
  const address = flags.store ?? configuration.store ?? defaultStore;
  if (address === 'memory:') throw invalid('--store', 'a store in memory is gone when this command ends; name that of the gateway');
  const installed = createInstalled();
  const main = await openMainStore(address, configuration, installed, systemClock);
  try {
    return await work({ ...main, configuration, installed, address });
  } finally {
    await main.close();
  }
}

/** What a flag says, or the file that it names: `-` is the standard input. One line end at the end does not count. */
export async function readSecret(
  value: string | undefined,
  file: string | undefined,
  flag: string,
  { stdin }: Terminal,
): Promise<string | undefined> {
  if (value !== undefined && file !== undefined) throw invalid(flag, `is given twice: as ${flag} and as ${flag}-file`);
  if (value !== undefined && value !== '-') return value;
  const source = value ?? file;
  if (source === undefined) return undefined;
  try {
    const content = source === '-' ? await textOf(stdin) : readFileSync(source, 'utf8');
    return content.replace(/\r?\n$/, '');
  } catch (error) {
    throw invalid(`${flag}-file`, `${show(source)} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

async function textOf(stdin: Terminal['stdin']): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const part of stdin) text += typeof part === 'string' ? part : decoder.decode(part, { stream: true });
  return text;
}
