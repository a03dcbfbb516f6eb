import type { Claim, RequestHead } from '@anyseries/core/server';
import { findResource } from './routes.ts';

/** What the service's own documentation calls the address of the API; nothing was ever there. */
const documentedPath = /^\/api\/?$/i;

const originalHost = 'microlog-metrics.herokuapp.com';

/** The service's paths, known by their names; its credentials are in bodies, which nobody has read yet, but for the cookie. */
export function claim({ target, headers }: RequestHead): Claim | undefined {
  const path = target.split('?')[0]!;
  const host = (headers.get('host') ?? '').toLowerCase().replace(/:\d*$/, '') === originalHost;
  const known = findResource(path, true) !== undefined;
  if (!known && !host && !documentedPath.test(path)) return undefined;
  const credentials = /(?:^|;)\s*token=[0-9A-Za-z]{20}\s*(?:;|$)/.test(headers.get('cookie') ?? '');
  return { known, credentials, host, fallback: false };
}
