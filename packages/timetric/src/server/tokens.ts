import { formText } from '../wire/form.ts';
import { textAnswer } from './answers.ts';
import { verifyExchange, verifyTokenRequest } from './authentication.ts';
import type { Handler } from './call.ts';
import { isOutOfBand, readCallback } from './callback.ts';
import { oauthRefusal } from './refusal.ts';

/** GET or POST /oauth/request_token/: step 1 of the exchange. With a callback it is one of 1.0a, without one of 1.0. */
export const issueRequestToken: Handler = async (call, parts) => {
  const { parameters, application } = await verifyTokenRequest(call, parts);
  const scope = (await call.content()).parameters.get('scope') ?? 'all';
  if (scope !== 'all') throw oauthRefusal(`Resource ${scope} does not exist.`);
  const callback = parameters.get('oauth_callback');
  if (callback === undefined && !parts.settings.oauth10) throw oauthRefusal('Parameter not found: oauth_callback');
  if (callback !== undefined && !isOutOfBand(callback) && readCallback(callback) === undefined) throw oauthRefusal('Invalid callback URL');
  const { key, secret } = await parts.requestTokens.create(application.key, callback);
  return tokenAnswer(key, secret, callback === undefined ? [] : [['oauth_callback_confirmed', 'true']]);
};

/** GET or POST /oauth/access_token/: step 3 of the exchange. */
export const issueAccessToken: Handler = async (call, parts) => {
  const { parameters, application, token } = await verifyExchange(call, parts);
  const user = token.user === undefined ? undefined : await parts.accounts.user(token.user);
  if (user === undefined || token.application !== application.key)
    throw oauthRefusal('Consumer key or token key does not match. Make sure your request token has been approved too.');
  const isVerified = await token.isVerifiedBy(parameters.get('oauth_verifier'));
  // whoever guesses gets one try
  if (!(await parts.requestTokens.take(token.key))) throw oauthRefusal(`Invalid request token: ${token.key}`);
  if (!isVerified) throw oauthRefusal('Incorrect oauth_verifier supplied');
  const { key, secret } = await parts.accounts.addAccessToken(user, application.key);
  return tokenAnswer(key, secret, []);
};

function tokenAnswer(key: string, secret: string, more: readonly (readonly [string, string])[]): Response {
  return textAnswer(200, formText([['oauth_token_secret', secret], ['oauth_token', key], ...more]), { 'cache-control': 'no-store' });
}
