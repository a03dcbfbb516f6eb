import type { Store, Transaction } from '@anyseries/core';
import { randomHex } from '@anyseries/core/server';
import { faultCodes } from '../wire/fault.ts';
import { isDeviceId } from '../wire/names.ts';
import { formatDate, readTimeFormat, writeTime } from '../wire/time.ts';
import { emptyAnswer, jsonAnswer } from './answer.ts';
import { type Body, type Call, parameter } from './call.ts';
import type { ServerContext } from './context.ts';
import { type Guard, type OpenProject, projectIdOf } from './guard.ts';
import { isRecordName } from './record-ids.ts';
import { badField, badParameter, notFound, Refusal } from './refusal.ts';
import type { Routes } from './router.ts';

type Kept = { readonly name: string; readonly created: string; readonly type?: string };

const devices = 'iobeam/devices';
const names = 'iobeam/device-names';

/** Sections 4.2 and 4.3. */
export function deviceRoutes({ clock }: ServerContext, guard: Guard): Routes {
  return {
    'devices/timestamp': { GET: tellTime },
    devices: { POST: register, GET: look },
    'devices/:': { GET: get, PATCH: change, DELETE: remove },
  };

  async function tellTime(call: Call): Promise<Response> {
    await guard.anyone(call);
    const text = parameter(call, 'timefmt') ?? 'msec';
    const format = readTimeFormat(text);
    if (format === undefined) throw badParameter('Invalid value for timefmt', text);
    return jsonAnswer(200, { server_timestamp: writeTime(clock.now(), format) });
  }

  async function register(call: Call): Promise<Response> {
    const { project, body } = await openForBody(call);
    const given = readText(body, 'device_id')?.trim();
    const id = given === undefined || given === '' ? randomHex(12) : given;
    if (!isDeviceId(id)) throw badField('Invalid device_id');
    const name = readName(body) ?? id;
    const type = readText(body, 'device_type');
    const kept: Kept = { name, created: readText(body, 'created') ?? formatDate(clock.now()), ...(type !== undefined && { type }) };
    await project.store.transaction(async (tx) => {
      if ((await tx.records.get(devices, id)) !== undefined) throw new Refusal(422, faultCodes.duplicateId, 'Device ID already in use');
      await takeName(tx, name, id);
      tx.records.put(devices, id, kept);
    });
    return jsonAnswer(201, deviceJson(id, project.id, kept));
  }

  async function look(call: Call): Promise<Response> {
    const project = await guard.project(call, 'read', () => readCount(call, 'project_id'));
    const name = parameter(call, 'name');
    if (name !== undefined) return answerNamed(project, name);
    const [offset = 0, count = Number.POSITIVE_INFINITY] = [readCount(call, 'offset'), readCount(call, 'count')];
    const found = [];
    let place = 0;
    for await (const { id, value } of project.store.records.list<Kept>(devices)) {
      if (place >= offset + count) break;
      if (place >= offset) found.push(deviceJson(id, project.id, value));
      place++;
    }
    return jsonAnswer(200, { devices: found });
  }

  async function answerNamed(project: OpenProject, name: string): Promise<Response> {
    const record = isRecordName(name) ? await project.store.records.get<{ device: string }>(names, name) : undefined;
    if (record === undefined) throw notFound('Device');
    return answerDevice(project, record.value.device);
  }

  async function get(call: Call): Promise<Response> {
    return answerDevice(await guard.project(call, 'read'), call.parts[0]!);
  }

  async function answerDevice({ id: projectId, store }: OpenProject, id: string): Promise<Response> {
    const record = isDeviceId(id) ? await store.records.get<Kept>(devices, id) : undefined;
    if (record === undefined) throw notFound('Device');
    return jsonAnswer(200, deviceJson(id, projectId, record.value));
  }

  async function change(call: Call): Promise<Response> {
    const { project, body } = await openForBody(call, true);
    const id = call.parts[0]!;
    const changes = { name: readName(body), type: readText(body, 'device_type') };
    const { kept, changed } = await project.store.transaction(async (tx) => {
      const record = isDeviceId(id) ? await tx.records.get<Kept>(devices, id) : undefined;
      if (record === undefined) throw notFound('Device');
      const { name = record.value.name, type = record.value.type } = changes;
      const kept: Kept = { ...record.value, name, ...(type !== undefined && { type }) };
      const changed = kept.name !== record.value.name || kept.type !== record.value.type;
      if (changed) tx.records.put(devices, id, kept);
      if (kept.name !== record.value.name) {
        await takeName(tx, kept.name, id);
        await dropName(tx, record.value.name, id);
      }
      return { kept, changed };
    });
    return changed ? jsonAnswer(200, deviceJson(id, project.id, kept)) : emptyAnswer(204);
  }

  /** What the device has sent stays. */
  async function remove(call: Call): Promise<Response> {
    const { store } = await guard.project(call, 'write');
    const id = call.parts[0]!;
    await store.transaction(async (tx) => {
      const record = isDeviceId(id) ? await tx.records.get<Kept>(devices, id) : undefined;
      if (record === undefined) throw notFound('Device');
      await dropName(tx, record.value.name, id);
      tx.records.delete(devices, id);
    });
    return emptyAnswer(204);
  }

  async function openForBody(call: Call, mayLackProject = false): Promise<{ project: OpenProject; body: Body }> {
    let body: Body = {};
    const project = await guard.project(call, 'write', async () => {
      body = await call.json();
      return mayLackProject && body.project_id === undefined ? undefined : projectIdOf(body);
    });
    return { project, body };
  }
}

/** Makes sure that a device is registered, named by its id. */
export async function ensureDevice(tx: Transaction, id: string, now: number): Promise<void> {
  if ((await tx.records.get(devices, id)) !== undefined) return;
  tx.records.put(devices, id, { name: id, created: formatDate(now) });
  // where another device has that name, this one is found by its id alone
  if ((await tx.records.get(names, id)) === undefined) tx.records.put(names, id, { device: id });
}

export async function isRegistered({ records }: Pick<Store, 'records'>, id: string): Promise<boolean> {
  return (await records.get(devices, id)) !== undefined;
}

async function takeName(tx: Transaction, name: string, device: string): Promise<void> {
  if ((await tx.records.get(names, name)) !== undefined) throw new Refusal(422, faultCodes.duplicateName, 'Device name already in use');
  tx.records.put(names, name, { device });
}

async function dropName(tx: Transaction, name: string, device: string): Promise<void> {
  const record = await tx.records.get<{ device: string }>(names, name);
  if (record?.value.device === device) tx.records.delete(names, name);
}

/** The id comes first: devices with little memory look no further (section 2, rule 5). */
function deviceJson(id: string, projectId: number, { name, type, created }: Kept) {
  return { device_id: id, project_id: projectId, device_name: name, device_type: type, created };
}

function readText(body: Body, field: string): string | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value.length <= 1000) return value;
  throw badField(`Invalid ${field}`);
}

/** The name of a device; an empty one counts as none. */
function readName(body: Body): string | undefined {
  const name = readText(body, 'device_name');
  if (name === undefined || name === '') return undefined;
  if (!isRecordName(name)) throw badField('Invalid device_name');
  return name;
}

function readCount(call: Call, name: string): number | undefined {
  const text = parameter(call, name);
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw badParameter(`Invalid value for ${name}`, text);
}
