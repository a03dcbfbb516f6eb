import type { Clock, Json } from '@anyseries/core';
import { isObject } from '../wire/json.ts';
import { formatIsoDate } from '../wire/time.ts';
import { emptyAnswer, jsonAnswer } from './answer.ts';
import { type Body, type Call, parameter } from './call.ts';
import type { ServerContext } from './context.ts';
import { type Guard, type OpenProject, projectIdOf } from './guard.ts';
import { createNamedRecords, type Numbered } from './named-records.ts';
import { isRecordName } from './record-ids.ts';
import { badField, notFound } from './refusal.ts';
import type { Routes } from './router.ts';

interface App {
  readonly name: string;
  readonly bundle: Json;
  readonly requested: string;
  readonly created: number;
  readonly modified: number;
}

/** Section 4.9. Apps are kept and never run: whoever starts one is told so at once. */
export function appRoutes({ clock }: ServerContext, guard: Guard): Routes {
  return {
    apps: { GET: look, POST: create, PUT: replaceNamed },
    'apps/:': { GET: get, PUT: replace, DELETE: remove },
  };

  async function look(call: Call): Promise<Response> {
    const project = await guard.project(call, 'read');
    const name = parameter(call, 'name');
    if (name !== undefined) return jsonAnswer(200, appJson(project, await recordsOf(project).named(name)));
    const found = await recordsOf(project).list();
    return jsonAnswer(200, { apps: found.map((app) => appJson(project, app)) });
  }

  async function get(call: Call): Promise<Response> {
    const project = await guard.project(call, 'read');
    return jsonAnswer(200, appJson(project, await recordsOf(project).find(Number(call.parts[0]))));
  }

  async function create(call: Call): Promise<Response> {
    const { project, body } = await openForBody(call);
    return jsonAnswer(201, appJson(project, await recordsOf(project).add(readApp(body, undefined, clock))));
  }

  async function replace(call: Call): Promise<Response> {
    return put(call, async () => Number(call.parts[0]));
  }

  async function replaceNamed(call: Call): Promise<Response> {
    return put(call, async (project) => {
      const name = parameter(call, 'name');
      if (name === undefined) throw notFound('App');
      return (await recordsOf(project).named(name)).id;
    });
  }

  async function put(call: Call, idOf: (project: OpenProject) => Promise<number>): Promise<Response> {
    const { project, body } = await openForBody(call);
    readApp(body, undefined, clock);
    const app = await recordsOf(project).replace(await idOf(project), (present) => readApp(body, present, clock));
    return app.changed ? jsonAnswer(200, appJson(project, app)) : emptyAnswer(204);
  }

  async function remove(call: Call): Promise<Response> {
    const project = await guard.project(call, 'write');
    await recordsOf(project).delete(Number(call.parts[0]));
    return emptyAnswer(204);
  }

  async function openForBody(call: Call): Promise<{ project: OpenProject; body: Body }> {
    let body: Body = {};
    const project = await guard.project(call, 'write', async () => {
      body = await call.json();
      return projectIdOf(body);
    });
    return { project, body };
  }
}

function recordsOf({ store }: OpenProject) {
  return createNamedRecords<App>(store, 'App');
}

/** The app of a body; the present one itself where they are the same. */
function readApp(body: Body, present: App | undefined, clock: Clock): App {
  const { app_name: name, bundle, requested_status: requested = 'STOPPED' } = body;
  if (!isRecordName(name)) throw badField('Invalid app_name');
  if (!isBundle(bundle)) throw badField('Invalid bundle');
  if (requested !== 'RUNNING' && requested !== 'STOPPED') throw badField('Invalid requested_status');
  if (
    present !== undefined &&
    JSON.stringify([name, bundle, requested]) === JSON.stringify([present.name, present.bundle, present.requested])
  )
    return present;
  return { name, bundle: bundle as Json, requested, created: present?.created ?? clock.now(), modified: clock.now() };
}

function isBundle(bundle: unknown): boolean {
  if (!isObject(bundle) || !isObject(bundle.checksum)) return false;
  const { checksum, type, uri } = bundle;
  return [type, uri, checksum.alg, checksum.sum].every((text) => typeof text === 'string');
}

function appJson(project: OpenProject, { id, resource }: Numbered<App>) {
  const { name, bundle, requested, created, modified } = resource;
  const state =
    requested === 'RUNNING' ? { current_status: 'ERROR', error: 'Apps are not run by this server' } : { current_status: requested };
  const dates = { created: formatIsoDate(created), last_modified: formatIsoDate(modified) };
  return { app_id: id, app_name: name, project_id: project.id, bundle, ...dates, requested_status: requested, ...state };
}
