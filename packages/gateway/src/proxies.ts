import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { invalid, show } from '@anyseries/core/provider';

/** Where a request comes from. */
export interface Origin {
  readonly remoteAddress: string | undefined;
  readonly secure: boolean;
}

/** Tells where requests come from, also through reverse proxies. */
export interface Proxies {
  origin(incoming: IncomingMessage): Origin;
}

/** @throws AnySeriesError `invalid` that names the entry */
export function createProxies(trusted: readonly string[]): Proxies {
  const list = new BlockList();
  for (const [index, entry] of trusted.entries()) add(list, entry, `trustedProxies[${index}]`);
  const isTrusted = (address: string) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');

  return {
    origin({ socket, headers }) {
      const peer = plain(socket.remoteAddress);
      const secure = (socket as Partial<TLSSocket>).encrypted === true;
      if (trusted.length === 0 || peer === undefined || !isTrusted(peer)) return { remoteAddress: peer, secure };
      const hops = [...textOf(headers['x-forwarded-for']).split(','), peer].map((hop) => plain(hop.trim())!);
      // the last that no trusted proxy has added: whatever stands before may be made up
      const client = hops.findLast((hop) => isIP(hop) === 0 || !isTrusted(hop)) ?? hops[0]!;
      const scheme = textOf(headers['x-forwarded-proto']).split(',').at(-1)!.trim();
      return { remoteAddress: isIP(client) === 0 ? peer : client, secure: scheme === '' ? secure : scheme.toLowerCase() === 'https' };
    },
  };
}

function add(list: BlockList, entry: string, field: string): void {
  const [address = '', bits] = entry.split('/');
  const kind = isIPv6(address) ? 'ipv6' : 'ipv4';
  const most = kind === 'ipv6' ? 128 : 32;
  if (isIP(address) === 0 || (bits !== undefined && !(/^\d+$/.test(bits) && Number(bits) <= most)))
    throw invalid(field, `${show(entry)} is no address and no network such as 10.0.0.0/8`);
  if (bits === undefined) list.addAddress(address, kind);
  else list.addSubnet(address, Number(bits), kind);
}

function textOf(header: string | string[] | undefined): string {
  return Array.isArray(header) ? header.join() : (header ?? '');
}

/** An IPv4 address that came to a socket for both kinds is IPv4. */
function plain(address: string | undefined): string | undefined {
  return address?.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}
