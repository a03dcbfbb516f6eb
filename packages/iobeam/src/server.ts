import { isAnySeriesError, type Store, systemClock } from '@anyseries/core';
import { readVariable } from '@anyseries/core/provider';
import {
  type Connection,
  type CredentialFields,
  createCredentials,
  createVault,
  type Protocol,
  type ProtocolServer,
  type ServerOptions,
} from '@anyseries/core/server';
import { faultAnswer, jsonAnswer } from './server/answer.ts';
import { appRoutes } from './server/apps.ts';
import { type Call, readJsonBody } from './server/call.ts';
import { claim } from './server/claim.ts';
import type { Mail, ServerContext } from './server/context.ts';
import { credentialForm } from './server/credential-form.ts';
import { dataRoutes } from './server/data.ts';
import { deviceRoutes } from './server/devices.ts';
import { exportRoutes } from './server/exports.ts';
import { fileRoutes } from './server/files.ts';
import { createGuard, protocolId } from './server/guard.ts';
import { importRoutes } from './server/imports.ts';
import { namespaceRoutes } from './server/namespaces.ts';
import { createProjectData, type ProjectData } from './server/project-data.ts';
import { createProjectRecords, type GivenNumber } from './server/project-records.ts';
import { projectRoutes } from './server/projects.ts';
import { notFound, Refusal } from './server/refusal.ts';
import { findRoute, type Routes, splitPath } from './server/router.ts';
import { checkServerSettings, type ServerSettings } from './server/settings.ts';
import { createSigner } from './server/signing.ts';
import { tokenRoutes } from './server/tokens.ts';
import { triggerRoutes } from './server/triggers.ts';
import { createUserRecords } from './server/user-records.ts';
import { userRoutes } from './server/users.ts';
import { type Fault, faultCodes } from './wire/fault.ts';

export type { Mail } from './server/context.ts';
export type { ServerSettings } from './server/settings.ts';

/** What the server of iobeam runs on. */
export interface IobeamServerOptions extends Omit<ServerOptions, 'settings'> {
  readonly settings?: Partial<ServerSettings> | undefined;
  /** Sends what a user has to send back. Without it, nobody can reset a password. */
  readonly sendMail?: ((mail: Mail) => Promise<void> | void) | undefined;
}

/**
 * The service of iobeam over a store: users, projects, tokens, devices, imports, exports and what there was besides.
 *
 * ```ts
 * const { fetch } = createServer({ store: connect() });
 * ```
 *
 * @throws AnySeriesError `invalid` that names the setting
 */
export function createServer(options: IobeamServerOptions): ProtocolServer {
  const context = createContext(options);
  const guard = createGuard(context);
  const routes: Routes = {
    ping: { GET: async () => jsonAnswer(200, {}) },
    ...tokenRoutes(context, guard),
    ...userRoutes(context, guard),
    ...projectRoutes(context, guard),
    ...deviceRoutes(context, guard),
    ...importRoutes(context, guard),
    ...exportRoutes(context, guard),
    ...dataRoutes(context, guard),
    ...namespaceRoutes(guard),
    ...triggerRoutes(guard),
    ...appRoutes(context, guard),
    ...fileRoutes(context, guard),
  };

  return {
    async fetch(request, connection) {
      try {
        const target = targetOf(request, connection);
        const { handler, parts } = findRoute(routes, request.method, splitPath(target));
        return await handler(toCall(request, target, parts));
      } catch (error) {
        const fault = faultOf(error);
        if (fault.status >= 500) options.onFailure?.(error);
        return faultAnswer(fault);
      }
    },
  };
}

/** iobeam, for a gateway. */
export const protocol: Protocol = { id: protocolId, title: 'iobeam', credentials: credentialForm, claim, examples, createServer };

function examples(url: string, { projectId, token }: CredentialFields): readonly string[] {
  const curl = `curl -H 'Authorization: Bearer ${token}'`;
  const time = 1_440_700_800_000;
  const body = `{"project_id":${projectId},"device_id":"greenhouse-01","sources":[{"name":"temperature","data":[{"time":${time},"value":21.5}]}]}`;
  return [`${curl} -d '${body}' '${url}/v1/imports'`, `${curl} '${url}/v1/exports/${projectId}/greenhouse-01/temperature?limit=1'`];
}

function createContext(options: IobeamServerOptions): ServerContext {
  const { store, project, createProject, clock = systemClock, sendMail } = options;
  const credentials = options.credentials ?? createCredentials(store, clock);
  const key = readVariable('ANYSERIES_GATEWAY_KEY');
  const vault = options.vault ?? (key === undefined ? undefined : createVault(key));
  const opened = new WeakMap<Store, ProjectData>();

  async function openData(home: string): Promise<ProjectData> {
    const found = await openStore(home);
    const data = opened.get(found) ?? createProjectData(found, clock);
    opened.set(found, data);
    return data;
  }

  async function openStore(home: string): Promise<Store> {
    try {
      if (project !== undefined) return await project(home);
    } catch (error) {
      if (isAnySeriesError(error) && error.code === 'not-found') throw notFound(`The store of the project (${home})`);
      throw error;
    }
    // a store alone is one project: those that users make would share its series
    if (/^iobeam-\d+$/.test(home)) throw notFound(`The store of the project (${home})`);
    return store;
  }

  async function* givenNumbers(): AsyncGenerator<GivenNumber> {
    for await (const { protocol: owner, project: home, data } of credentials.list()) {
      if (owner === protocolId && typeof data.projectId === 'number') yield { id: data.projectId, home };
    }
  }

  return {
    clock,
    settings: checkServerSettings(options.settings as Readonly<Record<string, unknown>> | undefined),
    users: createUserRecords(store, clock),
    projects: createProjectRecords(store, clock, givenNumbers),
    signer: createSigner(store.records, vault),
    credentials,
    openData,
    createProject,
    sendMail,
  };
}

/** Path and query without the prefix that led here. */
function targetOf(request: Request, connection: Connection | undefined): string {
  if (connection !== undefined) return connection.target.slice(connection.prefix.length);
  const { pathname, search } = new URL(request.url);
  return `${pathname}${search}`;
}

function toCall(request: Request, target: string, parts: readonly string[]): Call {
  const question = target.indexOf('?');
  return {
    method: request.method,
    parts,
    query: new URLSearchParams(question < 0 ? '' : target.slice(question)),
    authorization: request.headers.get('authorization') ?? undefined,
    json: () => readJsonBody(request),
    bytes: async () => new Uint8Array(await request.arrayBuffer()),
  };
}

/** What went wrong inside is told to nobody outside. */
function faultOf(error: unknown): Fault {
  if (error instanceof Refusal) return error.fault;
  const isPassing = isAnySeriesError(error) && error.retryable;
  return { status: isPassing ? 503 : 500, code: faultCodes.failed, message: 'The server could not answer' };
}
