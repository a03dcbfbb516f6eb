import { decodePart } from './percent.ts';

/** How a path names a series. `name` is `undefined` where no series can have it. */
export interface Address {
  readonly by: 'id' | 'key';
  readonly name: string | undefined;
}

/** What a request line asks for. */
export interface Route {
  /** `GET series`, `POST {series}/data`, `GET ping`: a method and a resource, the name of the series left out. */
  readonly operation: string;
  readonly address?: Address;
  readonly query: string;
}

/** What may follow the name of a series, the longest first. */
const suffixes = ['data/rollups/segment', 'data/segment', 'data/summary', 'increment', 'segment', 'summary', 'single', 'data', 'find'];

const versionPrefix = /^\/(?:v1|%7bversion%7d)(?=\/|$)/i;

/**
 * Reads a request line (section 4.1); `undefined`: it is none below `/v1`. A trailing slash changes nothing. Names of series may hold bare slashes:
 * the name is what is left when the longest suffix is cut off that leaves something in front.
 *
 * @param target path and query as received, without the prefix that led here
 */
export function parseRoute(method: string, target: string): Route | undefined {
  const [path, query] = splitOnce(target, '?');
  const verb = method === 'HEAD' ? 'GET' : method;
  const absolute = path.replace(/^\/+/, '/');
  if (/^\/ping\/?$/.test(absolute)) return { operation: `${verb} ping`, query };
  const version = versionPrefix.exec(absolute)?.[0];
  if (version === undefined) return undefined;
  const resource = absolute.slice(version.length + 1).replace(/\/$/, '');
  const [, by, rest] = /^series\/(id|key)\/(.+)$/s.exec(resource) ?? [];
  if (rest === undefined) return { operation: `${verb} ${resource}`, query };
  const suffix = suffixes.find((each) => rest.endsWith(`/${each}`) && rest.length > each.length + 1);
  const name = decodePart(suffix === undefined ? rest : rest.slice(0, -suffix.length - 1));
  const operation = suffix === undefined ? `${verb} {series}` : `${verb} {series}/${suffix}`;
  return { operation, address: { by: by as Address['by'], name }, query };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
