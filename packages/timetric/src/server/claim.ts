import type { Claim, RequestHead } from '@anyseries/core/server';
import { findResource } from './routes.ts';

const originalHost = /^(?:www\.)?timetric\.com(?::\d*)?$/i;

/** How far a request is one of this protocol: its paths, and everything that names its host. */
export function claim({ target, headers }: RequestHead): Claim | undefined {
  const [path = '', query = ''] = target.split('?');
  const host = originalHost.test(headers.get('host') ?? '');
  const known = findResource(path, false) !== undefined;
  // one that was removed early, and is missed by name
  const isGone = /^\/series\/[^/]+\/json\/?$/.test(path);
  if (!known && !host && !isGone) return undefined;
  const authorization = headers.get('authorization') ?? '';
  const credentials = /^\s*(?:OAuth|Basic)\b/i.test(authorization) || /(?:^|&)oauth_(?:consumer_key|token)=/.test(query);
  return { known: known || isGone, credentials, host, fallback: false };
}
