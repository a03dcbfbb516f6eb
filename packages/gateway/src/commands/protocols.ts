import { parseArgs } from 'node:util';
import { createInstalled } from '../packages.ts';
import { findProtocols } from '../protocols.ts';
import { columns } from './columns.ts';
import { commonFlags, readConfiguration } from './flags.ts';
import type { Terminal } from './run.ts';

/** `protocols`: what would be served, where it comes from, and the fields of its credentials. */
export async function protocols(args: readonly string[], { stdout }: Terminal): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: commonFlags });
  const found = await findProtocols(readConfiguration(values.config).protocols, createInstalled());
  const rows = found.map(({ protocol: { id, title, credentials }, source }) => [id, title, source, credentials.fields.join(', ')]);
  stdout.write(columns([['protocol', 'title', 'package', 'credentials'], ...rows]));
}
