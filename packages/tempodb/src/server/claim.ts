import type { Claim, RequestHead } from '@anyseries/core/server';
import { operations } from './operations.ts';
import { parseRoute } from './route.ts';

/** Another protocol has it, too: which of the two is meant, the credentials tell. */
const shared: ReadonlySet<string> = new Set(['GET data/segment']);

/** How far a request is one of this protocol: everything below `/v1`, and `/ping`. */
export function claim({ method, target, headers }: RequestHead): Claim | undefined {
  const route = parseRoute(method, target);
  if (route === undefined) return undefined;
  const { operation } = route;
  return {
    known: operation === 'GET ping' || (operations.has(operation) && !shared.has(operation)),
    credentials: /^\s*basic\s/i.test(headers.get('authorization') ?? ''),
    host: /(?:^|\.)tempo-db\.com(?::\d*)?$/i.test(headers.get('host') ?? ''),
    fallback: false,
  };
}
