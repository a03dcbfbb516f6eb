import { checkObject, invalid, show } from '@anyseries/core/provider';

/**
 * What may come without TLS from other machines; from the own one anything may. `none`: nothing with credentials in it · `signed`: OAuth with
 * signatures, which keep the secrets but not the data · `any`: API tokens and passwords as well. PLAINTEXT never goes without TLS.
 */
export type PlainHttp = 'none' | 'signed' | 'any';

/** Settings of the protocol server, as `settings.timetric` of a gateway's configuration. */
export interface ServerSettings {
  /** Default `none`. */
  readonly plainHttp: PlainHttp;
  /** Whether OAuth 1.0 is accepted beside 1.0a. The clients that were published speak no other; default `true`. */
  readonly oauth10: boolean;
  /** Seconds by which the clock of a client may differ; default 300. */
  readonly timestampSeconds: number;
  /** Minutes that a request token may wait for its approval and its exchange; default 10. */
  readonly requestTokenMinutes: number;
  /** Other addresses that clients sign for, such as `http://timetric.com`, where a name server leads them here; default none. */
  readonly publicUrls: readonly string[];
}

const defaults: ServerSettings = {
  plainHttp: 'none',
  oauth10: true,
  timestampSeconds: 300,
  requestTokenMinutes: 10,
  publicUrls: [],
};

/** @throws AnySeriesError `invalid` that names the setting */
export function checkServerSettings(given: Readonly<Record<string, unknown>> = {}): ServerSettings {
  const settings = { ...defaults, ...checkObject(given, Object.keys(defaults), 'settings') };
  const { plainHttp, oauth10, publicUrls } = settings;
  if (plainHttp !== 'none' && plainHttp !== 'signed' && plainHttp !== 'any')
    throw invalid('settings.plainHttp', `${show(plainHttp)} is none of 'none', 'signed' and 'any'`);
  if (typeof oauth10 !== 'boolean') throw invalid('settings.oauth10', `${show(oauth10)} is no boolean`);
  for (const name of ['timestampSeconds', 'requestTokenMinutes'] as const) {
    const number: unknown = settings[name];
    if (typeof number !== 'number' || !(number > 0 && number <= 1e9))
      throw invalid(`settings.${name}`, `${show(number)} is no number above 0`);
  }
  if (!Array.isArray(publicUrls) || !publicUrls.every(isOrigin))
    throw invalid('settings.publicUrls', `${show(publicUrls)} is no list of addresses such as 'http://timetric.com', without a path`);
  return settings;
}

function isOrigin(url: unknown): boolean {
  return typeof url === 'string' && /^https?:\/\/[^/?#]+$/i.test(url) && URL.canParse(url);
}
