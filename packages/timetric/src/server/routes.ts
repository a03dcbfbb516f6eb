import type { Handler } from './call.ts';
import { approve, askForApproval } from './pages/authorize.ts';
import { logIn, loginForm, logOut } from './pages/login.ts';
import { homePage, seriesPage } from './pages/series-page.ts';
import { addApiToken, addApplication, revokeGrant, settingsPage } from './pages/settings-page.ts';
import { searchSeries } from './search.ts';
import { addToSeries, createSeries, deleteSeries, putMetadata, readIsoCsv, readUnixCsv, readValueJson, rewriteSeries } from './series.ts';
import { issueAccessToken, issueRequestToken } from './tokens.ts';

/** What answers at a path, by method. */
interface Resource {
  /** Group 1 is what the path names. */
  readonly pattern: RegExp;
  readonly handlers: Readonly<Record<string, Handler>>;
}

export interface FoundResource {
  readonly part: string;
  readonly handlers: Readonly<Record<string, Handler>>;
}

/** Without the slash at the end, which may be there or not. */
const resources: readonly Resource[] = [
  { pattern: /^\/create$/, handlers: { POST: createSeries } },
  { pattern: /^\/series\/([^/]+)$/, handlers: { GET: seriesPage, POST: addToSeries, PUT: rewriteSeries, DELETE: deleteSeries } },
  { pattern: /^\/series\/([^/]+)\/csv(?:\/unix\.csv)?$/, handlers: { GET: readUnixCsv } },
  { pattern: /^\/series\/([^/]+)\/csv\/iso\.csv$/, handlers: { GET: readIsoCsv } },
  { pattern: /^\/series\/([^/]+)\/value\/json$/, handlers: { GET: readValueJson } },
  { pattern: /^\/series\/([^/]+)\/metadata$/, handlers: { PUT: putMetadata } },
  { pattern: /^\/search(?:\/(results\.[^/]*))?$/, handlers: { GET: searchSeries } },
  { pattern: /^\/tags?\/([^/]+(?:\/results\.[^/]*)?)$/, handlers: { GET: searchSeries } },
  { pattern: /^\/oauth\/request_token$/, handlers: { GET: issueRequestToken, POST: issueRequestToken } },
  { pattern: /^\/oauth\/authorize$/, handlers: { GET: askForApproval, POST: approve } },
  { pattern: /^\/oauth\/access_token$/, handlers: { GET: issueAccessToken, POST: issueAccessToken } },
  { pattern: /^\/oauth\/revoke$/, handlers: { POST: revokeGrant } },
  { pattern: /^\/login$/, handlers: { GET: loginForm, POST: logIn } },
  { pattern: /^\/logout$/, handlers: { POST: logOut } },
  { pattern: /^\/settings$/, handlers: { GET: settingsPage } },
  { pattern: /^\/settings\/tokens$/, handlers: { POST: addApiToken } },
  { pattern: /^\/settings\/applications$/, handlers: { POST: addApplication } },
];

/** Only below a prefix or a host of its own: other protocols have a page there, too. */
const home: Resource = { pattern: /^\/?$/, handlers: { GET: homePage } };

/** What answers at a path, decoded where it names something. */
export function findResource(path: string, hasHome: boolean): FoundResource | undefined {
  const bare = path.replace(/(.)\/$/, '$1');
  for (const { pattern, handlers } of hasHome ? [...resources, home] : resources) {
    const match = pattern.exec(bare);
    if (match !== null) return { part: decoded(match[1] ?? ''), handlers };
  }
  return undefined;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
