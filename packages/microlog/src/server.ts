import { isAnySeriesError, systemClock } from '@anyseries/core';
import { type Connection, createCredentials, type Protocol, type ProtocolServer, type ServerOptions } from '@anyseries/core/server';
import { createAccounts, protocolId } from './server/accounts.ts';
import { noDatabase, pageAnswer, withExtension } from './server/answers.ts';
import { readBody } from './server/body.ts';
import type { Parts } from './server/call.ts';
import { claim } from './server/claim.ts';
import { credentialForm } from './server/credential-form.ts';
import { createGraphs } from './server/graphs.ts';
import { createArrivals } from './server/list-keys.ts';
import { errorPage } from './server/pages.ts';
import { Refusal } from './server/refusal.ts';
import { findResource, handlerOf } from './server/routes.ts';
import { createSessions } from './server/sessions.ts';
import { checkServerSettings } from './server/settings.ts';

/**
 * The protocol server of Microlog over any store: the API, accounts, sessions, the dashboard and the graph pages, and the EXTENSION by which
 * programs can read. An account is a credential of the gateway; its graphs are series of its project.
 *
 * @throws AnySeriesError `invalid` that names the setting
 */
export function createServer(options: ServerOptions): ProtocolServer {
  const { store, clock = systemClock, project = async () => store } = options;
  const settings = checkServerSettings(options.settings);
  const parts: Parts = {
    accounts: createAccounts(options.credentials ?? createCredentials(store, clock), project),
    sessions: createSessions(store, clock),
    graphs: createGraphs(store, project),
    settings,
    now: () => Math.floor(clock.now() / 1000),
    arrival: createArrivals(clock.now),
  };

  async function answer(request: Request, path: string, query: string, prefix: string, secure: boolean): Promise<Response> {
    const match = findResource(path, settings.extension);
    const body = await readBody(request, settings.bodyBytes);
    const part = decodeParts(match?.part ?? {}, prefix);
    const call = { headers: request.headers, query: new URLSearchParams(query), body, part, prefix, secure };
    return handlerOf(match, request.method)(call, parts);
  }

  function answerTo(error: unknown, prefix: string): Response {
    if (error instanceof Refusal) return error.response;
    options.onFailure?.(error);
    if (!isAnySeriesError(error)) return pageAnswer(500, errorPage('Internal Server Error', prefix));
    // what may be stored must not be answered like what is not: clients send that again
    return error.code === 'unknown-outcome' ? pageAnswer(503, errorPage('Service Unavailable', prefix)) : noDatabase();
  }

  return {
    async fetch(request, connection = connectionOf(request)) {
      const { target, secure } = connection;
      // two slashes at the beginning of a path would name a host
      const prefix = connection.prefix.replace(/^\/+/, '/');
      const [path, query] = splitTarget(target.slice(connection.prefix.length));
      const response = await answer(request, path === '' ? '/' : path, query, prefix, secure).catch((error) => answerTo(error, prefix));
      return settings.extension && /^\/graphs\/api(\/|$)/i.test(path) ? withExtension(response) : response;
    },
  };
}

/** Finds Microlog's half of a gateway: `GET /graphs/{id}` is its best known page. */
export const protocol: Protocol = { id: protocolId, title: 'Microlog', credentials: credentialForm, claim, createServer };

function connectionOf({ url }: Request): Connection {
  const { pathname, search, protocol: scheme } = new URL(url);
  return { target: pathname + search, prefix: '', httpVersion: '1.1', secure: scheme === 'https:', remoteAddress: undefined };
}

function splitTarget(target: string): [path: string, query: string] {
  const at = target.indexOf('?');
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
}

/** @throws Refusal 400 for an escape that stands for nothing */
function decodeParts(part: Readonly<Record<string, string>>, prefix: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(part).map(([name, text]) => {
      try {
        return [name, decodeURIComponent(text)];
      } catch {
        throw new Refusal(pageAnswer(400, errorPage(`Failed to decode param '${text}'`, prefix)));
      }
    }),
  );
}

export type { MicrologServerSettings } from './server/settings.ts';
