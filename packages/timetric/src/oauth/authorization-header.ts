import type { Parameter } from './base-string.ts';
import { encodePercent } from './percent.ts';

/** The value of `Authorization` that carries the parameters of OAuth. */
export function writeAuthorization(parameters: readonly Parameter[]): string {
  return `OAuth realm="", ${parameters.map(([name, value]) => `${name}="${encodePercent(value)}"`).join(', ')}`;
}

const parameterPattern = /\s*([^\s=,"]+)\s*=\s*(?:"([^"]*)"|([^\s,"]*))\s*(?:,|$)/y;

/**
 * Reads the parameters of OAuth off a header, leniently: blanks anywhere, values with quotes or without, whatever the order. Others than `oauth_*`
 * are left out: a client of 2008 repeats there what is in its body.
 *
 * @returns nothing where it is no header of OAuth; `'unreadable'` where it cannot be understood
 */
export function readAuthorization(header: string): Parameter[] | 'unreadable' | undefined {
  const match = /^\s*OAuth(?:\s+|$)/i.exec(header);
  if (match === null) return undefined;
  const parameters: Parameter[] = [];
  parameterPattern.lastIndex = match[0].length;
  while (parameterPattern.lastIndex < header.length) {
    const found = parameterPattern.exec(header);
    if (found === null) return 'unreadable';
    const [, name = '', quoted, bare = ''] = found;
    if (!name.startsWith('oauth_')) continue;
    try {
      parameters.push([name, decodeURIComponent(quoted ?? bare)]);
    } catch {
      return 'unreadable';
    }
  }
  return parameters;
}
