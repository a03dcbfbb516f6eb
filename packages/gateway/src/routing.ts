import type { Claim, Protocol, ProtocolServer, RequestHead } from '@anyseries/core/server';

/** A protocol server in its place. */
export interface Mounted {
  readonly protocol: Protocol;
  readonly server: ProtocolServer;
  /** `/tempodb` */
  readonly prefix: string;
  /** Host names that are its own, in lower case. */
  readonly hosts: readonly string[];
}

export interface Route {
  readonly mounted: Mounted;
  /** The beginning of the target that led here; empty where another thing did. */
  readonly prefix: string;
}

/** Which protocol answers: that of the prefix, else that of the host, else the one with the best claim. */
export type Router = (head: RequestHead, host: string) => Route | undefined;

export function createRouter(mounts: readonly Mounted[]): Router {
  const byHost = new Map(mounts.flatMap((mounted) => mounted.hosts.map((host) => [host, { mounted, prefix: '' }] as const)));
  const unprefixed = mounts.map((mounted) => ({ mounted, prefix: '' }));

  return (head, host) => byPrefix(head.target) ?? byHost.get(nameOf(host)) ?? byClaim(head);

  function byPrefix(target: string): Route | undefined {
    // a client that joins paths by a slash doubles the first one
    const slashes = leadingSlashes(target);
    for (const mounted of mounts) {
      const end = slashes - 1 + mounted.prefix.length;
      if (target.startsWith(mounted.prefix, slashes - 1) && isBoundary(target.charCodeAt(end)))
        return { mounted, prefix: target.slice(0, end) };
    }
    return undefined;
  }

  function byClaim(head: RequestHead): Route | undefined {
    let best: Route | undefined;
    let bestRank = -1;
    for (const route of unprefixed) {
      const claim = route.mounted.protocol.claim(head);
      const rank = claim === undefined ? -1 : rankOf(claim);
      if (rank <= bestRank) continue;
      best = route;
      bestRank = rank;
    }
    return best;
  }
}

/** Claims in the order of {@link Claim}, as a number: what comes first there weighs more than all that follows. */
function rankOf({ known, credentials, host, fallback }: Claim): number {
  return Number(known) * 8 + Number(credentials) * 4 + Number(host) * 2 + Number(fallback);
}

/** The name of a host, without its port. */
function nameOf(host: string): string {
  return host.replace(/:\d*$/, '').toLowerCase();
}

function leadingSlashes(target: string): number {
  let count = 1;
  while (target.charCodeAt(count) === slash) count++;
  return count;
}

const slash = 0x2f;
const question = 0x3f;

/** The path ends here, or one of its parts does. */
function isBoundary(code: number): boolean {
  return Number.isNaN(code) || code === slash || code === question;
}
