import { parseArgs } from 'node:util';
import { AnySeriesError } from '@anyseries/core';
import { invalid, show } from '@anyseries/core/provider';
import type { CredentialFields, Protocol, Vault } from '@anyseries/core/server';
import { createInstalled } from '../packages.ts';
import { findProtocols } from '../protocols.ts';
import { columns, day } from './columns.ts';
import { commonFlags, manage, readConfiguration, readSecret } from './flags.ts';
import type { Terminal } from './run.ts';

/** `credentials add | list | revoke` */
export async function credentials(args: readonly string[], terminal: Terminal): Promise<void> {
  const [action, ...rest] = args;
  if (action === 'add') return await add(rest, terminal);
  if (action === 'list') return await list(rest, terminal);
  if (action === 'revoke') return await revoke(rest);
  throw invalid('credentials', `${show(action)} is none of add, list and revoke`);
}

async function add(args: readonly string[], terminal: Terminal): Promise<void> {
  const [id, ...rest] = args;
  if (id === undefined || id.startsWith('-')) throw invalid('credentials add', 'name the protocol first: credentials add tempodb ...');
  // which flags there are depends on the protocol, and where that is on the configuration
  const { config } = parseArgs({ args: rest, options: commonFlags, strict: false, allowPositionals: true }).values;
  const protocol = await findProtocol(id, typeof config === 'string' ? config : undefined);
  const { fields } = protocol.credentials;
  const fieldFlags = fields.flatMap((field) => [flagOf(field), `${flagOf(field)}-file`]).map((flag) => [flag, { type: 'string' }] as const);
  const options = { ...commonFlags, project: { type: 'string' }, ...Object.fromEntries(fieldFlags) } as const;
  const values = parseArgs({ args: rest, options }).values as Readonly<Record<string, string | undefined>>;

  const given: Record<string, string> = {};
  for (const field of fields) {
    const flag = flagOf(field);
    const value = await readSecret(values[flag], values[`${flag}-file`], `--${flag}`, terminal);
    if (value !== undefined) given[field] = value;
  }
  await manage(values, async ({ projects, credentials, vault, address }) => {
    const project = values.project ?? 'default';
    if (!(await projects.has(project))) throw new AnySeriesError('not-found', `there is no project ${show(project)}; see projects add`);
    const all = await protocol.credentials.add(given, project, credentials, vault ?? noVault);
    terminal.stderr.write(`Registered for the project ${project} of ${address}. What is made at random is shown only now.\n`);
    terminal.stdout.write(columns(shown(all, given, fields)));
  });
}

/** This process ends before anybody could use what it seals with a key of its own. */
const noVault: Vault = { seal: refuseToSeal, open: refuseToSeal };

async function refuseToSeal(): Promise<never> {
  throw invalid(
    'keyFile',
    'is needed for this credential, whose secret is kept sealed: name a file for the key, or set ANYSERIES_GATEWAY_KEY',
  );
}

/** The public field, and what was made at random; what was given is known. */
function shown(all: CredentialFields, given: CredentialFields, fields: readonly string[]): string[][] {
  return fields.filter((field, place) => place === 0 || given[field] === undefined).map((field) => [field, all[field] ?? '']);
}

async function findProtocol(id: string, config: string | undefined): Promise<Protocol> {
  const configuration = readConfiguration(config);
  const found = await findProtocols(configuration.protocols ?? [id], createInstalled());
  const match = configuration.protocols === undefined ? found[0] : found.find(({ protocol }) => protocol.id === id);
  if (match === undefined) throw new AnySeriesError('not-found', `the configuration names no protocol ${show(id)}`);
  return match.protocol;
}

/** `accessToken` is given as `--access-token`. */
function flagOf(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

async function list(args: readonly string[], { stdout }: Terminal): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: commonFlags });
  await manage(values, async ({ credentials }) => {
    const rows = [['protocol', 'id', 'project', 'created', 'revoked']];
    for await (const { protocol, id, project, createdAt, revokedAt } of credentials.list())
      rows.push([protocol, id, project, day(createdAt), revokedAt === undefined ? '' : day(revokedAt)]);
    stdout.write(columns(rows));
  });
}

async function revoke(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args: [...args], options: commonFlags, allowPositionals: true });
  const [protocol, id] = positionals;
  if (protocol === undefined || id === undefined || positionals.length > 2)
    throw invalid('credentials revoke', 'name the protocol and the id: credentials revoke tempodb KEY');
  await manage(values, async ({ credentials, address }) => {
    if (!(await credentials.revoke(protocol, id)))
      throw new AnySeriesError('not-found', `${protocol} has no valid credential ${show(id)} in ${address}`);
  });
}
