import { systemClock } from '@anyseries/core';
import {
  type Connection,
  type CredentialFields,
  createCredentials,
  type Protocol,
  type ProtocolServer,
  type ServerOptions,
} from '@anyseries/core/server';
import { createAccounts, protocolId } from './server/accounts.ts';
import { emptyAnswer, failureAnswer } from './server/answers.ts';
import { authenticate } from './server/authentication.ts';
import type { Call, Parts } from './server/call.ts';
import { claim } from './server/claim.ts';
import { type Content, readContent } from './server/content.ts';
import { credentialForm } from './server/credential-form.ts';
import { createDirectory } from './server/directory.ts';
import { createNonces } from './server/nonces.ts';
import { Refusal } from './server/refusal.ts';
import { createRequestTokens } from './server/request-tokens.ts';
import { findResource } from './server/routes.ts';
import { createSessions } from './server/sessions.ts';
import { checkServerSettings } from './server/settings.ts';
import { unkeptVault } from './server/unkept-vault.ts';

export type { PlainHttp, ServerSettings as TimetricServerSettings } from './server/settings.ts';

/**
 * The service itself over any store: series, both kinds of tokens, and the pages by which users give applications access. It needs nothing but the
 * web's own `Request` and `Response`, and Node's scrypt where passwords are used.
 *
 * ```ts
 * const server = createServer({ store });
 * const answer = await server.fetch(new Request('http://localhost/series/--86fpHQT2uMKl1-Cx-TxA/csv/'));
 * ```
 *
 * @throws AnySeriesError `invalid` that names the setting
 */
export function createServer(options: ServerOptions): ProtocolServer {
  const { store, clock = systemClock, credentials = createCredentials(store, clock), project = async () => store } = options;
  const vault = options.vault ?? unkeptVault(credentials);
  const settings = checkServerSettings(options.settings);
  const lifeMs = settings.requestTokenMinutes * 60_000;
  const parts: Parts = {
    accounts: createAccounts(credentials, vault, project),
    directory: createDirectory(store, project, clock.now),
    requestTokens: createRequestTokens(store, vault, clock, lifeMs),
    nonces: createNonces(store, clock, settings.timestampSeconds * 1000),
    sessions: createSessions(store, clock, lifeMs),
    settings,
    now: clock.now,
  };

  async function answer(request: Request, connection: Connection): Promise<Response> {
    const [target = '', query = ''] = splitTarget(connection.target);
    // a prefix may have come behind more than one slash
    const prefix = connection.prefix.replace(/^\/+/, '/');
    const path = target.slice(connection.prefix.length);
    const host = request.headers.get('host') ?? new URL(request.url).host;
    const resource = findResource(path, true);
    let content: Promise<Content> | undefined;
    const call: Call = {
      method: request.method === 'HEAD' ? 'GET' : request.method,
      requestMethod: request.method,
      headers: request.headers,
      signedPath: target,
      path,
      query,
      part: resource?.part ?? '',
      prefix,
      host,
      scheme: connection.secure ? 'https' : 'http',
      isLocal: connection.remoteAddress === undefined || /^(?:127\.|::1$)/.test(connection.remoteAddress),
      content() {
        content ??= readContent(request, query);
        return content;
      },
    };
    if (call.method === 'OPTIONS') return preflight();
    if (resource === undefined) {
      await authenticate(call, parts);
      throw new Refusal(404, 'There is nothing here.');
    }
    const handler = resource.handlers[call.method];
    if (handler === undefined) throw new Refusal(405, 'This cannot be done here.', { allow: allowed(resource.handlers) });
    return handler(call, parts);
  }

  function refuse(error: unknown): Response {
    const failure = failureAnswer(error);
    if (failure.status >= 500) options.onFailure?.(error);
    return failure;
  }

  return {
    fetch: (request, connection = connectionOf(request)) => answer(request, connection).catch(refuse),
  };
}

/** Timetric, for a gateway. */
export const protocol: Protocol = { id: protocolId, title: 'Timetric', credentials: credentialForm, claim, examples, createServer };

function examples(url: string, { key, secret }: CredentialFields): readonly string[] {
  const curl = `curl -u '${key}:${secret}'`;
  return [
    `${curl} -H 'Accept: application/json' -d title=temperature -d caption='in the kitchen' '${url}/create/'`,
    `${curl} '${url}/search/results.thin.json?u=me'`,
  ];
}

function splitTarget(target: string): [path: string, query: string] {
  const at = target.indexOf('?');
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
}

function connectionOf({ url }: Request): Connection {
  const { pathname, search, protocol: scheme } = new URL(url);
  return { target: pathname + search, prefix: '', httpVersion: '1.1', secure: scheme === 'https:', remoteAddress: undefined };
}

function allowed(handlers: Readonly<Record<string, unknown>>): string {
  return [...Object.keys(handlers).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])), 'OPTIONS'].join(', ');
}

/** Pages of other origins may send credentials of their own; they never get those of the browser. */
function preflight(): Response {
  return emptyAnswer(204, {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE',
    'access-control-allow-headers': 'Authorization, Content-Type, If-Match',
    'access-control-max-age': '86400',
  });
}
