import type { Grant, User } from '../accounts.ts';
import { textAnswer } from '../answers.ts';
import type { Call, Handler, Parts } from '../call.ts';
import { escapeHtml } from '../html.ts';
import { checkbox, field, form, htmlAnswer, toLogin } from '../pages.ts';
import { badRequest, oauthRefusal } from '../refusal.ts';
import { checkForm, type OpenSession, sessionOf } from '../session-cookie.ts';

/** GET /settings/ */
export const settingsPage: Handler = async (call, parts) => {
  const session = await sessionOf(call, parts);
  if (session === undefined) return toLogin(call);
  return htmlAnswer({ title: 'Settings', content: await settingsContent(call, parts, session) }, { ...call, session });
};

/** POST /settings/tokens/ */
export const addApiToken: Handler = async (call, parts) => {
  const { session, name } = await readNewGrant(call, parts);
  const { key, secret } = await parts.accounts.addApiToken(session.user, name);
  const rows = keyTable([
    ['Key', key],
    ['Secret', secret],
  ]);
  return htmlAnswer(
    { title: 'New API token', content: onlyNow(call, `${escapeHtml(name)} may read and change your series.`, rows) },
    { ...call, session },
  );
};

/** POST /settings/applications/ */
export const addApplication: Handler = async (call, parts) => {
  const { session, name, fields } = await readNewGrant(call, parts);
  const { key, secret } = await parts.accounts.addApplication(session.user, name, !fields.has('without_secret'));
  const rows = keyTable([
    ['Consumer key', key],
    ['Consumer secret', secret],
  ]);
  const text = `${escapeHtml(name)} may now ask users for access to their series.`;
  return htmlAnswer({ title: 'New application', content: onlyNow(call, text, rows) }, { ...call, session });
};

/** POST /oauth/revoke/ */
export const revokeGrant: Handler = async (call, parts) => {
  const session = await sessionOf(call, parts);
  if (session === undefined) throw oauthRefusal('Action not allowed.');
  const { parameters } = await call.content();
  await checkForm(call, parameters, session);
  if (!(await parts.accounts.revoke(session.user, parameters.get('todelete') ?? ''))) throw badRequest('There is no such token.');
  if (!/\btext\/html\b/i.test(call.headers.get('accept') ?? '')) return textAnswer(200, 'The token has been revoked.');
  const back = `<p role="status">The token has been revoked.</p>\n<p><a href="${escapeHtml(call.prefix)}/settings/">Back to the settings</a></p>`;
  return htmlAnswer({ title: 'Revoked', content: back }, { ...call, session });
};

async function readNewGrant(call: Call, parts: Parts) {
  const session = await sessionOf(call, parts);
  if (session === undefined) throw oauthRefusal('Action not allowed.');
  const { parameters: fields } = await call.content();
  await checkForm(call, fields, session);
  const name = (fields.get('name') ?? '').trim();
  if (name === '' || name.length > 50) throw badRequest('Give a name of 1 to 50 characters.');
  return { session, name, fields };
}

async function settingsContent({ prefix }: Call, { accounts }: Parts, session: OpenSession): Promise<string> {
  const grants = await accounts.grants(session.user as User);
  const list = (kind: Grant['kind'], none: string) => grantTable(grants, kind, none, prefix, session);
  const name = field('Name', 'name', 'required maxlength="50" autocomplete="off"');
  return `<h2>API tokens</h2>
<p>A key and a secret for your own programs.</p>
${list('api-token', 'You have none.')}
${form(`${prefix}/settings/tokens/`, session, `${name}\n<button>Create an API token</button>`)}
<h2>Applications</h2>
<p>Programs of yours that ask other users for access to their series, by OAuth.</p>
${list('application', 'You have registered none.')}
${form(
  `${prefix}/settings/applications/`,
  session,
  `${name}\n${checkbox('Without a secret, because its source is open to all', 'without_secret')}\n<button>Register an application</button>`,
)}
<h2>Access that you have given</h2>
${list('access-token', 'No application has access to your series.')}`;
}

function grantTable(grants: readonly Grant[], kind: Grant['kind'], none: string, prefix: string, session: OpenSession): string {
  const own = grants.filter((grant) => grant.kind === kind);
  if (own.length === 0) return `<p class="quiet">${none}</p>`;
  const rows = own.map(({ name, key }) => {
    const button = `<input type="hidden" name="todelete" value="${escapeHtml(key)}">
<button aria-label="Revoke ${escapeHtml(name)}, key ${escapeHtml(key)}">Revoke</button>`;
    const cells = [escapeHtml(name), `<code>${escapeHtml(key)}</code>`, form(`${prefix}/oauth/revoke/`, session, button)];
    return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  return `<table>
<thead><tr><th scope="col">Name</th><th scope="col">Key</th><th scope="col">Revoke</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

function onlyNow({ prefix }: Call, text: string, rows: string): string {
  return `<p role="status">${text} What follows is shown only now.</p>
${rows}
<p><a href="${escapeHtml(prefix)}/settings/">Back to the settings</a></p>`;
}

function keyTable(rows: readonly (readonly [label: string, text: string])[]): string {
  const lines = rows.map(
    ([label, text]) => `<tr><th scope="row">${label}</th><td>${text === '' ? 'none' : `<code>${escapeHtml(text)}</code>`}</td></tr>`,
  );
  return `<table>\n${lines.join('\n')}\n</table>`;
}
