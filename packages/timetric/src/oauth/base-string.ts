import { encodePercent } from './percent.ts';

/** A parameter, decoded. */
export type Parameter = readonly [name: string, value: string];

/** The parts of a URL that are signed. */
export interface SignedUrl {
  readonly scheme: 'http' | 'https';
  /** With its port, if it has one. */
  readonly host: string;
  /** As it goes over the wire, its escapes included; without the query. */
  readonly path: string;
}

const defaultPorts = { http: ':80', https: ':443' } as const;

/**
 * What is signed of a request: method, URL and parameters ("Signature base string").
 *
 * @param parameters those of the query, of a form and of OAuth itself, but for `oauth_signature` and `realm`, in any order
 */
export function signatureBaseString(method: string, url: SignedUrl, parameters: readonly Parameter[]): string {
  return [method.toUpperCase(), urlText(url), parameterText(parameters)].map(encodePercent).join('&');
}

function urlText({ scheme, host, path }: SignedUrl): string {
  const lower = host.toLowerCase();
  const port = defaultPorts[scheme];
  return `${scheme}://${lower.endsWith(port) ? lower.slice(0, -port.length) : lower}${path}`;
}

/** By name and then by value, both encoded: sorted as one text, `tag1=` would come before `tag=`. */
function parameterText(parameters: readonly Parameter[]): string {
  return parameters
    .map(([name, value]): Parameter => [encodePercent(name), encodePercent(value)])
    .sort(([nameA, valueA], [nameB, valueB]) => order(nameA, nameB) || order(valueA, valueB))
    .map((parameter) => parameter.join('='))
    .join('&');
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
