import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createClient, dataStore, faultOf, type IobeamClient, timestamp, uniformSeries } from '../src/index.ts';
import { invite, projectId, type Service, startService } from './service.ts';

const t0 = Date.UTC(2015, 7, 27, 18, 40);
const at = (seconds: number) => t0 + seconds * 1000;
const ann = { email: 'ann@example.com', password: 'pw-ann-1', invite };

let service: Service;
let client: IobeamClient;

beforeEach(async () => {
  service = await startService();
  client = createClient({ ...service.settings, deviceId: 'greenhouse-01' });
});

afterEach(async () => {
  await client.close();
  await service.close();
});

/** Ann, who is the first user and may do everything, is logged in. */
async function logIn(): Promise<void> {
  await client.createUser({ ...ann, firstName: 'Ann' });
  await client.logIn(ann.email, ann.password);
}

/** Five points of two streams of two devices. */
async function fill(): Promise<void> {
  const points = [21.5, 22, 23].map((value, i) => ({ time: at(i), value }));
  await client.importSeries([{ name: 'temperature', points }]);
  await client.importTable({ columns: ['temperature', 'mode'], rows: [[at(1), 18, 'auto']] }, { deviceId: 'greenhouse-02' });
}

async function valuesOf(series: string, deviceId = 'greenhouse-01'): Promise<unknown[]> {
  return (await client.query({ deviceId, series })).flatMap(({ points }) => points.map(({ value }) => value));
}

