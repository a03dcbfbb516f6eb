import { isAnySeriesError, type Store, systemClock } from '@anyseries/core';
import { checkObject, invalid, show } from '@anyseries/core/provider';
import {
  type Connection,
  type CredentialFields,
  createCredentials,
  type Protocol,
  type ProtocolServer,
  type ServerOptions,
} from '@anyseries/core/server';
import { emptyAnswer, failureAnswer } from './server/answer.ts';
import { authenticate, credentialForm, protocolId } from './server/authentication.ts';
import { claim } from './server/claim.ts';
import { readable } from './server/compression.ts';
import { createDirectory, type Directory } from './server/directory.ts';
import { createExchange, type Project } from './server/exchange.ts';
import { operations } from './server/operations.ts';
import { parseQuery } from './server/query.ts';
import { Refusal } from './server/refusal.ts';
import { parseRoute } from './server/route.ts';

/** The settings of a server, in the configuration of a gateway. */
export interface TempoDBServerSettings {
  /** Whether series that are made with a key get tags and attributes from it, as at the service; default `true`. */
  readonly metadataFromKeys?: boolean;
}

/**
 * The service itself, both generations of it, over any store. It needs nothing but the web's own `Request` and `Response`.
 *
 * ```ts
 * const server = createServer({ store });
 * const answer = await server.fetch(new Request('http://localhost/v1/series/', { headers: { authorization: 'Basic ...' } }));
 * ```
 *
 * @throws AnySeriesError `invalid` that names the setting
 */
export function createServer(options: ServerOptions): ProtocolServer {
  const { store, clock = systemClock, credentials = createCredentials(store, clock), project = async () => store } = options;
  const settings = checkSettings(options.settings);
  const directories = new WeakMap<Store, Directory>();

  async function openProject(id: string): Promise<Project> {
    const projectStore = await project(id).catch((error: unknown) => {
      throw isAnySeriesError(error) && error.code === 'not-found' ? new Refusal(403) : error;
    });
    const directory = directories.get(projectStore) ?? createDirectory(projectStore, settings);
    directories.set(projectStore, directory);
    return { store: projectStore, directory };
  }

  async function answer(request: Request, connection: Pick<Connection, 'target' | 'prefix'>): Promise<Response> {
    const now = Math.floor(clock.now());
    const route = parseRoute(request.method, connection.target.slice(connection.prefix.length));
    if (route?.operation === 'GET ping') return emptyAnswer();
    const credential = await authenticate(request.headers, credentials);
    if (credential === undefined) throw new Refusal(403);
    const handle = operations.get(route?.operation ?? '');
    if (handle === undefined) throw new Refusal(404);
    const { query, address } = route!;
    // a prefix may have come behind more than one slash
    const prefix = connection.prefix.replace(/^\/+/, '/');
    return handle(createExchange({ request, ...(await openProject(credential.project)), query: parseQuery(query), address, prefix, now }));
  }

  function refuse(error: unknown): Response {
    const failure = failureAnswer(error);
    if (failure.status >= 500) options.onFailure?.(error);
    return failure;
  }

  return {
    async fetch(request, connection) {
      const response = await answer(request, connection ?? connectionOf(request)).catch(refuse);
      return readable(request, response);
    },
  };
}

/** TempoDB, for a gateway. */
export const protocol: Protocol = { id: protocolId, title: 'TempoDB', credentials: credentialForm, claim, examples, createServer };

function examples(url: string, { key, secret }: CredentialFields): readonly string[] {
  const curl = `curl -u '${key}:${secret}'`;
  return [
    `${curl} -d '[{"v":21.5}]' '${url}/v1/series/key/temperature/data/'`,
    `${curl} '${url}/v1/series/key/temperature/single/?direction=before'`,
  ];
}

function connectionOf(request: Request): Pick<Connection, 'target' | 'prefix'> {
  const { pathname, search } = new URL(request.url);
  return { target: pathname + search, prefix: '' };
}

function checkSettings(given: ServerOptions['settings'] = {}): Required<TempoDBServerSettings> {
  const { metadataFromKeys = true } = checkObject(given, ['metadataFromKeys'], 'settings');
  if (typeof metadataFromKeys !== 'boolean') throw invalid('settings.metadataFromKeys', `${show(metadataFromKeys)} is no boolean`);
  return { metadataFromKeys };
}
