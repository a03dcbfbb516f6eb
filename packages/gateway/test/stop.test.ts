import { expect, test } from 'vitest';
import { type Gateway, type GatewayOptions, type LogEntry, startGateway } from '../src/index.ts';
import { claimOf, madeUp } from './made-up.ts';
import { exchange, message, open } from './raw.ts';

/** A protocol whose answers wait until they may leave. */
function waiting() {
  const arrived = Promise.withResolvers<void>();
  const leave = Promise.withResolvers<Response>();
  const closed = Promise.withResolvers<void>();
  const protocol = madeUp({
    id: 'waiting',
    claim: () => claimOf(),
    fetch: () => {
      arrived.resolve();
      return leave.promise;
    },
    close: async () => closed.resolve(),
  });
  return { protocol, arrived: arrived.promise, leave: leave.resolve, closed: closed.promise };
}

const start = (options: GatewayOptions): Promise<Gateway> =>
  startGateway({ store: 'memory:', port: 0, log: { level: 'silent' }, ...options });

const get = message('GET /x HTTP/1.1\nHost: x');

test('a stop lets requests in flight end, tells their clients, and accepts no more connections', async () => {
  const { protocol, arrived, leave, closed } = waiting();
  const gateway = await start({ protocols: [protocol] });
  const [busy, idle, unused] = [await open(gateway.url), await open(gateway.url), await open(gateway.url)];
  idle.send(message('GET /-/nothing HTTP/1.1\nHost: x'));
  await idle.until(/404/);
  busy.send(get);
  await arrived;
  const stopped = gateway.close();
  expect(gateway.close()).toBe(stopped);
  await expect(open(gateway.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  leave(new Response('done'));
  expect(await busy.toEnd()).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*Connection: close\r\n\r\ndone$/);
  await Promise.all([stopped, closed, idle.toEnd(), unused.toEnd()]);
});

test('a connection that is there when the stop begins gets one more answer, and is closed with it', async () => {
  const { protocol, arrived, leave } = waiting();
  const gateway = await start({ protocols: [protocol] });
  const [busy, kept] = [await open(gateway.url), await open(gateway.url)];
  busy.send(get);
  await arrived;
  const stopped = gateway.close();
  kept.send(message('GET /health HTTP/1.1\nHost: x'));
  expect(await kept.toEnd()).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n[\s\S]*Connection: close\r\n\r\n{"status":"stopping"}$/);
  leave(new Response(null));
  await stopped;
});

test('an answer that a slow client is still reading when the stop begins arrives whole', async () => {
  const size = 30_000_000;
  const large = madeUp({ id: 'large', claim: () => claimOf(), fetch: () => new Response(new Uint8Array(size)) });
  const gateway = await start({ protocols: [large] });
  const connection = await open(gateway.url);
  connection.send(get);
  await connection.until(/\r\n\r\n/);
  connection.socket.pause();
  const stopped = gateway.close();
  await new Promise(setImmediate);
  connection.socket.resume();
  const answer = await connection.toEnd();
  expect(answer.length - answer.indexOf('\r\n\r\n') - 4).toBe(size);
  await stopped;
});

test('a request that is half sent when the stop begins may end', async () => {
  const protocol = madeUp({ id: 'echo', claim: () => claimOf() });
  const gateway = await start({ protocols: [protocol] });
  const connection = await open(gateway.url);
  connection.send(message('POST /x HTTP/1.1\nHost: x\nExpect: 100-continue\nContent-Length: 4'));
  await connection.until(/100 Continue/);
  const stopped = gateway.close();
  connection.send('late');
  expect(await connection.toEnd()).toContain('"body":"late"');
  await stopped;
});

test('what takes longer than it may is cut off, and said so', async () => {
  const entries: LogEntry[] = [];
  const { protocol, arrived } = waiting();
  const gateway = await start({ protocols: [protocol], timeouts: { stopMs: 30 }, log: (entry) => entries.push(entry) });
  const connection = await open(gateway.url);
  connection.send(get);
  await arrived;
  await gateway.close();
  expect(await connection.toEnd()).toBe('');
  expect(entries.map((entry) => entry.message)).toEqual(
    expect.arrayContaining(['stopping', 'requests are cut off: they take too long', 'stopped']),
  );
});

test('the store stays open for work whose client has gone', async () => {
  const arrived = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const outcome = Promise.withResolvers<unknown>();
  const protocol = madeUp({
    id: 'worker',
    claim: () => claimOf(),
    fetch: async (_request, _connection, { store }) => {
      arrived.resolve();
      await go.promise;
      await store.write([{ series: 'a', time: 0, value: 1 }]).then(outcome.resolve, outcome.resolve);
      return new Response(null);
    },
  });
  const gateway = await start({ protocols: [protocol] });
  const connection = await open(gateway.url);
  connection.send(get);
  await arrived.promise;
  connection.socket.destroy();
  const stopped = gateway.close();
  go.resolve();
  await stopped;
  expect(await outcome.promise).toMatchObject({ stored: 1 });
});

test('connections that were taken over end with the stop', async () => {
  const taken = madeUp({
    id: 'taken',
    claim: ({ target }) => (target.startsWith('/socket') ? claimOf() : undefined),
    upgrade: (_incoming, socket, head, connection) => {
      const told = JSON.stringify({ connection, head: Buffer.from(head).toString() });
      (socket as NodeJS.WritableStream).write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: made-up\r\nConnection: Upgrade\r\n\r\n${told}`);
    },
  });
  const gateway = await start({ protocols: [taken] });
  const upgrade = (target: string) => message(`GET ${target} HTTP/1.1\nHost: x\nConnection: Upgrade\nUpgrade: made-up`, 'first');
  const connection = await open(gateway.url);
  connection.send(upgrade('/taken/socket?a'));
  const answer = await connection.until(/\}$/);
  expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toEqual({
    connection: { target: '/taken/socket?a', prefix: '/taken', httpVersion: '1.1', secure: false, remoteAddress: '127.0.0.1' },
    head: 'first',
  });
  await gateway.close();
  expect(await connection.toEnd()).toBe(answer);
});

test('a protocol server that fails at an upgrade is logged, and the connection ends', async () => {
  const entries: LogEntry[] = [];
  const failing = madeUp({
    id: 'failing',
    upgrade: () => {
      throw new Error('secret');
    },
  });
  const gateway = await start({ protocols: [failing], log: (entry) => entries.push(entry) });
  expect(await exchange(gateway.url, message('GET /failing HTTP/1.1\nHost: x\nConnection: Upgrade\nUpgrade: x'))).toBe('');
  expect(entries.at(-1)).toMatchObject({ level: 'error', message: 'a protocol server failed', protocol: 'failing' });
  await gateway.close();
});

test('an upgrade that nobody takes is answered as if it had not been asked for', async () => {
  const protocol = madeUp({ id: 'plain', claim: ({ target }) => (target === '/x' ? claimOf() : undefined) });
  const gateway = await start({ protocols: [protocol] });
  const head = (target: string) => `POST ${target} HTTP/1.1\nHost: x\nConnection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nContent-Length: 4`;
  const connection = await open(gateway.url);
  connection.send(message(head('/x'), 'body'));
  expect(await connection.until(/\}$/)).toContain('"body":"body"');
  connection.send(message(head('/nothing'), 'body'));
  await connection.until(/404/);
  connection.socket.destroy();
  expect(await exchange(gateway.url, message('GET /x HTTP/1.0'))).toContain('200 OK');
  await gateway.close();
});
