import { checkObject, invalid, show } from '@anyseries/core/provider';
import { maxBytes } from '../wire/limits.ts';

/** Settings of the protocol server, in the configuration of a gateway. */
export interface MicrologServerSettings {
  /**
   * The project that accounts get which are created in a browser; left out, none can be. They see the series that other protocols keep in the
   * project, so give it one of its own.
   */
  readonly signUpProject?: string | undefined;
  /** Who may look at graph pages: everybody who knows the random id of one, or nobody without a session. Default `public`. */
  readonly graphPages?: 'public' | 'session' | undefined;
  /** Whether the EXTENSION is there, by which programs can read; default `true`. */
  readonly extension?: boolean | undefined;
  /** The most bytes of a request body, not compressed; default 102,400, as the service had it. */
  readonly bodyBytes?: number | undefined;
}

/** Settings with their defaults. */
export type ServerSettings = {
  readonly [K in keyof Omit<MicrologServerSettings, 'signUpProject'>]-?: NonNullable<MicrologServerSettings[K]>;
} & {
  readonly signUpProject: string | undefined;
};

const names = ['signUpProject', 'graphPages', 'extension', 'bodyBytes'];

/** @throws AnySeriesError `invalid` that names the setting */
export function checkServerSettings(given: Readonly<Record<string, unknown>> = {}): ServerSettings {
  const { signUpProject, graphPages = 'public', extension = true, bodyBytes = maxBytes } = checkObject(given, names, 'settings');
  if (signUpProject !== undefined && (typeof signUpProject !== 'string' || signUpProject === ''))
    throw invalid('settings.signUpProject', `${show(signUpProject)} is no name of a project`);
  if (graphPages !== 'public' && graphPages !== 'session')
    throw invalid('settings.graphPages', `${show(graphPages)} is neither 'public' nor 'session'`);
  if (typeof extension !== 'boolean') throw invalid('settings.extension', `${show(extension)} is neither true nor false`);
  if (!Number.isSafeInteger(bodyBytes) || (bodyBytes as number) < 1)
    throw invalid('settings.bodyBytes', `${show(bodyBytes)} is no whole number of bytes above 0`);
  return { signUpProject, graphPages, extension, bodyBytes: bodyBytes as number };
}
