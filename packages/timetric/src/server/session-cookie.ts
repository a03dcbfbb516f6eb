import type { User } from './accounts.ts';
import type { Call, Parts } from './call.ts';
import { Refusal } from './refusal.ts';
import { isSame } from './secrets.ts';
import { type Session, sessionSeconds } from './sessions.ts';

/** A browser that has logged in, and who sits in front of it. */
export interface OpenSession extends Omit<Session, 'user'> {
  readonly cookie: string;
  readonly user: User;
}

const cookieName = 'timetric_session';

export async function sessionOf({ headers }: Call, { sessions, accounts }: Parts): Promise<OpenSession | undefined> {
  const cookie = new RegExp(`(?:^|;)\\s*${cookieName}=([A-Za-z0-9]{32})\\s*(?:;|$)`).exec(headers.get('cookie') ?? '')?.[1];
  const session = cookie === undefined ? undefined : await sessions.find(cookie);
  const user = session && (await accounts.user(session.user));
  return user && { ...session!, cookie: cookie!, user };
}

/** No script can read it, and no other site's form can use it. Without a cookie, the one that is there ends. */
export function sessionCookie(cookie: string | undefined, { prefix, scheme }: Pick<Call, 'prefix' | 'scheme'>): string {
  const life = cookie === undefined ? 0 : sessionSeconds;
  const secure = scheme === 'https' ? '; Secure' : '';
  return `${cookieName}=${cookie ?? ''}; Max-Age=${life}; Path=${prefix || '/'}; HttpOnly; SameSite=Lax${secure}`;
}

/**
 * Lets in only forms of this site. Browsers say where a form comes from, and it carries a text that only this session's pages have; what is no
 * browser cannot be made to send the cookie by another site.
 *
 * @throws Refusal 403
 */
export async function checkForm(call: Call, fields: ReadonlyMap<string, string>, session?: Pick<Session, 'formToken'>): Promise<void> {
  const site = call.headers.get('sec-fetch-site');
  const origin = call.headers.get('origin');
  const isForeign = (site !== null && site !== 'same-origin' && site !== 'none') || (origin !== null && !isOwn(origin, call));
  const isBrowser = site !== null || origin !== null;
  if (isForeign || (session !== undefined && !(await carriesToken(fields.get('form_token'), session, isBrowser))))
    throw new Refusal(403, 'This form is not from this site, or too old. Go back, reload the page and try again.');
}

async function carriesToken(given: string | undefined, { formToken }: Pick<Session, 'formToken'>, isBrowser: boolean): Promise<boolean> {
  return given === undefined ? !isBrowser : isSame(given, formToken);
}

/** Behind a proxy the scheme may be another than here. */
function isOwn(origin: string, { scheme, host }: Call): boolean {
  return [`${scheme}://${host}`, `https://${host}`].some((own) => own.toLowerCase() === origin.toLowerCase());
}
