import type { Claim, RequestHead } from '@anyseries/core/server';
import { splitPath } from './router.ts';

const resources: ReadonlySet<string> = new Set([
  'apps',
  'data',
  'devices',
  'exports',
  'files',
  'imports',
  'namespaces',
  'ping',
  'projects',
  'tokens',
  'triggers',
  'users',
]);

const hosts = /^(api|api-dev)\.iobeam\.com(:\d+)?$/i;

/** Which requests are of this protocol: all below `/v1` that no other one takes. */
export function claim({ target, headers }: RequestHead): Claim | undefined {
  const path = splitPath(target);
  if (path === undefined) return undefined;
  const authorization = headers.get('authorization') ?? '';
  const isLogIn = path[0] === 'tokens' && path[1] === 'user';
  return {
    known: resources.has(path[0]!),
    credentials: /^bearer /i.test(authorization) || (isLogIn && /^basic /i.test(authorization)),
    host: hosts.test(headers.get('host') ?? ''),
    fallback: true,
  };
}
