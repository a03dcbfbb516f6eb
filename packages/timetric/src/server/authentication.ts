import { signatureBaseString } from '../oauth/base-string.ts';
import type { KeyPair } from '../oauth/sign.ts';
import { hmacSignature, signingKey, toBase64 } from '../oauth/signature.ts';
import type { Application, User } from './accounts.ts';
import type { Call, Parts } from './call.ts';
import type { Content } from './content.ts';
import { basicRefusal, oauthRefusal, parameterProblem, Refusal } from './refusal.ts';
import { isSame } from './secrets.ts';
import type { PlainHttp } from './settings.ts';

/** The parameters of OAuth by name, each once. */
type OAuthParameters = ReadonlyMap<string, string>;

/** Who asks; nobody where the request carries no credentials. @throws Refusal 401, or 403 where they must not come without TLS */
export async function authenticate(call: Call, parts: Parts): Promise<User | undefined> {
  const basic = readBasic(call.headers.get('authorization') ?? '');
  if (basic !== undefined) {
    checkTransport(call, parts, 'any');
    const user = basic === 'unreadable' ? undefined : await parts.accounts.byApiToken(basic.key, basic.secret);
    if (user === undefined) throw basicRefusal('Invalid API token.');
    return user;
  }
  const content = await call.content();
  return triesOAuth(call, content) ? byAccessToken(call, content, parts) : undefined;
}

/** @throws Refusal 401 for a request without credentials, too */
export async function mustAuthenticate(call: Call, parts: Parts): Promise<User> {
  const user = await authenticate(call, parts);
  if (user === undefined) throw basicRefusal(parameterProblem);
  return user;
}

function triesOAuth({ headers }: Call, { oauth }: Content): boolean {
  return oauth.length > 0 || /^\s*OAuth\b/i.test(headers.get('authorization') ?? '');
}

/** Blanks in and behind the Base64 text are the doing of libraries that wrap it. */
function readBasic(header: string): KeyPair | 'unreadable' | undefined {
  const encoded = /^\s*Basic\b(.*)$/is.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  try {
    const bytes = Uint8Array.from(atob(encoded.replace(/\s+/g, '')), (char) => char.charCodeAt(0));
    const [, key, secret] = /^([^:]+):(.*)$/s.exec(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) ?? [];
    return key === undefined || secret === undefined ? 'unreadable' : { key, secret };
  } catch {
    return 'unreadable';
  }
}

/** @throws Refusal 403 where something goes without TLS that must not */
export function checkTransport({ scheme, isLocal }: Call, { settings }: Parts, needed: Exclude<PlainHttp, 'none'>): void {
  if (scheme === 'https' || isLocal || settings.plainHttp === 'any' || settings.plainHttp === needed) return;
  throw new Refusal(403, `Use https: without it, only programs on this machine may send that (setting plainHttp).`);
}

const required = ['oauth_consumer_key', 'oauth_token', 'oauth_signature_method', 'oauth_signature', 'oauth_timestamp', 'oauth_nonce'];

async function byAccessToken(call: Call, content: Content, parts: Parts): Promise<User> {
  const parameters = parametersOf(content);
  if (required.some((name) => !parameters.has(name))) throw oauthRefusal(parameterProblem);
  checkVersion(parameters);
  const application = await applicationOf(parameters, parts);
  const key = parameters.get('oauth_token')!;
  const token = await parts.accounts.accessToken(key);
  if (token === undefined || token.application !== application.key) throw oauthRefusal(`Invalid access token: ${key}`);
  await checkSigned({ call, content, parameters, application, token }, parts);
  return token.user;
}

/** What one of the two calls for tokens is about, verified but for what only they know. */
export interface TokenCall {
  readonly parameters: OAuthParameters;
  readonly application: Application;
}

/** Verifies a call for a request token. @throws Refusal 401 */
export async function verifyTokenRequest(call: Call, parts: Parts): Promise<TokenCall> {
  const content = await call.content();
  const parameters = parametersOf(content);
  checkPresent(parameters, ['oauth_consumer_key', 'oauth_signature_method', 'oauth_timestamp', 'oauth_nonce']);
  checkVersion(parameters);
  const application = await applicationOf(parameters, parts);
  await checkSigned({ call, content, parameters, application, token: undefined }, parts);
  return { parameters, application };
}

/** Verifies a call that exchanges a request token, which is looked up. @throws Refusal 401 */
export async function verifyExchange(call: Call, parts: Parts) {
  const content = await call.content();
  const parameters = parametersOf(content);
  checkPresent(parameters, ['oauth_consumer_key', 'oauth_token', 'oauth_signature_method', 'oauth_timestamp', 'oauth_nonce']);
  checkVersion(parameters);
  const application = await applicationOf(parameters, parts);
  const key = parameters.get('oauth_token')!;
  const token = await parts.requestTokens.find(key);
  if (token === undefined) throw oauthRefusal(`Invalid request token: ${key}`);
  await checkSigned({ call, content, parameters, application, token }, parts);
  return { parameters, application, token };
}

