import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Point } from '@anyseries/core';
import { type Gateway, startGateway } from '@anyseries/gateway';
import { connect as connectToSqlite } from '@anyseries/sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connect, createClient } from '../src/index.ts';

const token = '0123456789abcdef0123456789abcdef';
const t0 = Date.UTC(2026, 10, 21);

const invite = 'INVITE-1';
const settings = { iobeam: { invites: [invite] } };

let folder: string;
let gateway: Gateway;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'anyseries-iobeam-'));
  gateway = await startGateway({
    store: `sqlite:${join(folder, 'data.db')}`,
    port: 0,
    protocols: ['iobeam'],
    credentials: [{ protocol: 'iobeam', projectId: '7', token }],
    settings,
    keyFile: join(folder, 'key'),
    log: { level: 'silent' },
  });
});
afterEach(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What the file of the gateway holds, after it has ended. */
async function storedPoints(): Promise<Point[]> {
  await gateway.close();
  const store = connectToSqlite(`sqlite:${join(folder, 'data.db')}`);
  const points = await store.read({ series: {} }).toArray();
  await store.close();
  return points;
}

test('10 devices that send at the same time lose nothing and double nothing', async () => {
  const [rounds, perRound] = [5, 300];
  async function device(number: number): Promise<void> {
    await using client = createClient({ url: gateway.url, token, projectId: 7 });
    await client.registerDevice({ deviceId: `device-${number}` });
    const store = client.createDataStore(['temperature', 'humidity']);
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < perRound; i++) {
        const time = t0 + (round * perRound + i) * 1000 + number / 1000;
        store.add(time, { temperature: number + i / 8, humidity: i });
        client.addDataPoint('count', { time, value: i });
      }
      const results = await Promise.all([client.send(), client.send()]);
      expect(results.map(({ done }) => done)).toEqual([true, true]);
    }
  }
  await Promise.all(Array.from({ length: 10 }, (_, number) => device(number)));

  const points = await storedPoints();
  expect(points).toHaveLength(10 * rounds * perRound * 3);
  for (let number = 0; number < 10; number++) {
    const own = points.filter(({ series }) => series === `temperature{device_id="device-${number}"}`);
    const expected = Array.from({ length: rounds * perRound }, (_, i) => [t0 + i * 1000 + number / 1000, number + (i % perRound) / 8]);
    expect(own.map(({ time, value }) => [time, value])).toEqual(expected);
  }
});

test('microseconds and 64-bit integers arrive as they were sent, over HTTP and through a file', async () => {
  const provider = connect({ url: gateway.url, token, projectId: 7 });
  const points = [
    { series: 'exact{device_id="d"}', time: t0 + 0.001, value: 2n ** 63n - 1n },
    { series: 'exact{device_id="d"}', time: t0 + 0.999, value: -(2n ** 63n) + 1n },
    { series: 'exact{device_id="d"}', time: t0 + 1.5, value: 2n ** 53n + 1n },
    { series: 'exact{device_id="d"}', time: t0 + 2, value: -0 },
  ];
  expect(await provider.write(points)).toEqual({ stored: 4, unconfirmed: 0, rejected: [] });
  expect(await provider.read({ series: 'exact{device_id="d"}' }).toArray()).toEqual(points);
  await provider.close();
  expect(await storedPoints()).toEqual(points);
});

test('what a gateway has issued and registered is there after a restart', async () => {
  const client = createClient({ url: gateway.url, token, projectId: 7 });
  const made = await client.createDevice({ deviceId: 'd-1', deviceName: 'One' });
  await client.importSeries([{ name: 'a', points: [{ time: t0, value: 1 }] }], { deviceId: 'd-1' });
  const [input] = await client.listNamespaces();
  await gateway.close();
  gateway = await startGateway({
    store: `sqlite:${join(folder, 'data.db')}`,
    port: Number(new URL(gateway.url).port),
    protocols: ['iobeam'],
    settings,
    keyFile: join(folder, 'key'),
    log: { level: 'silent' },
  });
  expect(await client.getDevice('d-1')).toEqual(made);
  expect(await client.listNamespaces()).toEqual([input]);
  expect(await client.query()).toMatchObject([{ name: 'a', points: [{ time: t0, value: 1 }] }]);
  await client.close();
});

test('a user makes a project with a store of its own, and what was signed for it is good after a restart', async () => {
  const [user, password] = ['ann@example.com', 'a long password'];
  const client = createClient({ url: gateway.url, user, password });
  await client.createUser({ email: user, password, invite });
  const { projectId } = await client.createProject('Greenhouse');
  const { token: own } = await client.fetchToken({ projectId });
  await using db = connect({ url: gateway.url, token: own });
  await db.write([{ series: 'a', time: t0, value: 1 }]);
  await gateway.close();
  expect(readdirSync(folder).filter((file) => file.endsWith('.db'))).toEqual(['data.db', `data.iobeam-${projectId}.db`]);
  gateway = await startGateway({
    store: `sqlite:${join(folder, 'data.db')}`,
    port: Number(new URL(gateway.url).port),
    protocols: ['iobeam'],
    settings,
    keyFile: join(folder, 'key'),
    log: { level: 'silent' },
  });
  expect(await db.latest('a')).toEqual({ series: 'a', time: t0, value: 1 });
  expect(await client.listProjects()).toMatchObject([{ projectId, projectName: 'Greenhouse' }]);
  await client.close();
});
