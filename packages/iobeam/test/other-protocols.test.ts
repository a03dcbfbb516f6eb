import { type Gateway, startGateway } from '@anyseries/gateway';
import { createClient as createTempoClient } from '@anyseries/tempodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connect, createClient } from '../src/index.ts';

const token = '0123456789abcdef0123456789abcdef';
const tempo = { key: 'a'.repeat(32), secret: 'b'.repeat(32) };
const t0 = Date.UTC(2015, 7, 27, 18, 40);

let gateway: Gateway;
let client: ReturnType<typeof createClient>;
let tempoClient: ReturnType<typeof createTempoClient>;

beforeEach(async () => {
  gateway = await startGateway({
    store: 'memory:',
    port: 0,
    protocols: ['iobeam', 'tempodb'],
    credentials: [
      { protocol: 'iobeam', projectId: '7', token },
      { protocol: 'tempodb', ...tempo },
    ],
    log: { level: 'silent' },
  });
  client = createClient({ url: gateway.url, token, projectId: 7 });
  tempoClient = createTempoClient({ url: gateway.url, ...tempo });
});
afterEach(async () => {
  await client.close();
  await tempoClient.close();
  await gateway.close();
});

async function tempoValues(key: string): Promise<unknown[]> {
  return (await tempoClient.readSegment(key, { start: '2015-01-01', end: '2016-01-01' }).toArray()).map(({ t, v }) => [t, v]);
}

test('what iobeam stores is read by TempoDB under NAME{device_id="D"}', async () => {
  const points = [21.5, 22].map((value, i) => ({ time: t0 + i * 1000, value }));
  await client.importSeries([{ name: 'temperature', points }], { deviceId: 'greenhouse-01' });
  await client.importTable({ columns: ['temperature'], rows: [[t0, 18]] }, { deviceId: 'greenhouse-02' });
  expect((await tempoClient.listSeries().toArray()).map(({ key }) => key)).toEqual([
    'temperature{device_id="greenhouse-01"}',
    'temperature{device_id="greenhouse-02"}',
  ]);
  expect(await tempoValues('temperature{device_id="greenhouse-01"}')).toEqual([
    [t0, 21.5],
    [t0 + 1000, 22],
  ]);
});

test('what TempoDB stores is read by iobeam: by its device, or as a stream of the device "anyseries"', async () => {
  await tempoClient.writeMulti([
    { key: 'temperature{device_id="d-1"}', t: t0, v: 1 },
    { key: 'temperature{device_id="d-1",room="kitchen"}', t: t0, v: 2 },
    { key: 'cpu{host="a"}', t: t0, v: 3 },
    { key: 'room', t: t0, v: 4 },
  ]);
  const found = (await client.query()).map(({ deviceId, name, points }) => [deviceId, name, points[0]!.value]);
  expect(found).toEqual([
    ['anyseries', 'cpu{host="a"}', 3],
    ['anyseries', 'room', 4],
    ['d-1', 'temperature', 1],
    ['d-1', 'temperature{room="kitchen"}', 2],
  ]);
  expect(await client.query({ deviceId: 'anyseries', series: 'room' })).toHaveLength(1);
  expect((await client.listNamespaces())[0]!.fields).toMatchObject({ temperature: 'LONG', room: 'LONG' });
});

test('both write to one series, in whatever case iobeam spells its name', async () => {
  await tempoClient.write('Temperature{device_id="d-1"}', [{ t: t0, v: 1 }]);
  await client.importSeries([{ name: 'temperature', points: [{ time: t0 + 1000, value: 2 }] }], { deviceId: 'd-1' });
  await client.importSeries([{ name: 'TEMPERATURE', points: [{ time: t0 + 2000, value: 3 }] }], { deviceId: 'd-1' });
  await client.importSeries([{ name: 'room', points: [{ time: t0, value: 5 }] }], { deviceId: 'anyseries' });
  expect((await tempoValues('Temperature{device_id="d-1"}')).map((point) => (point as unknown[])[1])).toEqual([1, 2, 3]);
  expect(await tempoValues('room')).toEqual([[t0, 5]]);
  expect((await tempoClient.listSeries().toArray()).map(({ key }) => key)).toEqual(['Temperature{device_id="d-1"}', 'room']);
});

test('the neutral provider calls series by the keys of the store', async () => {
  await using provider = connect({ url: gateway.url, token, projectId: 7 });
  const keys = ['plain', 'cpu{host="a"}', 'cpu{device_id="d-1"}', 'cpu{device_id="d-1",host="a"}', 'odd{', 'a/b', '..'];
  await provider.write(keys.map((series, value) => ({ series, time: t0, value })));
  expect((await tempoClient.listSeries().toArray()).map(({ key }) => key)).toEqual([...keys].sort());
  expect((await provider.series().toArray()).map(({ key }) => key)).toEqual([...keys].sort());
  for (const [value, series] of keys.entries()) expect(await provider.read({ series }).toArray()).toEqual([{ series, time: t0, value }]);
});
