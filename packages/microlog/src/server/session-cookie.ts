import type { Account } from './accounts.ts';
import { redirect } from './answers.ts';
import type { Call, Parts } from './call.ts';
import { cookieSeconds, type Session } from './sessions.ts';

/** A browser that has logged in. */
export interface OpenSession extends Session {
  readonly account: Account;
}

export async function sessionOf({ headers }: Call, { sessions, accounts }: Parts): Promise<OpenSession | undefined> {
  const cookie = /(?:^|;)\s*token=([0-9A-Za-z]{20})\s*(?:;|$)/.exec(headers.get('cookie') ?? '')?.[1];
  const session = cookie === undefined ? undefined : await sessions.find(cookie);
  const account = session && (await accounts.byName(session.username));
  return account && { ...session!, account };
}

/** Answers with a session, whose cookie every answer renews; a browser without one is sent to log in. */
export async function withSession(call: Call, parts: Parts, answer: (session: OpenSession) => Promise<Response>): Promise<Response> {
  const session = await sessionOf(call, parts);
  if (session === undefined) return redirect(`${call.prefix}/auth/login?e=3`, call.headers.get('accept'));
  const response = await answer(session);
  response.headers.append('Set-Cookie', sessionCookie(session.cookie, call, parts));
  return response;
}

/** No script can read it, and no other site's form can use it. */
export function sessionCookie(cookie: string, { prefix, secure }: Call, { now }: Parts): string {
  const expires = new Date((now() + cookieSeconds) * 1000).toUTCString();
  const path = prefix === '' ? '/' : prefix;
  return `token=${cookie}; Max-Age=${cookieSeconds}; Path=${path}; Expires=${expires}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}
