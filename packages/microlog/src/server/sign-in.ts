import { isAnySeriesError } from '@anyseries/core';
import { escapeHtml } from '../wire/html.ts';
import { isAccountName, type OpenedAccount } from './accounts.ts';
import { pageAnswer, redirect } from './answers.ts';
import type { Call, Handler, Parts } from './call.ts';
import { errorPage, field, page } from './pages.ts';
import { sessionCookie, withSession } from './session-cookie.ts';

/** What the parameter `e` of a form tells ("Browser session" of the protocol document). */
const loginMessages: Readonly<Record<string, string>> = {
  1: 'ERROR: Invalid login details',
  2: 'ERROR: Internal error. Could not log in.',
  3: 'ERROR: Token invalid. Please log in again.',
};
const createMessages: Readonly<Record<string, string>> = {
  1: 'ERROR: Account could not be created',
  4: 'ERROR: Passwords did not match',
  5: 'ERROR: Username already taken',
};

const usernameField = field('User name', 'username', 'required autocomplete="username"');

export const loginForm: Handler = async (call) => {
  const fields = [usernameField, field('Password', 'password', 'type="password" required autocomplete="current-password"')];
  return pageAnswer(200, form(call, 'Log in', '/auth/login', loginMessages, fields));
};

export const createForm: Handler = async (call) => {
  const password = 'type="password" required autocomplete="new-password"';
  const fields = [usernameField, field('Password', 'password', password), field('Password again', 'password_repeat', password)];
  return pageAnswer(200, form(call, 'Create an account', '/auth/create', createMessages, fields));
};

function form(
  { query, prefix }: Call,
  title: string,
  action: string,
  messages: Readonly<Record<string, string>>,
  fields: readonly string[],
): string {
  const code = query.get('e') ?? '';
  const message = Object.hasOwn(messages, code) ? `<p class="message">${messages[code]}</p>\n` : '';
  return page(
    title,
    `<h1>${title}</h1>\n${message}<form class="column" action="${escapeHtml(prefix + action)}" method="POST">
${fields.join('\n')}
<button>${title}</button>
</form>`,
    prefix,
  );
}

export const login: Handler = async (call, parts) => {
  const { username, password } = call.body.fields;
  const wrong = () => redirect('?e=1', call.headers.get('accept'));
  if (typeof username !== 'string' || typeof password !== 'string') return wrong();
  try {
    const opened = await parts.accounts.byPassword(username, password);
    return opened === undefined ? wrong() : await enter(opened, call, parts);
  } catch (error) {
    if (!isAnySeriesError(error)) throw error;
    return redirect('?e=2', call.headers.get('accept'));
  }
};

export const createAccount: Handler = async (call, parts) => {
  const { username, password, password_repeat: repeated } = call.body.fields;
  const failed = (code: number) => redirect(`${call.prefix}/auth/create?e=${code}`, call.headers.get('accept'));
  if (password !== repeated) return failed(4);
  if (typeof password !== 'string') return pageAnswer(500, errorPage('Invalid password', call.prefix));
  const { signUpProject } = parts.settings;
  if (!isAccountName(username) || signUpProject === undefined) return failed(1);
  // an account without a password could never be opened
  if (password === '') return failed(1);
  try {
    return await enter(await parts.accounts.create(username, password, signUpProject), call, parts);
  } catch (error) {
    if (!isAnySeriesError(error)) throw error;
    if (error.code === 'conflict') return failed(5);
    if (error.code === 'rate-limited' || error.code === 'not-found') return failed(1);
    throw error;
  }
};

/** Opens a session: the browser is logged in from this answer on. */
async function enter({ account, token }: OpenedAccount, call: Call, parts: Parts): Promise<Response> {
  const cookie = await parts.sessions.open(account.name, token);
  return redirect(`${call.prefix}/dashboard`, call.headers.get('accept'), { 'Set-Cookie': sessionCookie(cookie, call, parts) });
}

export const logout: Handler = async (call, parts) =>
  withSession(call, parts, async ({ cookie }) => {
    await parts.sessions.close(cookie);
    return redirect(`${call.prefix}/auth/login`, call.headers.get('accept'));
  });
