import type { Application } from '../accounts.ts';
import type { Call, Handler, Parts } from '../call.ts';
import { isOutOfBand, readCallback } from '../callback.ts';
import { escapeHtml } from '../html.ts';
import { checkbox, form, htmlAnswer, type Page, redirect, toLogin } from '../pages.ts';
import { badRequest, oauthRefusal } from '../refusal.ts';
import type { RequestToken } from '../request-tokens.ts';
import { checkForm, type OpenSession, sessionOf } from '../session-cookie.ts';

/** A question to a user: may this application have access? */
interface Question {
  readonly token: RequestToken;
  readonly application: Application;
  /** Where to go afterwards, if the application said. */
  readonly callback: string | undefined;
}

/** GET /oauth/authorize/: step 2 of the exchange */
export const askForApproval: Handler = async (call, parts) => {
  const question = await readQuestion(call, parts);
  const session = await sessionOf(call, parts);
  if (session === undefined) return toLogin(call);
  await session.mark(question.token.key);
  return htmlAnswer(approvalPage(call, question, session), { ...call, session });
};

/** POST /oauth/authorize/ */
export const approve: Handler = async (call, parts) => {
  const question = await readQuestion(call, parts);
  const session = await sessionOf(call, parts);
  if (session === undefined) return toLogin(call);
  const { parameters } = await call.content();
  await checkForm(call, parameters, session);
  const { token, callback } = question;
  if (!(await session.takeMark(token.key))) throw oauthRefusal('Action not allowed.');
  if (parameters.get('authorize_access') !== 'on') {
    await parts.requestTokens.take(token.key);
    const refused = { title: 'Access refused', content: '<p role="status">The application gets no access to your series.</p>' };
    return callback === undefined
      ? htmlAnswer(refused, { ...call, session })
      : sendBack(callback, { error: 'Access not granted by user.' });
  }
  const approved = await parts.requestTokens.approve(token.key, session.user.name);
  if (approved === undefined) throw oauthRefusal('Action not allowed.');
  const { verifier } = approved;
  if (callback === undefined) return htmlAnswer(approvedPage(question, verifier), { ...call, session });
  return sendBack(callback, { oauth_token: token.key, ...(verifier === undefined ? {} : { oauth_verifier: verifier }) });
};

/** @throws Refusal 400 or 401 */
async function readQuestion({ query }: Call, { requestTokens, accounts }: Parts): Promise<Question> {
  const parameters = new URLSearchParams(query);
  const token = await requestTokens.find(parameters.get('oauth_token') ?? '');
  const application = token && (await accounts.application(token.application));
  // without a token the service took it for the call that asks for one
  if (token === undefined || application === undefined) throw oauthRefusal('Parameter not found: oauth_consumer_key');
  const given = parameters.get('oauth_callback');
  if (token.callback !== undefined) {
    if (given !== null) throw badRequest('Cannot specify oauth_callback at authorization step for 1.0a protocol');
    return { token, application, callback: isOutOfBand(token.callback) ? undefined : token.callback };
  }
  if (given === null || isOutOfBand(given)) return { token, application, callback: undefined };
  const callback = readCallback(given);
  if (callback === undefined) throw badRequest('Invalid callback URL');
  return { token, application, callback };
}

/** The callback, with what it is to be told; what it says itself stays, written like the rest. */
function sendBack(callback: string, told: Readonly<Record<string, string>>): Response {
  const url = new URL(callback);
  url.search = new URLSearchParams([...url.searchParams, ...Object.entries(told)]).toString();
  return redirect(url.href);
}

function approvalPage({ prefix, path, query }: Call, { application, callback }: Question, session: OpenSession): Page {
  const name = escapeHtml(application.name);
  const place =
    callback === undefined
      ? 'It will not be told; you return to it yourself.'
      : `You go on to <strong>${escapeHtml(hostOf(callback))}</strong>.`;
  const action = `${prefix}${path}?${query}`;
  return {
    title: `Give ${application.name} access?`,
    content: `<p><strong>${name}</strong> asks for access to the series of <strong>${escapeHtml(session.user.name)}</strong>: to read, create, change and delete them.</p>
<p>${place}</p>
<p class="warning">Go on only if you have just started this yourself, in ${name}.</p>
${form(action, session, `${checkbox('Authorize access', 'authorize_access')}\n<button name="submit" value="Submit">Submit</button>`)}
<p class="quiet">Submitting without the check mark refuses. What you give can be revoked in the settings.</p>`,
  };
}

function hostOf(callback: string): string {
  const { protocol, host } = new URL(callback);
  return host === '' ? protocol : host;
}

function approvedPage({ application }: Question, verifier: string | undefined): Page {
  const name = escapeHtml(application.name);
  const next =
    verifier === undefined ? `Return to ${name} now.` : `Return to ${name} and give it this code: <code>${escapeHtml(verifier)}</code>`;
  return { title: 'Access given', content: `<p role="status">${next}</p>` };
}
