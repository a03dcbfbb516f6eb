import { checkTransport } from '../authentication.ts';
import type { Call, Handler, Parts } from '../call.ts';
import { escapeHtml } from '../html.ts';
import { field, htmlAnswer, type Page, redirect } from '../pages.ts';
import { checkForm, sessionCookie, sessionOf } from '../session-cookie.ts';

/** GET /login/ */
export const loginForm: Handler = async (call) => htmlAnswer(loginPage(call, nextOf(call), ''), call);

/** POST /login/ */
export const logIn: Handler = async (call, parts) => {
  checkTransport(call, parts, 'any');
  const { parameters } = await call.content();
  await checkForm(call, parameters);
  const user = await parts.accounts.byPassword(parameters.get('user') ?? '', parameters.get('password') ?? '');
  if (user === undefined) return htmlAnswer(loginPage(call, nextOf(call), 'The name or the password is wrong.'), call, 401);
  return redirect(call.prefix + nextOf(call), { 'set-cookie': sessionCookie(await parts.sessions.open(user.name), call) });
};

/** POST /logout/ */
export const logOut: Handler = async (call, parts: Parts) => {
  const session = await sessionOf(call, parts);
  if (session !== undefined) {
    await checkForm(call, (await call.content()).parameters, session);
    await parts.sessions.close(session.cookie);
  }
  return redirect(`${call.prefix}/login/`, { 'set-cookie': sessionCookie(undefined, call) });
};

/** Where to go afterwards: somewhere below here, never to another host. */
function nextOf({ query }: Call): string {
  const next = new URLSearchParams(query).get('next') ?? '';
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(next) ? next : '/settings/';
}

function loginPage({ prefix }: Call, next: string, problem: string): Page {
  const action = escapeHtml(`${prefix}/login/?next=${encodeURIComponent(next)}`);
  const alert = problem === '' ? '' : `<p class="warning" role="alert">${problem}</p>\n`;
  return {
    title: 'Log in',
    content: `${alert}<form class="column" method="post" action="${action}">
${field('Name', 'user', 'required autocomplete="username" autocapitalize="none"')}
${field('Password', 'password', 'type="password" required autocomplete="current-password"')}
<button>Log in</button>
</form>`,
  };
}