function parametersOf({ oauth }: Content): OAuthParameters {
  const parameters = new Map<string, string>();
  for (const [name, value] of oauth) {
    if ((parameters.get(name) ?? value) !== value) throw oauthRefusal(parameterProblem);
    parameters.set(name, value);
  }
  return parameters;
}

function checkPresent(parameters: OAuthParameters, names: readonly string[]): void {
  const missing = names.find((name) => !parameters.has(name));
  if (missing !== undefined) throw oauthRefusal(`Parameter not found: ${missing}`);
  if (!parameters.has('oauth_signature')) throw oauthRefusal('Missing signature.');
}

function checkVersion(parameters: OAuthParameters): void {
  const version = parameters.get('oauth_version') ?? '1.0';
  if (version !== '1.0') throw oauthRefusal(`OAuth version ${version} not supported.`);
}

async function applicationOf(parameters: OAuthParameters, { accounts }: Parts): Promise<Application> {
  const application = await accounts.application(parameters.get('oauth_consumer_key')!);
  if (application === undefined) throw oauthRefusal('Invalid consumer.');
  return application;
}

interface Signed {
  readonly call: Call;
  readonly content: Content;
  readonly parameters: OAuthParameters;
  readonly application: Application;
  readonly token: KeyPair | undefined;
}

/** Signature, timestamp and nonce, in this order: what fails before the nonce uses none up ("What a good server and client must do"). */
async function checkSigned(signed: Signed, parts: Parts): Promise<void> {
  const { call, content, parameters, application, token } = signed;
  const { now, nonces, settings } = parts;
  const method = parameters.get('oauth_signature_method')!;
  const methods = call.scheme === 'https' ? ['PLAINTEXT', 'HMAC-SHA1'] : ['HMAC-SHA1'];
  if (!methods.includes(method))
    throw oauthRefusal(`Signature method ${method} not supported try one of the following: ${methods.join(', ')}`);
  checkTransport(call, parts, 'signed');
  if (method === 'PLAINTEXT') await checkPlainSignature(signed);
  else await checkSignature(signed, settings.publicUrls);
  await checkBodyHash(parameters, content);

  const timestamp = parameters.get('oauth_timestamp')!;
  const seconds = Math.floor(now() / 1000);
  if (!/^\d{1,12}$/.test(timestamp)) throw oauthRefusal(parameterProblem);
  if (Math.abs(seconds - Number(timestamp)) > settings.timestampSeconds) {
    const threshold = settings.timestampSeconds;
    throw oauthRefusal(`Expired timestamp: given ${timestamp} and now ${seconds} has a greater difference than threshold ${threshold}`);
  }
  const use = {
    consumer: application.key,
    token: token?.key ?? '',
    timestamp: Number(timestamp),
    nonce: parameters.get('oauth_nonce')!,
  };
  if (!(await nonces.use(use))) throw oauthRefusal(`Nonce already used: ${use.consumer}-${use.token}-${use.nonce}`);
}

/** Says nothing of what it should have been: that would be both secrets. */
async function checkPlainSignature({ parameters, application, token }: Signed): Promise<void> {
  const isRight = await isSame(parameters.get('oauth_signature')!, signingKey(application.secret, token?.secret ?? ''));
  if (!isRight) throw oauthRefusal('Invalid signature.');
}

/** Tries every address and every set of parameters that a client may have signed: who does not know the secrets can sign none of them. */
async function checkSignature(signed: Signed, publicUrls: readonly string[]): Promise<void> {
  const { parameters, application, token } = signed;
  const key = signingKey(application.secret, token?.secret ?? '');
  const given = parameters.get('oauth_signature')!;
  const baseStrings = baseStringsOf(signed, publicUrls);
  for (const baseString of baseStrings) if (await isSame(given, await hmacSignature(baseString, key))) return;
  throw oauthRefusal(`Invalid signature. Expected signature base string: ${baseStrings[0]}`);
}

function baseStringsOf({ call, content, parameters }: Signed, publicUrls: readonly string[]): string[] {
  const { scheme, host, signedPath: path, requestMethod } = call;
  const others = publicUrls
    .map((url) => /^(https?):\/\/(.*)$/i.exec(url)!)
    .map(([, theirs, name]) => [theirs!.toLowerCase(), name!] as const);
  const origins = [[scheme, host], [scheme === 'https' ? 'http' : 'https', host], ...others] as [typeof scheme, string][];
  const own = [...parameters].filter(([name]) => name !== 'oauth_signature');
  return origins.flatMap(([each, name]) =>
    content.signedParameters.map((more) => signatureBaseString(requestMethod, { scheme: each, host: name, path }, [...more, ...own])),
  );
}

/** An extension of the standard by which a body is protected, too. */
async function checkBodyHash(parameters: OAuthParameters, { body }: Content): Promise<void> {
  const given = parameters.get('oauth_body_hash');
  if (given === undefined) return;
  const hash = toBase64(new Uint8Array(await crypto.subtle.digest('SHA-1', body)));
  if (!(await isSame(given, hash))) throw oauthRefusal(parameterProblem);
}
