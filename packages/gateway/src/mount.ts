import { invalid, show } from '@anyseries/core/provider';
import type { ServerOptions } from '@anyseries/core/server';
import type { GatewayConfiguration } from './configuration.ts';
import type { FoundProtocol } from './protocols.ts';
import type { Mounted } from './routing.ts';

type Places = Pick<GatewayConfiguration, 'settings' | 'prefixes' | 'hosts'>;

/**
 * Makes the protocol servers and gives each its place.
 *
 * @throws AnySeriesError `invalid` that names the option
 */
export function mountAll(
  found: readonly FoundProtocol[],
  places: Places,
  shared: Omit<ServerOptions, 'settings' | 'onFailure'>,
  onFailure: (id: string, error: unknown) => void,
): Mounted[] {
  const { settings = {}, prefixes = {}, hosts = {} } = places;
  const ids = found.map(({ protocol }) => protocol.id);
  for (const [option, byId] of Object.entries({ settings, prefixes, hosts })) {
    for (const id of Object.keys(byId)) checkServed(id, ids, `${option}.${id}`);
  }
  const mounts = found.map(({ protocol }): Mounted => {
    const { id } = protocol;
    const server = protocol.createServer({ ...shared, settings: settings[id], onFailure: (error) => onFailure(id, error) });
    return { protocol, server, prefix: prefixes[id] ?? `/${id}`, hosts: (hosts[id] ?? []).map((host) => host.toLowerCase()) };
  });
  for (const mounted of mounts) checkPlace(mounted, mounts);
  return mounts;
}

/** @throws AnySeriesError `invalid` that names `field` */
export function checkServed(id: string, ids: readonly string[], field: string): void {
  if (!ids.includes(id)) throw invalid(field, `the protocol ${show(id)} is not served; served are ${ids.join(', ') || 'none'}`);
}

const ownPaths = ['/-', '/health', '/metrics'];

function checkPlace(mounted: Mounted, mounts: readonly Mounted[]): void {
  const { protocol, prefix, hosts } = mounted;
  const field = `prefixes.${protocol.id}`;
  if (ownPaths.some((path) => isBelow(prefix, path))) throw invalid(field, `${prefix} belongs to the gateway's own pages`);
  for (const other of mounts) {
    if (other === mounted) continue;
    if (isBelow(prefix, other.prefix)) throw invalid(field, `${prefix} lies below ${other.prefix} of ${other.protocol.id}`);
    const host = hosts.find((name) => other.hosts.includes(name));
    if (host !== undefined) throw invalid(`hosts.${protocol.id}`, `${show(host)} belongs to ${other.protocol.id}, too`);
  }
}

function isBelow(path: string, other: string): boolean {
  return path === other || path.startsWith(`${other}/`);
}
