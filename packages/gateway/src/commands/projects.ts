import { parseArgs } from 'node:util';
import { AnySeriesError } from '@anyseries/core';
import { invalid, show } from '@anyseries/core/provider';
import { columns, day } from './columns.ts';
import { commonFlags, manage } from './flags.ts';
import type { Terminal } from './run.ts';

/** `projects add | list | remove` */
export async function projects(args: readonly string[], terminal: Terminal): Promise<void> {
  const [action, ...rest] = args;
  if (action === 'add') return await add(rest, terminal);
  if (action === 'list') return await list(rest, terminal);
  if (action === 'remove') return await remove(rest, terminal);
  throw invalid('projects', `${show(action)} is none of add, list and remove`);
}

async function add(args: readonly string[], { stdout, stderr }: Terminal): Promise<void> {
  const options = { ...commonFlags, 'main-store': { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const name = onlyName(positionals, 'add');
  await manage({ config: values.config, store: values['main-store'] }, async ({ projects, address }) => {
    const project = await projects.add({ name, store: values.store });
    stdout.write(`${name}  ${shownAddress(projects.addressOf(project))}\n`);
    stderr.write(`Made in ${shownAddress(address)}. Credentials for it: credentials add <protocol> --project ${name}\n`);
  });
}

async function list(args: readonly string[], { stdout }: Terminal): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: commonFlags });
  await manage(values, async ({ projects }) => {
    const rows = (await projects.list()).map((project) => [
      project.name,
      day(project.createdAt),
      shownAddress(projects.addressOf(project)),
    ]);
    stdout.write(columns([['project', 'created', 'store'], ...rows]));
  });
}

async function remove(args: readonly string[], { stderr }: Terminal): Promise<void> {
  const { values, positionals } = parseArgs({ args: [...args], options: commonFlags, allowPositionals: true });
  const name = onlyName(positionals, 'remove');
  await manage(values, async ({ projects, credentials }) => {
    const project = (await projects.list()).find((one) => one.name === name);
    if (project === undefined || !(await projects.remove(name))) throw new AnySeriesError('not-found', `there is no project ${show(name)}`);
    let revoked = 0;
    for await (const { protocol, id, project: opened } of credentials.list()) {
      if (opened === name && (await credentials.revoke(protocol, id))) revoked++;
    }
    stderr.write(`Removed, and ${revoked} credentials revoked. Its points stay in ${shownAddress(projects.addressOf(project))}\n`);
  });
}

function onlyName(positionals: readonly string[], action: string): string {
  const [name] = positionals;
  if (name === undefined || positionals.length > 1) throw invalid(`projects ${action}`, `name one project: projects ${action} NAME`);
  return name;
}

/** The address of a store without what may be secret in it. */
function shownAddress(address = ''): string {
  return address.replace(/\/\/[^/@]*@/, '//***@').replace(/\?.*$/, '?***');
}
