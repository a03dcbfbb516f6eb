import { expect, test } from 'vitest';
import { checkConfiguration } from '../src/configuration.ts';
import { type GatewayConfiguration, startGateway } from '../src/index.ts';

test('a configuration with everything is taken as it is', () => {
  const everything: Required<GatewayConfiguration> = {
    store: 'sqlite:/var/lib/anyseries/data.db',
    keyFile: '/etc/anyseries/key',
    storeModules: { acme: './acme.mjs' },
    protocols: ['tempodb', './own.mjs'],
    settings: { tempodb: { metadataFromKeys: false } },
    projects: [{ name: 'north', store: 'sqlite:/var/lib/anyseries/north.db' }],
    host: '::',
    port: 80,
    tls: { cert: 'cert.pem', key: 'key.pem', port: 443, host: '0.0.0.0' },
    listeners: [{ protocol: 'tempodb', port: 8001, host: '127.0.0.1', tls: true }],
    prefixes: { tempodb: '/old/tempodb' },
    hosts: { tempodb: ['api.tempo-db.com'] },
    pages: false,
    corsOrigins: ['https://app.example.org', 'http://localhost:3000'],
    rateLimit: { perSecond: 0.5, burst: 10 },
    trustedProxies: ['10.0.0.0/8', '::1'],
    limits: { bodyBytes: 1, heldBytes: 2, headerBytes: 3, connections: 4 },
    timeouts: { headersMs: 1, requestMs: 2, handlingMs: 3, idleMs: 4, keepAliveMs: 5, stopMs: 6 },
    log: { level: 'warn', to: 'stderr' },
  };
  expect(checkConfiguration(everything, 'gateway.json')).toEqual(everything);
});

test.each([
  [{ sotre: 'memory:' }, 'gateway.json: sotre: there is no such option'],
  [{ limits: { bodybytes: 5 } }, 'gateway.json: limits.bodybytes: there is no such option'],
  [
    {
      listeners: [
        { protocol: 'x', port: 1 },
        { protocol: 'x', port: 1, prot: 2 },
      ],
    },
    'gateway.json: listeners.1.prot: there is no such option',
  ],
  [{ limits: { bodyBytes: 0 } }, 'gateway.json: limits.bodyBytes: is no whole number above 0'],
  [{ limits: { bodyBytes: '5' } }, 'gateway.json: limits.bodyBytes: is no whole number above 0'],
  [{ timeouts: { stopMs: 3e9 } }, 'gateway.json: timeouts.stopMs: is more milliseconds than a timer can wait: at most 2147483647'],
  [{ port: 65_536 }, 'gateway.json: port: is no port'],
  [{ port: true }, 'gateway.json: port: is no port and not false'],
  [{ tls: { cert: 'x' } }, 'gateway.json: tls.key: is missing'],
  [{ tls: { cert: 'x', key: 'y', port: -1 } }, 'gateway.json: tls.port: is no port'],
  [{ prefixes: { tempodb: 'tempodb' } }, 'gateway.json: prefixes.tempodb: is no prefix such as /tempodb'],
  [{ prefixes: { tempodb: '/' } }, 'gateway.json: prefixes.tempodb: is no prefix such as /tempodb'],
  [{ corsOrigins: ['https://a.example/'] }, 'gateway.json: corsOrigins.0: is no origin such as https://example.org, and not *'],
  [{ rateLimit: { perSecond: 0 } }, 'gateway.json: rateLimit.perSecond: is no number above 0'],
  [{ rateLimit: 5 }, 'gateway.json: rateLimit: is no object'],
  [{ protocols: 'tempodb' }, 'gateway.json: protocols: is no list'],
  [{ pages: 'no' }, 'gateway.json: pages: is neither true nor false'],
  [{ log: { level: 'loud' } }, 'gateway.json: log.level: is none of debug, info, warn, error, silent'],
  [{ store: '' }, 'gateway.json: store: is empty'],
  [{ store: 5 }, 'gateway.json: store: is no text'],
  [[], 'gateway.json: is no object'],
  ['text', 'gateway.json: is no object'],
])('%o is refused with the path of what is wrong', (input, message) => {
  expect(() => checkConfiguration(input, 'gateway.json')).toThrow(expect.objectContaining({ code: 'invalid', message }));
});

test('options of a program are checked the same way', async () => {
  await expect(startGateway({ port: 99_999 })).rejects.toMatchObject({
    code: 'invalid',
    message: 'options: port: is no port',
  });
  await expect(startGateway({ potr: 1 } as object)).rejects.toMatchObject({ message: 'options: potr: there is no such option' });
});
