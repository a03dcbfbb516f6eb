import type { Json } from '@anyseries/core';
import { isObject } from '../wire/json.ts';
import { emptyAnswer, jsonAnswer } from './answer.ts';
import { type Body, type Call, parameter } from './call.ts';
import { type Guard, type OpenProject, projectIdOf } from './guard.ts';
import { createNamedRecords, type Numbered } from './named-records.ts';
import { isNamespaceName } from './namespace-records.ts';
import { isRecordName } from './record-ids.ts';
import { badField } from './refusal.ts';
import type { Routes } from './router.ts';

interface Trigger {
  readonly name: string;
  readonly namespace: string;
  readonly data_expiry: number;
  readonly fire_when: string;
  readonly release_when?: string;
  readonly actions: readonly Json[];
}

/** Section 4.9. Triggers are kept and never fire. */
export function triggerRoutes(guard: Guard): Routes {
  return {
    triggers: { GET: look, POST: create },
    'triggers/events/test': { PUT: test },
    'triggers/:': { GET: get, PUT: replace, DELETE: remove },
  };

  async function look(call: Call): Promise<Response> {
    const project = await guard.project(call, 'read');
    const name = parameter(call, 'name');
    if (name !== undefined) return jsonAnswer(200, triggerJson(project, await recordsOf(project).named(name)));
    const found = await recordsOf(project).list();
    return jsonAnswer(200, { triggers: found.map((trigger) => triggerJson(project, trigger)) });
  }

  async function get(call: Call): Promise<Response> {
    const project = await guard.project(call, 'read');
    return jsonAnswer(200, triggerJson(project, await recordsOf(project).find(Number(call.parts[0]))));
  }

  async function create(call: Call): Promise<Response> {
    const { project, body } = await openForBody(call);
    return jsonAnswer(201, triggerJson(project, await recordsOf(project).add(readTrigger(body))));
  }

  async function replace(call: Call): Promise<Response> {
    const { project, body } = await openForBody(call);
    const trigger = readTrigger(body);
    return jsonAnswer(200, triggerJson(project, await recordsOf(project).replace(Number(call.parts[0]), () => trigger)));
  }

  async function remove(call: Call): Promise<Response> {
    const project = await guard.project(call, 'write');
    await recordsOf(project).delete(Number(call.parts[0]));
    return emptyAnswer(204);
  }

  async function test(call: Call): Promise<Response> {
    await guard.project(call, 'write');
    await call.json();
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
  return createNamedRecords<Trigger>(store, 'Trigger');
}

function triggerJson(project: OpenProject, { id, resource: { name, namespace, ...rest } }: Numbered<Trigger>) {
  return { trigger_id: id, project_id: project.id, namespace, trigger_name: name, ...rest };
}

function readTrigger(body: Body): Trigger {
  const { trigger_name: name, namespace = 'input', data_expiry = 0, fire_when, release_when, actions = [] } = body;
  if (!isRecordName(name)) throw badField('Invalid trigger_name');
  if (!isNamespaceName(namespace)) throw badField('Invalid namespace');
  if (!isMilliseconds(data_expiry)) throw badField('Invalid data_expiry');
  if (typeof fire_when !== 'string' || fire_when === '') throw badField('Invalid fire_when');
  if (release_when !== undefined && release_when !== null && typeof release_when !== 'string') throw badField('Invalid release_when');
  if (!Array.isArray(actions)) throw badField('Invalid actions');
  const release = typeof release_when === 'string' && release_when !== '' ? { release_when } : {};
  return { name, namespace, data_expiry, fire_when, ...release, actions: actions.map(readAction) };
}

function readAction(action: unknown): Json {
  if (!isObject(action)) throw badField('Invalid actions');
  const { type, min_delay = 0, args = {} } = action;
  if (typeof type !== 'string' || !isMilliseconds(min_delay) || !isObject(args)) throw badField('Invalid actions');
  return { type, min_delay, args: args as { readonly [name: string]: Json } };
}

function isMilliseconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
