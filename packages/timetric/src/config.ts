import { checkObject, invalid, show } from '@anyseries/core/provider';
import type { TimetricAuthentication } from './settings.ts';

/** Every name that the original client, its documentation and its examples have for a setting; the first that is there counts. */
const aliases = {
  consumerKey: ['consumerKey', 'consumer_key'],
  consumerSecret: ['consumerSecret', 'consumer_secret'],
  token: ['oauth_token', 'oauth_key', 'access_key', 'token'],
  tokenSecret: ['oauth_secret', 'oauth_token_secret', 'access_secret'],
  key: ['apitoken_key', 'apitoken-key'],
  secret: ['apitoken_secret', 'apitoken-secret'],
} as const satisfies Record<keyof TimetricAuthentication, readonly string[]>;

const kinds = ['oauth', 'apitoken'];

/**
 * Reads who asks out of a configuration as the original client kept it, a flat record with any of the names that were in use.
 *
 * ```ts
 * const client = createClient({ url, ...readConfig(JSON.parse(text)) });
 * ```
 *
 * @throws AnySeriesError `invalid` that names what is missing or unknown, never a value
 */
export function readConfig(config: Readonly<Record<string, unknown>>): TimetricAuthentication {
  // of other names that a program may keep in the same place there is nothing to say
  const record = checkObject(config, Object.keys(config ?? {}), 'config');
  const { authtype } = record;
  if (authtype !== undefined && !kinds.includes(authtype as string))
    throw invalid('authtype', `${show(authtype)} is neither 'oauth' nor 'apitoken'`);
  const hasApiToken = find(record, 'key') !== undefined && find(record, 'consumerKey') === undefined;
  if (authtype === 'apitoken' || (authtype === undefined && hasApiToken))
    return { key: need(record, 'key', 'secret'), secret: need(record, 'secret', 'key') };
  const consumer = {
    consumerKey: need(record, 'consumerKey', 'consumerSecret'),
    consumerSecret: need(record, 'consumerSecret', 'consumerKey'),
  };
  const token = find(record, 'token');
  // the documentation calls the two access_key and access_token; alone, the second could be either
  const tokenSecret =
    find(record, 'tokenSecret') ??
    (find(record, 'token') !== undefined && record.access_key !== undefined ? textOf(record, 'access_token') : undefined);
  if (token === undefined && tokenSecret === undefined) return consumer;
  if (token === undefined) throw lacking('token', 'tokenSecret');
  if (tokenSecret === undefined) throw lacking('tokenSecret', 'token');
  return { ...consumer, token, tokenSecret };
}

function find(record: Readonly<Record<string, unknown>>, name: keyof typeof aliases): string | undefined {
  for (const alias of aliases[name]) {
    const text = textOf(record, alias);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** An empty text counts as absent, but for that of an application without a secret. */
function textOf(record: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = record[name];
  if (value === undefined || value === null || (value === '' && !/^consumer_?secret$/i.test(name))) return undefined;
  if (typeof value !== 'string') throw invalid(name, `${typeof value} is no text`);
  return value;
}

function need(record: Readonly<Record<string, unknown>>, name: keyof typeof aliases, other: keyof typeof aliases): string {
  const text = find(record, name);
  if (text === undefined) throw lacking(name, other);
  return text;
}

function lacking(name: keyof typeof aliases, other: keyof typeof aliases) {
  return invalid(aliases[name][0], `is missing; it goes with ${aliases[other][0]}`);
}
