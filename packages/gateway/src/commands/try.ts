import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isAnySeriesError, systemClock } from '@anyseries/core';
import type { CredentialFields } from '@anyseries/core/server';
import { defaultPort, startGateway } from '../gateway.ts';
import { openMainStore } from '../main-store.ts';
import type { Gateway } from '../options.ts';
import { createInstalled } from '../packages.ts';
import { type FoundProtocol, findProtocols } from '../protocols.ts';
import { toPort } from './flags.ts';
import type { Terminal } from './run.ts';
import { untilStopped } from './serve.ts';

/** Runs the gateway on a fresh file, with a credential for each protocol, and says how to reach it. */
export async function tryOut(args: readonly string[], { stdout }: Terminal): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { port: { type: 'string' } } });
  const folder = mkdtempSync(join(tmpdir(), 'anyseries-gateway-'));
  try {
    const store = `sqlite:${join(folder, 'data.db')}`;
    const found = await findProtocols(undefined, createInstalled());
    const fields = await addCredentials(store, found);
    const gateway = await startOn(store, found, toPort(values.port, '--port'));
    stdout.write(introduction(gateway, store, found, fields));
    await untilStopped(gateway);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function addCredentials(store: string, found: readonly FoundProtocol[]): Promise<CredentialFields[]> {
  const { credentials, vault, close } = await openMainStore(store, {}, createInstalled(), systemClock);
  try {
    return await Promise.all(found.map(({ protocol }) => protocol.credentials.add({}, 'default', credentials, vault)));
  } finally {
    await close();
  }
}

/** Takes the usual port, or a free one if somebody has that. */
async function startOn(store: string, found: readonly FoundProtocol[], port: number | undefined): Promise<Gateway> {
  const options = { store, protocols: found.map(({ protocol }) => protocol) };
  try {
    return await startGateway({ ...options, port: port ?? defaultPort });
  } catch (error) {
    if (port !== undefined || !isAnySeriesError(error) || error.code !== 'conflict') throw error;
    return await startGateway({ ...options, port: 0 });
  }
}

function introduction(
  { url, protocols }: Gateway,
  store: string,
  found: readonly FoundProtocol[],
  fields: readonly CredentialFields[],
): string {
  const parts = found.map(({ protocol, source }, place) => {
    const base = protocols.find(({ id }) => id === protocol.id)!.url!;
    const examples = protocol.examples?.(base, fields[place]!) ?? [];
    const client = `import { connect } from '${source}'; const db = connect(${JSON.stringify({ url: base, ...fields[place] })});`;
    return `${protocol.title}:\n${[...examples, client].map((line) => `  ${line}\n`).join('')}`;
  });
  return `The gateway listens at ${url} over ${store}, which goes when it stops (Ctrl+C).\n  curl ${url}/health\n\n${parts.join('\n')}`;
}