/** What each call of the table does, against the protocol server; named by the first column. */
const rows: Readonly<Record<string, () => Promise<void>>> = {
  async 'deviceId()'() {
    expect(await client.deviceId()).toBe('greenhouse-01');
    expect(await createClient(service.settings).deviceId()).toBeUndefined();
  },
  async 'setDeviceId(deviceId)'() {
    await client.setDeviceId('d-2');
    expect(await client.deviceId()).toBe('d-2');
    await expect(client.setDeviceId('no.periods')).rejects.toMatchObject({ code: 'invalid' });
  },
  async 'registerDevice(device)'() {
    let kept: string | undefined;
    const deviceStore = {
      read: async () => kept,
      write: async (text: string) => {
        kept = text;
      },
    };
    const fresh = createClient({ ...service.settings, deviceStore });
    const id = await fresh.registerDevice();
    expect(id).toMatch(/^[A-Za-z0-9:_-]{16,48}$/);
    expect([await fresh.registerDevice(), kept]).toEqual([id, id]);
    expect(await fresh.registerDevice({ deviceId: 'mine', deviceName: 'My own' })).toBe('mine');
    expect([kept, (await fresh.getDevice('mine')).deviceName]).toEqual(['mine', 'My own']);
    const next = createClient({ ...service.settings, deviceStore });
    expect(await next.registerDevice()).toBe('mine');
    expect(service.requests.filter(({ method }) => method === 'POST')).toHaveLength(2);
  },
  async 'registerOrSetDevice(device)'() {
    await client.createDevice({ deviceId: 'taken' });
    const failure = await client.registerDevice({ deviceId: 'taken' }).catch((error: unknown) => error);
    expect(faultOf(failure)).toMatchObject({ status: 422, code: 150 });
    expect(await client.deviceId()).toBe('greenhouse-01');
    expect(await client.registerOrSetDevice({ deviceId: 'taken' })).toBe('taken');
    expect(await client.deviceId()).toBe('taken');
  },
  async 'addDataPoint(series, point)'() {
    client.addDataPoint('temperature', 21.5);
    client.addDataPoint('temperature', { value: 22, time: at(1) });
    client.addDataPoint('temperature', { value: 22, time: at(1) });
    expect(client.pending()).toBe(3);
    expect(() => client.addDataPoint('temperature', { value: Number.NaN })).toThrow(/^value:/);
    expect(() => client.addDataPoint('Time', 1)).toThrow(/^series:.*reserved/);
    expect((await client.send()).done).toBe(true);
    expect((await valuesOf('temperature')).sort()).toEqual([21.5, 22]);
  },
  async 'addDataSeries(series)'() {
    client.addDataSeries({
      name: 'humidity',
      points: [
        { value: 40, time: at(0) },
        { value: 41, time: new Date(at(1)) },
      ],
    });
    expect((await client.send()).stored).toBe(2);
    expect(await valuesOf('humidity')).toEqual([40, 41]);
  },
  async 'createDataStore(columns)'() {
    const store = client.createDataStore(['temperature', 'mode']);
    store.add(at(0), { temperature: 18, mode: 'auto' });
    store.add(at(1), { temperature: 19 });
    store.add(undefined, { mode: null });
    expect([store.columns, store.size, client.pending()]).toEqual([['temperature', 'mode'], 3, 3]);
    expect(client.createDataStore(['mode', 'temperature'])).toBe(store);
    expect(() => store.add(at(2), { pressure: 1 })).toThrow(/pressure/);
    expect(() => client.createDataStore(['a', 'A'])).toThrow(/twice/);
    expect(await client.send()).toMatchObject({ done: true, stored: 3 });
    expect([await valuesOf('temperature'), await valuesOf('mode'), store.size]).toEqual([[18, 19], ['auto'], 0]);
    expect(new URL(service.requests[0]!.url).search).toBe('?fmt=table');
  },
  async 'addDataStore(store)'() {
    const store = dataStore(['lamp']);
    store.add(at(0), { lamp: true });
    client.addDataStore(store);
    expect((await client.send()).stored).toBe(1);
    expect(await valuesOf('lamp')).toEqual([true]);
    expect(() => client.addDataStore({} as never)).toThrow(/^store:/);
  },
  async 'clearSeries(series)'() {
    client.addDataPoint('a', 1);
    client.addDataPoint('b', 2);
    client.createDataStore(['a', 'c']).add(at(0), { a: 1, c: 2 });
    client.clearSeries('a');
    expect(client.pending()).toBe(2);
  },
  async 'pending()'() {
    expect(client.pending()).toBe(0);
    client.addDataPoint('a', 1);
    expect(client.pending()).toBe(1);
  },
  async 'send()'() {
    expect(await client.send()).toEqual({ done: true, stored: 0, kept: 0, points: [], errors: [] });
    client.addDataPoint('temperature', { value: 21.5, time: at(0) });
    await client.send();
    client.addDataPoint('temperature', { value: 'warm', time: at(1) });
    client.addDataPoint('humidity', { value: 40, time: at(1) });
    const result = await client.send();
    expect(result).toMatchObject({ done: false, stored: 1, kept: 1 });
    expect(result.points).toEqual([
      { name: 'temperature', time: at(1), value: 'warm', outcome: 'refused' },
      { name: 'humidity', time: at(1), value: 40, outcome: 'stored' },
    ]);
    expect(result.errors.map(faultOf)).toEqual([expect.objectContaining({ code: 24, details: 'temperature is DOUBLE' })]);
    expect(client.pending()).toBe(1);
    await expect(createClientWithoutDevice().send()).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('registerDevice'),
    });
  },

  async 'serverTime(options)'() {
    const before = Date.now();
    expect(await client.serverTime()).toBeGreaterThanOrEqual(before);
    expect((await client.serverTime({ format: 'sec' })) % 1000).toBe(0);
  },
  async 'createDevice(device)'() {
    const device = await client.createDevice({ deviceId: 'd-1', deviceName: 'One', deviceType: 'esp' });
    expect(device).toMatchObject({ deviceId: 'd-1', projectId, deviceName: 'One', deviceType: 'esp' });
    const failure = await client.createDevice({ deviceId: 'd-2', deviceName: 'One' }).catch((error: unknown) => error);
    expect([failure, faultOf(failure)?.code]).toEqual([expect.objectContaining({ code: 'conflict' }), 151]);
    expect(await client.deviceId()).toBe('greenhouse-01');
  },
  async 'listDevices(options)'() {
    for (const deviceId of ['c', 'a', 'b']) await client.createDevice({ deviceId });
    const ids = async (...options: Parameters<IobeamClient['listDevices']>) =>
      (await client.listDevices(...options)).map(({ deviceId }) => deviceId);
    expect(await ids()).toEqual(['a', 'b', 'c']);
    expect(await ids({ offset: 1, count: 1 })).toEqual(['b']);
  },
  async 'getDevice(deviceId)'() {
    const made = await client.createDevice({ deviceId: 'd-1' });
    expect(await client.getDevice('d-1')).toEqual(made);
    await expect(client.getDevice('gone')).rejects.toMatchObject({ code: 'not-found' });
  },
  async 'findDevice(deviceName)'() {
    const made = await client.createDevice({ deviceName: 'North wing' });
    expect(await client.findDevice('North wing')).toEqual(made);
    await expect(client.findDevice('South wing')).rejects.toMatchObject({ code: 'not-found' });
  },
  async 'updateDevice(deviceId, changes)'() {
    await client.createDevice({ deviceId: 'd-1' });
    expect(await client.updateDevice('d-1', { deviceName: 'One', deviceType: 'esp' })).toMatchObject({
      deviceName: 'One',
      deviceType: 'esp',
    });
    expect(await client.updateDevice('d-1', { deviceName: 'One' })).toBeUndefined();
  },
  async 'deleteDevice(deviceId)'() {
    await fill();
    await client.deleteDevice('greenhouse-02');
    await expect(client.deleteDevice('greenhouse-02')).rejects.toMatchObject({ code: 'not-found' });
    expect(await valuesOf('mode', 'greenhouse-02')).toEqual(['auto']);
  },

  async 'importSeries(series, options)'() {
    const points = [{ value: 1, time: at(0) + 0.75 }, { value: 2n ** 60n + 1n, time: at(1) }, { value: 3 }];
    await client.importSeries([{ name: 'big', points }]);
    const [series] = await client.query({ deviceId: 'greenhouse-01' });
    expect(series!.points.slice(0, 2)).toEqual(points.slice(0, 2));
    await client.importSeries([{ name: 'rough', points: [points[0]!] }], { deviceId: 'd-2', timeUnit: 'msec' });
    expect((await client.query({ series: 'rough' }))[0]).toMatchObject({ deviceId: 'd-2', points: [{ time: at(0) }] });
    await expect(client.importSeries([{ name: 'all', points }])).rejects.toMatchObject({ code: 'invalid' });
    const many = Array.from({ length: 1001 }, (_, i) => ({ time: at(i), value: i }));
    await expect(client.importSeries([{ name: 'many', points: many }])).rejects.toMatchObject({ code: 'too-large' });
  },
  async 'importTable(table, options)'() {
    await client.importTable({
      columns: ['temperature', 'mode'],
      rows: [
        [at(0), 18, 'auto'],
        [at(1), null, 'manual'],
      ],
    });
    expect([await valuesOf('temperature'), await valuesOf('mode')]).toEqual([[18], ['auto', 'manual']]);
    await expect(client.importTable({ columns: ['a'], rows: [[at(0), 1, 2]] })).rejects.toMatchObject({ code: 'invalid' });
  },
  async 'importRows(table, options)'() {
    await client.importRows({ columns: ['level'], rows: [[at(0), 3]], labels: { device_id: 'd-9', note: 'x' }, namespace: 'alerts' });
    expect(await client.queryData('alerts')).toEqual({ fields: ['time', 'device_id', 'level', 'note'], rows: [[at(0), 'd-9', 3, 'x']] });
    await expect(client.importRows({ columns: ['level'], rows: [[at(0), 3]] })).rejects.toMatchObject({ code: 'invalid' });
  },

  async 'query(query)'() {
    await fill();
    expect(await client.query({ deviceId: 'greenhouse-01', limit: 2 })).toEqual([
      {
        projectId,
        deviceId: 'greenhouse-01',
        name: 'temperature',
        points: [
          { time: at(1), value: 22 },
          { time: at(2), value: 23 },
        ],
      },
    ]);
    const values = async (query: Parameters<IobeamClient['query']>[0]) =>
      (await client.query({ series: 'temperature', ...query })).map(({ points }) => points.map(({ value }) => value));
    expect(await values({ from: at(1), to: at(1) })).toEqual([[22], [18]]);
    expect(await values({ greaterThan: 18, lessThan: 23 })).toEqual([[21.5, 22]]);
    expect(await values({ equals: 18 })).toEqual([[18]]);
    expect(await values({ operator: 'mean', groupBy: '2s' })).toEqual([[21.75, 23], [18]]);
    expect(await values({ series: 'TEMPERATURE', deviceId: 'nobody' })).toEqual([]);
    await expect(client.query({ groupBy: '1m' })).rejects.toMatchObject({ code: 'invalid' });
  },
  async 'queryCsv(query)'() {
    await fill();
    expect(await client.queryCsv({ deviceId: 'greenhouse-02', timeFormat: 'timeval' })).toBe(
      `project_id,device_id,name,time,value\n7,greenhouse-02,mode,${at(1) / 1000}.000000,auto\n7,greenhouse-02,temperature,${at(1) / 1000}.000000,18\n`,
    );
  },
  async 'queryData(namespace, query)'() {
    await fill();
    expect(await client.queryData('input')).toEqual({
      fields: ['time', 'device_id', 'mode', 'temperature'],
      rows: [
        [at(2), 'greenhouse-01', null, 23],
        [at(1), 'greenhouse-01', null, 22],
        [at(1), 'greenhouse-02', 'auto', 18],
        [at(0), 'greenhouse-01', null, 21.5],
      ],
    });
    const rowsOf = async (query: Parameters<IobeamClient['queryData']>[1]) => (await client.queryData('input', query))?.rows;
    expect(await rowsOf({ field: 'temperature', where: [{ field: 'temperature', is: 'ge', value: 22 }] })).toEqual([
      [at(2), 23],
      [at(1), 22],
    ]);
    expect(await rowsOf({ field: 'device_id', limitBy: { field: 'device_id', count: 1 } })).toEqual([
      [at(2), 'greenhouse-01'],
      [at(1), 'greenhouse-02'],
    ]);
    const grouped = { field: 'temperature', operator: 'max', groupBy: ['time(1m)', 'device_id'], from: at(0), to: at(1) } as const;
    expect(await rowsOf(grouped)).toEqual([
      [t0, 22, 'greenhouse-01'],
      [t0, 18, 'greenhouse-02'],
    ]);
    expect(await rowsOf({ from: 'now()-2h' })).toBeUndefined();
    await expect(client.queryData('nowhere')).rejects.toMatchObject({ code: 'not-found' });
  },
  async 'queryDataCsv(namespace, query)'() {
    await fill();
    expect(await client.queryDataCsv('input', { field: 'mode', timeFormat: 'msec' })).toBe(`time,input.mode\n${at(1)},auto\n`);
  },

  async 'listNamespaces(options)'() {
    await fill();
    const [input] = await client.listNamespaces();
    expect(input).toMatchObject({ namespaceName: 'input', partitioningField: 'device_id', labels: { 'device_id:distinct': true } });
    expect(input!.fields).toEqual({ device_id: 'STRING', mode: 'STRING', temperature: 'DOUBLE' });
    expect(await client.listNamespaces({ name: 'other' })).toEqual([]);
  },
  async 'getNamespace(namespaceId)'() {
    const [input] = await client.listNamespaces();
    expect(await client.getNamespace(input!.namespaceId)).toEqual(input);
    await expect(client.getNamespace(99)).rejects.toMatchObject({ code: 'not-found' });
  },
  async 'createNamespace(namespace)'() {
    const fields = { room: 'STRING', level: 'LONG' } as const;
    const made = await client.createNamespace({ namespaceName: 'alerts', partitioningField: 'room', fields });
    expect(made).toMatchObject({ namespaceName: 'alerts', partitioningField: 'room', fields, labels: {} });
    await expect(client.createNamespace({ ...made, fields })).rejects.toMatchObject({ code: 'conflict' });
  },
  async 'replaceNamespace(namespace)'() {
    const made = await client.createNamespace({ namespaceName: 'alerts', partitioningField: 'room', fields: { level: 'LONG' } });
    await client.replaceNamespace({ ...made, fields: { ...made.fields, note: 'STRING' }, labels: { 'room:distinct': true } });
    const changed = await client.getNamespace(made.namespaceId);
    expect([changed.fields, changed.labels]).toEqual([{ room: 'STRING', level: 'LONG', note: 'STRING' }, { 'room:distinct': true }]);
    await expect(client.replaceNamespace({ ...changed, fields: {} })).rejects.toMatchObject({ code: 'invalid' });
  },

  async 'logIn(name, password)'() {
    await client.createUser(ann);
    const issued = await client.logIn('ann@example.com', 'pw-ann-1');
    expect(issued).toMatchObject({ userId: 1, expires: expect.any(Number) });
    expect((await client.getUser()).userId).toBe(1);
    await expect(client.logIn('ann@example.com', 'wrong')).rejects.toMatchObject({ code: 'forbidden' });
  },
  async 'fetchToken(options)'() {
    await fill();
    await logIn();
    const issued = await client.fetchToken({ write: false, admin: false, duration: '2h', includeUser: false });
    expect(issued).toMatchObject({ projectId, userId: 0, read: true, write: false, admin: false });
    expect(issued.expires - issued.created!).toBe(7_200_000);
    const reader = createClient({ ...service.settings, token: issued.token });
    expect(await reader.query({ series: 'mode' })).toHaveLength(1);
    await expect(reader.importSeries([], { deviceId: 'd' })).rejects.toMatchObject({ code: 'forbidden' });
  },
  async 'fetchDeviceToken(deviceId, options)'() {
    await logIn();
    const { token, read } = await client.fetchDeviceToken('greenhouse-01', { read: false });
    expect(read).toBe(false);
    await createClient({ ...service.settings, token, deviceId: 'greenhouse-01' }).importSeries([]);
  },
  async 'refreshToken(token)'() {
    await logIn();
    const { token, expires } = await client.fetchToken({ duration: '1h' });
    expect((await client.refreshToken(token)).expires).toBeGreaterThan(expires);
    const lasting = await client.fetchToken({ refreshable: false });
    const failure = await client.refreshToken(lasting.token).catch((error: unknown) => error);
    expect(faultOf(failure)).toMatchObject({ status: 403, code: 13 });
  },

  async 'createProject(projectName)'() {
    await logIn();
    const made = await client.createProject('cellar');
    expect(made).toMatchObject({ projectName: 'cellar' });
    const { token } = await client.fetchToken({ projectId: made.projectId });
    const cellar = createClient({ ...service.settings, projectId: made.projectId, token, deviceId: 'd' });
    await cellar.importSeries([{ name: 'a', points: [{ value: 1 }] }]);
    expect([(await cellar.query()).length, (await client.query()).length]).toEqual([1, 0]);
    await expect(client.createProject('cellar')).rejects.toMatchObject({ code: 'conflict' });
  },
  async 'listProjects()'() {
    await logIn();
    await client.createProject('cellar');
    const permissions = { read: true, write: true, admin: true };
    expect(await client.listProjects()).toMatchObject([
      { projectName: 'cellar', permissions },
      { projectId, projectName: 'default', permissions },
    ]);
  },
  async 'getProject(project)'() {
    await logIn();
    const { projectId } = await client.createProject('cellar');
    const project = await client.getProject(projectId);
    expect(project).toMatchObject({ projectName: 'cellar', permissions: { read: [1], write: [1], admin: [1] } });
    expect(await client.getProject('cellar')).toEqual(project);
    await expect(client.getProject('attic')).rejects.toMatchObject({ code: 'not-found' });
  },
  async 'renameProject(projectId, projectName)'() {
    await logIn();
    const { projectId } = await client.createProject('cellar');
    expect(await client.renameProject(projectId, 'wine cellar')).toMatchObject({ projectName: 'wine cellar' });
    expect(await client.renameProject(projectId, 'wine cellar')).toBeUndefined();
    expect((await client.getProject('wine cellar')).projectId).toBe(projectId);
  },
  async 'getPermissions(projectId)'() {
    await logIn();
    const { projectId } = await client.createProject('cellar');
    expect(await client.getPermissions(projectId)).toEqual({ read: [1], write: [1], admin: [1] });
  },
  async 'setPermissions(projectId, userId, permissions)'() {
    await logIn();
    const { projectId } = await client.createProject('cellar');
    const bob = await client.createUser({ email: 'bob@example.com', password: 'pw-bob-1', invite });
    const permissions = { read: true, write: false, admin: false };
    expect(await client.setPermissions(projectId, bob.userId, permissions)).toBe('added');
    expect(await client.setPermissions(projectId, bob.userId, permissions)).toBe('unchanged');
    expect(await client.setPermissions(projectId, bob.userId, { ...permissions, read: false })).toBe('changed');
  },

  async 'createUser(user)'() {
    const user = await client.createUser({ ...ann, username: 'ann', companyName: 'Acme' });
    expect(user).toEqual({ userId: 1, username: 'ann', email: ann.email, companyName: 'Acme' });
    await expect(client.createUser({ ...ann, username: 'other' })).rejects.toMatchObject({ code: 'conflict' });
    await expect(client.createUser({ ...ann, invite: 'none' })).rejects.toMatchObject({ code: 'forbidden' });
  },
  async 'getUser(user)'() {
    await logIn();
    const me = await client.getUser();
    expect(me).toMatchObject({ userId: 1, email: ann.email, firstName: 'Ann' });
    expect([await client.getUser(1), await client.getUser(ann.email)]).toEqual([me, me]);
    await expect(client.getUser('nobody')).rejects.toMatchObject({ code: 'not-found' });
  },
  async 'searchUsers(text)'() {
    await logIn();
    expect(await client.searchUsers('ANN')).toEqual([{ userId: 1, username: ann.email, email: ann.email }]);
    expect(await client.searchUsers('zoe')).toEqual([]);
  },
  async 'updateUser(changes)'() {
    await logIn();
    expect(await client.updateUser({ firstName: 'Anna', username: 'anna' })).toMatchObject({ firstName: 'Anna', username: 'anna' });
    expect(await client.updateUser({ firstName: 'Anna' })).toBeUndefined();
    expect((await client.getUser('anna')).userId).toBe(1);
  },
  async 'changePassword(oldPassword, password)'() {
    await logIn();
    await expect(client.changePassword('wrong', 'pw-2')).rejects.toMatchObject({ code: 'forbidden' });
    await client.changePassword(ann.password, 'pw-2');
    await client.logIn(ann.email, 'pw-2');
    await expect(client.logIn(ann.email, ann.password)).rejects.toMatchObject({ code: 'forbidden' });
  },
  async 'verifyEmail(verificationKey)'() {
    await client.createUser(ann);
    const { key, purpose } = service.mails[0]!;
    expect(purpose).toBe('verify-email');
    await client.verifyEmail(key);
    await expect(client.verifyEmail(key)).rejects.toMatchObject({ code: 'forbidden' });
  },
  async 'requestPasswordReset(email)'() {
    await client.createUser(ann);
    await client.requestPasswordReset(ann.email);
    await client.requestPasswordReset('nobody@example.com');
    expect(service.mails.slice(1)).toEqual([{ to: ann.email, purpose: 'reset-password', key: expect.any(String) }]);
  },
  async 'resetPassword(resetKey, password)'() {
    await client.createUser(ann);
    await client.requestPasswordReset(ann.email);
    await client.resetPassword(service.mails[1]!.key, 'pw-3');
    await client.logIn(ann.email, 'pw-3');
    await expect(client.resetPassword(service.mails[1]!.key, 'pw-4')).rejects.toMatchObject({ code: 'forbidden' });
  },

  async 'listTriggers()'() {
    await client.createTrigger(tooHot);
    expect((await client.listTriggers()).map(({ triggerName }) => triggerName)).toEqual(['too hot']);
  },
  async 'getTrigger(trigger)'() {
    const made = await client.createTrigger(tooHot);
    expect([await client.getTrigger(made.triggerId), await client.getTrigger('too hot')]).toEqual([made, made]);
  },
  async 'createTrigger(trigger)'() {
    expect(await client.createTrigger(tooHot)).toMatchObject({ ...tooHot, namespace: 'input', dataExpiry: 0 });
    await expect(client.createTrigger(tooHot)).rejects.toMatchObject({ code: 'conflict' });
  },
  async 'replaceTrigger(trigger)'() {
    const made = await client.createTrigger(tooHot);
    expect(await client.replaceTrigger({ ...made, releaseWhen: '{{ temperature }} < 20', actions: [] })).toMatchObject({
      releaseWhen: '{{ temperature }} < 20',
      actions: [],
    });
  },
  async 'deleteTrigger(triggerId)'() {
    const { triggerId } = await client.createTrigger(tooHot);
    await client.deleteTrigger(triggerId);
    await expect(client.deleteTrigger(triggerId)).rejects.toMatchObject({ code: 'not-found' });
  },
  async 'testTriggers(eventName, data)'() {
    await client.testTriggers('too hot', { temperature: 30 });
  },

  async 'listApps()'() {
    await client.createApp(deviceOps);
    expect((await client.listApps()).map(({ appName }) => appName)).toEqual(['deviceOps']);
  },
  async 'getApp(app)'() {
    const made = await client.createApp(deviceOps);
    expect([await client.getApp(made.appId), await client.getApp('deviceOps')]).toEqual([made, made]);
  },
  async 'createApp(app)'() {
    expect(await client.createApp(deviceOps)).toMatchObject({ ...deviceOps, currentStatus: 'ERROR', error: expect.any(String) });
  },
  async 'replaceApp(app)'() {
    const made = await client.createApp(deviceOps);
    expect(await client.replaceApp({ ...made, requestedStatus: 'STOPPED' })).toMatchObject({ currentStatus: 'STOPPED' });
    expect(await client.replaceApp({ ...made, requestedStatus: 'STOPPED' })).toBeUndefined();
  },
  async 'deleteApp(appId)'() {
    const { appId } = await client.createApp(deviceOps);
    await client.deleteApp(appId);
    expect(await client.listApps()).toEqual([]);
  },
  async 'listFiles()'() {
    await client.uploadFile('app.jar', new TextEncoder().encode('abc'));
    expect((await client.listFiles()).map(({ fileName }) => fileName)).toEqual(['app.jar']);
  },
  async 'uploadFile(fileName, bytes)'() {
    const { checksum } = await client.uploadFile('app.jar', new TextEncoder().encode('abc'));
    expect(checksum).toEqual({ alg: 'SHA256', sum: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' });
  },
  async 'deleteFile(fileName)'() {
    await client.uploadFile('app.jar', new Uint8Array(3));
    await client.deleteFile('app.jar');
    await expect(client.deleteFile('app.jar')).rejects.toMatchObject({ code: 'not-found' });
  },

  async 'ping()'() {
    await client.ping();
    expect(service.requests.at(-1)?.headers.has('authorization')).toBe(false);
  },

  async 'dataStore(columns)'() {
    const store = dataStore(['a']);
    store.add(undefined, { a: 1 });
    expect(store.size).toBe(1);
    expect(() => dataStore([])).toThrow(/^columns:/);
  },
  async 'timestamp(value, unit)'() {
    expect([timestamp(1_440_700_800, 'sec'), timestamp(1_440_700_800_250_125, 'usec')]).toEqual([1_440_700_800_000, 1_440_700_800_250.125]);
    expect(() => timestamp(Number.NaN, 'msec')).toThrow(/^timestamp:/);
  },
  async 'uniformSeries(name, start, end, values)'() {
    const { points } = uniformSeries('a', t0, at(1), [1, 2, 3, 4]);
    expect(points.map(({ time }) => time)).toEqual([t0, t0 + 333.333, t0 + 666.666, at(1)]);
    expect(() => uniformSeries('a', at(1), t0, [1])).toThrow(/^end:/);
  },
};

const tooHot = {
  triggerName: 'too hot',
  fireWhen: '{{ temperature }} > 25.0',
  actions: [{ type: 'email', minDelay: 60_000, args: { to: ['joe@example.com'] } }],
};
const deviceOps = {
  appName: 'deviceOps',
  bundle: { checksum: { alg: 'SHA256', sum: 'ba78' }, type: 'JAR', uri: 'file://app.jar' },
  requestedStatus: 'RUNNING',
};

function createClientWithoutDevice(): IobeamClient {
  const deviceless = createClient(service.settings);
  deviceless.addDataPoint('a', 1);
  return deviceless;
}

const table = readFileSync(new URL('../../../docs/clients/iobeam.md', import.meta.url), 'utf8');
const calls = [...table.matchAll(/^\| `([^`]+\))` \|/gm)].map(([, call]) => call!);

describe('each row of docs/clients/iobeam.md works against the protocol server', () => {
  test.each(calls)('%s', async (call) => {
    expect(Object.keys(rows)).toContain(call);
    await rows[call]!();
  });

  test('the table and these tests tell of the same calls, and of every method of the client', () => {
    expect(Object.keys(rows)).toEqual(calls);
    const methods = Object.keys(client).filter((name) => name !== 'close');
    const functions = ['dataStore', 'timestamp', 'uniformSeries'];
    expect(calls.map((call) => call.slice(0, call.indexOf('('))).sort()).toEqual([...methods, ...functions].sort());
  });
});
