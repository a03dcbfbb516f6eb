import { AnySeriesError } from '@anyseries/core';
import { invalid, show } from '@anyseries/core/provider';
import type { Protocol } from '@anyseries/core/server';
import { withoutSecrets } from './failure.ts';
import { type Installed, type InstalledPackage, isModulePath, modulePath } from './packages.ts';

/** A protocol and where it comes from: the name of a package or the path of a module. */
export interface FoundProtocol {
  readonly protocol: Protocol;
  readonly source: string;
}

/**
 * The protocols that are named, or else all that installed packages have.
 *
 * @throws AnySeriesError `not-found` where a name leads to no protocol, `invalid` where what it leads to is none, `conflict` where two have the same id
 */
export async function findProtocols(named: readonly (string | Protocol)[] | undefined, installed: Installed): Promise<FoundProtocol[]> {
  const found = named === undefined ? await scan(installed) : await Promise.all(named.map((name) => load(name, installed)));
  const sources = new Map<string, string>();
  for (const { protocol, source } of found) {
    const other = sources.get(protocol.id);
    if (other !== undefined) throw new AnySeriesError('conflict', `${source} and ${other} both are the protocol ${show(protocol.id)}`);
    sources.set(protocol.id, source);
  }
  return found;
}

async function scan(installed: Installed): Promise<FoundProtocol[]> {
  const found: FoundProtocol[] = [];
  for (const candidate of installed.scan()) {
    const entry = candidate.entry('./server');
    const protocol = entry && (await importFrom(entry, candidate.name)).protocol;
    if (protocol !== undefined) found.push({ protocol: checkProtocol(protocol, candidate.name), source: candidate.name });
  }
  return found;
}

async function load(named: string | Protocol, installed: Installed): Promise<FoundProtocol> {
  if (typeof named !== 'string') return { protocol: checkProtocol(named, 'protocols'), source: 'the option protocols' };
  const { protocol } = await importFrom(isModulePath(named) ? modulePath(named) : serverEntry(named, installed), named);
  if (protocol === undefined) throw new AnySeriesError('not-found', `${named} exports no \`protocol\``);
  return { protocol: checkProtocol(protocol, named), source: named };
}

function serverEntry(named: string, installed: Installed): string {
  const entry = candidates(named, installed)
    .map((candidate) => candidate.entry('./server'))
    .find((found) => found !== undefined);
  if (entry === undefined)
    throw new AnySeriesError('not-found', `no installed package has the protocol ${show(named)}; try npm install @anyseries/${named}`);
  return entry;
}

/** Packages that a short name, or a package's own, may mean. */
function candidates(named: string, installed: Installed): InstalledPackage[] {
  const names = named.includes('/') ? [named] : [`@anyseries/${named}`, `anyseries-${named}`, named];
  return names.flatMap((name) => installed.find(name) ?? []);
}

/** Imports a module. @throws AnySeriesError `invalid` that names the package */
export async function importFrom(address: string, source: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(/* @vite-ignore */ address);
  } catch (error) {
    const { code = 'an error' } = withoutSecrets(error);
    throw new AnySeriesError('invalid', `${source} cannot be imported (${code}): ${String((error as Error).message)}`, { cause: error });
  }
}

function checkProtocol(candidate: unknown, source: string): Protocol {
  const { id, title, credentials, claim, createServer } = (candidate ?? {}) as Partial<Protocol>;
  const problem =
    typeof id !== 'string' || !/^[a-z][a-z0-9-]*$/.test(id)
      ? `its id ${show(id)} is not made of small letters, digits and hyphens`
      : typeof title !== 'string'
        ? 'it has no title'
        : !Array.isArray(credentials?.fields) || typeof credentials.add !== 'function'
          ? 'it has no credentials'
          : typeof claim !== 'function' || typeof createServer !== 'function'
            ? 'it lacks claim or createServer'
            : undefined;
  if (problem !== undefined) throw invalid(source, `is no protocol: ${problem}`);
  return candidate as Protocol;
}
