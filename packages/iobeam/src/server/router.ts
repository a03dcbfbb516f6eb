import { faultCodes } from '../wire/fault.ts';
import type { Call } from './call.ts';
import { notFound, Refusal } from './refusal.ts';

export type Handler = (call: Call) => Promise<Response>;

/**
 * Handlers by path and method. In a path, `:` stands for one part and `*` at the end for all that follow, as one part with its slashes; of two
 * paths that fit, the one that was told first counts.
 */
export type Routes = Readonly<Record<string, Readonly<Record<string, Handler>>>>;

export interface Route {
  readonly handler: Handler;
  readonly parts: readonly string[];
}

/** A path below `/v1`, split and decoded; `undefined` for any other. One slash at the end makes no difference. */
export function splitPath(target: string): readonly string[] | undefined {
  const path = target.split(/[?#]/, 1)[0]!.replace(/\/$/, '');
  const [empty, version, ...parts] = path.split('/');
  if (empty !== '' || version !== 'v1' || parts.length === 0) return undefined;
  return parts.map(decodePart);
}

/** Finds who answers; a `HEAD` is a `GET` without a body. @throws Refusal for an unknown path, then for a method that it does not have */
export function findRoute(routes: Routes, method: string, path: readonly string[] | undefined): Route {
  const verb = method === 'HEAD' ? 'GET' : method;
  for (const [pattern, methods] of path === undefined ? [] : Object.entries(routes)) {
    const parts = matchParts(pattern.split('/'), path!);
    if (parts === undefined) continue;
    const handler = Object.hasOwn(methods, verb) ? methods[verb] : undefined;
    if (handler === undefined) throw new Refusal(405, faultCodes.badMethod, 'Method not allowed');
    return { handler, parts };
  }
  throw notFound('Resource');
}

function matchParts(pattern: readonly string[], path: readonly string[]): readonly string[] | undefined {
  const isOpen = pattern.at(-1) === '*';
  if (isOpen ? path.length < pattern.length : path.length !== pattern.length) return undefined;
  const found: string[] = [];
  for (const [i, wanted] of pattern.entries()) {
    if (wanted === '*') found.push(path.slice(i).join('/'));
    else if (wanted === ':') found.push(path[i]!);
    else if (wanted !== path[i]) return undefined;
  }
  return found;
}

/** What is no escape stays as it came. */
function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
