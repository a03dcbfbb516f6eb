import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Gateway, type GatewayOptions, startGateway } from '../src/index.ts';
import { claimOf, madeUp, type Told } from './made-up.ts';
import { exchange, message, open } from './raw.ts';

const cert = join(import.meta.dirname, 'fixtures/test-only-certificate.pem');
const key = join(import.meta.dirname, 'fixtures/test-only-key.pem');
const protocol = madeUp({ id: 'made-up', claim: () => claimOf() });
const base: GatewayOptions = { store: 'memory:', port: 0, protocols: [protocol], log: { level: 'silent' } };

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ ...base, tls: { cert, key, port: 0 }, listeners: [{ protocol: 'made-up', port: 0, tls: true }] });
});
afterAll(() => gateway.close());

async function askOverTls(url: string, request: string): Promise<string> {
  const connection = await open(url, { ca: readFileSync(cert) });
  connection.send(request);
  return await connection.toEnd();
}

test('HTTPS and HTTP answer side by side, and the protocol server knows which it was', async () => {
  const request = message('GET /x HTTP/1.1\nHost: device.example\nConnection: close');
  const told = [await exchange(gateway.url, request), await askOverTls(gateway.tlsUrl!, request)]
    .map((answer) => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as Told)
    .map(({ url, connection }) => [url, connection.secure]);
  expect(told).toEqual([
    ['http://device.example/x', false],
    ['https://device.example/x', true],
  ]);
  expect(gateway.tlsUrl).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
});

test('a port of one protocol can speak TLS', async () => {
  const { url } = gateway.ports[2]!;
  expect(url).toMatch(/^https:/);
  expect(await askOverTls(url, message('GET /health HTTP/1.0'))).toContain('"protocol":"made-up"');
});

test('plain HTTP on the port of HTTPS ends the connection and is counted', async () => {
  expect(await exchange(gateway.tlsUrl!.replace('https', 'http'), message('GET / HTTP/1.0'))).toBe('');
  expect(await (await fetch(`${gateway.url}/metrics`)).text()).toContain('anyseries_gateway_refused_total{reason="tls"} 1');
});

test('a proxy that is trusted tells whether the client spoke TLS, and others do not', async () => {
  const trusting = await startGateway({ ...base, trustedProxies: ['127.0.0.1'] });
  const request = message('GET /x HTTP/1.0\nX-Forwarded-Proto: https\nX-Forwarded-For: 198.51.100.1');
  const trusted = await exchange(trusting.url, request);
  expect(trusted).toContain('"secure":true,"remoteAddress":"198.51.100.1"');
  expect(await exchange(gateway.url, request)).toContain('"secure":false,"remoteAddress":"127.0.0.1"');
  await trusting.close();
  const trustingOthers = await startGateway({ ...base, trustedProxies: ['10.0.0.1'] });
  expect(await exchange(trustingOthers.url, request)).toContain('"secure":false,"remoteAddress":"127.0.0.1"');
  await trustingOthers.close();
});

test('certificate and key may be given as texts, and plain HTTP may be left out', async () => {
  const tls = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8'), port: 0 };
  const only = await startGateway({ ...base, port: false, tls });
  expect(only.url).toBe(only.tlsUrl);
  expect(only.ports).toHaveLength(1);
  await only.close();
});

test.each([
  [{ tls: { cert: 'nowhere.pem', key } }, /^tls\.cert: "nowhere\.pem" cannot be read \(ENOENT\)/],
  [{ tls: { cert: key, key } }, /^tls: cert and key are no certificate in PEM with its key/],
  [{ listeners: [{ protocol: 'made-up', port: 0, tls: true }] }, /^tls: is missing/],
  [{ port: false as const }, /^port: is false, and there is no tls/],
  [{ host: '203.0.113.7' }, /^cannot listen at 203\.0\.113\.7 \(EADDRNOTAVAIL\)/],
  [{ trustedProxies: ['10.0.0.0/33'] }, /^trustedProxies\[0\]: "10\.0\.0\.0\/33" is no address/],
])('what cannot be opened is refused by name: %o', async (options, problem) => {
  await expect(startGateway({ ...base, ...options })).rejects.toMatchObject({ code: 'invalid', message: expect.stringMatching(problem) });
});

test('a port that is taken is told, and nothing stays open', async () => {
  const port = Number(new URL(gateway.url).port);
  const started = startGateway({ ...base, listeners: [{ protocol: 'made-up', port }] });
  await expect(started).rejects.toMatchObject({ code: 'conflict', message: `port ${port} of 127.0.0.1 is taken: choose another` });
});
