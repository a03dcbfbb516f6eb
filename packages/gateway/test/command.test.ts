import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../src/commands/run.ts';
import { message, open } from './raw.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const slow = fileURLToPath(new URL('fixtures/slow-protocol.ts', import.meta.url));

let folder: string;
let store: string;
let config: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyseries-gateway-'));
  store = `sqlite:${join(folder, 'data.db')}`;
  config = join(folder, 'gateway.json');
  writeFileSync(config, JSON.stringify({ store, protocols: [slow], port: 0, log: { level: 'debug' } }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, ['--conditions=anyseries-source', '--disable-warning=ExperimentalWarning', main, ...args]);
  children.push(child);
  return child;
}

/** Runs a command to its end in this process, which is another one than that of a gateway. */
async function run(args: readonly string[], input = ''): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const code = await runCommand(args, {
    stdin: Readable.from([Buffer.from(input)]),
    stdout: { write: (part) => (written.out += part) },
    stderr: { write: (part) => (written.err += part) },
  });
  return { code, ...written };
}

interface Served {
  readonly child: ChildProcess;
  readonly url: string;
  /** Everything that it has written by its end. */
  readonly output: Promise<string>;
  readonly ended: Promise<[code: number | null, signal: string | null]>;
}

async function serve(...args: string[]): Promise<Served> {
  const child = start('serve', '--config', config, ...args);
  const ended = once(child, 'exit') as Served['ended'];
  let written = '';
  const isUp = Promise.withResolvers<string>();
  child.stdout!.on('data', (part) => {
    written += part;
    const url = /"message":"listening","ports":\["([^"]+)"/.exec(written)?.[1];
    if (url !== undefined) isUp.resolve(url);
  });
  child.stderr!.on('data', (part) => {
    written += part;
  });
  void ended.then(() => isUp.reject(new Error(written)));
  isUp.promise.catch(() => {});
  return { child, url: await isUp.promise, output: ended.then(() => written), ended };
}

async function status(url: string, key: string, secret: string): Promise<string> {
  const answer = await fetch(url, { headers: { key, 'secret-token': secret } });
  return `${answer.status} ${await answer.text()}`;
}

test('credentials and projects are managed while the gateway runs, and take effect at once', async () => {
  const { child, url, ended, output } = await serve();
  const random = await run(['credentials', 'add', 'slow', '--config', config]);
  expect(random).toEqual({
    code: 0,
    out: 'key          random-key\nsecretToken  random-token\n',
    err: expect.stringContaining('Registered for the project default'),
  });
  expect(await status(url, 'random-key', 'random-token')).toBe('200 default');
  expect(await status(url, 'random-key', 'wrong')).toBe('403 ');

  expect((await run(['projects', 'add', 'north', '--config', config])).out).toBe(`north  ${store.replace('data.db', 'data.north.db')}\n`);
  const fromStdin = ['credentials', 'add', 'slow', '--config', config, '--project', 'north', '--key', 'device', '--secret-token-file', '-'];
  expect(await run(fromStdin, 'kept-secret\n')).toMatchObject({ code: 0, out: 'key  device\n' });
  expect(await status(url, 'device', 'kept-secret')).toBe('200 north');
  expect(await run(fromStdin, 'other')).toMatchObject({ code: 1, err: expect.stringContaining('slow has a credential "device" already') });

  const list = await run(['credentials', 'list', '--store', store]);
  expect(list.out).toMatch(/^protocol +id +project +created +revoked\nslow +device +north +\S+ \S+\nslow +random-key +default +\S+ \S+\n$/);
  expect(await run(['credentials', 'revoke', 'slow', 'random-key', '--store', store])).toEqual({ code: 0, out: '', err: '' });
  expect(await status(url, 'random-key', 'random-token')).toBe('403 ');
  expect(await run(['credentials', 'revoke', 'slow', 'random-key', '--store', store])).toMatchObject({ code: 1 });

  const removed = await run(['projects', 'remove', 'north', '--config', config]);
  expect(removed.err).toContain('1 credentials revoked');
  expect(await status(url, 'device', 'kept-secret')).toBe('403 ');
  expect((await run(['projects', 'list', '--config', config])).out).toMatch(/^project +created +store\ndefault +\S+ \S+ +sqlite:\S+\n$/);

  child.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  const lines = (await output).trimEnd().split('\n');
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ time: expect.any(String), level: expect.any(String) });
  expect(await output).not.toMatch(/random-token|kept-secret/);
});

describe('SIGTERM', () => {
  test('lets a slow request end and the process with 0', async () => {
    const { child, url, ended, output } = await serve();
    const [waiting, releasing] = [await open(url), await open(url)];
    waiting.send(message('GET /slow HTTP/1.1\nHost: x'));
    releasing.send('GET /release HTTP/1.1\r\n');
    await untilInFlight(url);
    child.kill('SIGTERM');
    await until(async () => !(await accepts(url)));
    releasing.send('Host: x\r\n\r\n');
    expect(await waiting.toEnd()).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*late$/);
    expect(await ended).toEqual([0, null]);
    expect(await output).toMatch(/"message":"stopping"[\s\S]*"path":"\/slow","status":200[\s\S]*"message":"stopped"/);
    expect(existsSync(join(folder, 'data.db-wal'))).toBe(false);
  });

  test('given twice ends the process at once', async () => {
    const { child, url, ended } = await serve();
    const waiting = await open(url);
    waiting.send(message('GET /slow HTTP/1.1\nHost: x'));
    await untilInFlight(url);
    child.kill('SIGTERM');
    await until(async () => !(await accepts(url)));
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(setImmediate);
}

/** Waits until a request is being answered beside that for the metrics. */
function untilInFlight(url: string): Promise<void> {
  return until(async () => /_in_flight 2\n/.test(await (await fetch(`${url}/metrics`)).text()));
}

async function accepts(url: string): Promise<boolean> {
  try {
    (await open(url)).socket.destroy();
    return true;
  } catch {
    return false;
  }
}

test('try runs on a fresh file and says how to reach each protocol', async () => {
  const child = start('try', '--port', '0');
  let out = '';
  for await (const part of child.stdout!) {
    out += part;
    if (out.includes('connect(')) break;
  }
  const url = /listens at (\S+)/.exec(out)![1]!;
  const file = /sqlite:(\S+),/.exec(out)![1]!;
  expect(existsSync(file)).toBe(true);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  const lines = out.match(/^ {2}curl .*$/gm)!;
  expect(lines.length).toBeGreaterThan(2);
  // 127: this machine has no curl
  for (const line of lines) expect([0, 127]).toContain(await codeOf(line.replace('curl', 'curl --fail --silent')));
  child.stdout!.resume();
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(existsSync(file)).toBe(false);
});

async function codeOf(line: string): Promise<number> {
  const [code] = await once(spawn(line, { shell: true, stdio: 'ignore' }), 'close');
  return code as number;
}

test('--help, --version and protocols tell what there is', async () => {
  const child = start('--version');
  expect(await text(child.stdout!)).toMatch(/^\d+\.\d+\.\d+\n$/);
  for (const args of [['--help'], ['serve', '--help'], []]) {
    expect(await run(args)).toMatchObject({ code: 0, out: expect.stringContaining('Usage: anyseries-gateway <command> [flags]') });
  }
  expect((await run(['protocols', '--config', config])).out).toMatch(
    /^protocol +title +package +credentials\nslow +Slow +\S+slow-protocol\.ts +key, secretToken\n$/,
  );
});

test('wrong usage is told by its name, with the code 2', async () => {
  const broken = join(folder, 'broken.json');
  writeFileSync(broken, '{\n  "secret-key": oops\n}');
  const wrong = join(folder, 'wrong.json');
  writeFileSync(wrong, JSON.stringify({ timeouts: { stopms: 5 } }));
  const cases: [string[], string][] = [
    [['sreve'], '"sreve": is no command'],
    [['serve', '--potr', '1'], "Unknown option '--potr'"],
    [['serve', '--port', '70000'], '--port: "70000" is no port'],
    [['serve', '--config', join(folder, 'none.json')], 'none.json" cannot be read (ENOENT)'],
    [['serve', '--config', broken], `${broken}: is no JSON (Unexpected token 'o')`],
    [['serve', '--config', wrong], `${wrong}: timeouts.stopms: there is no such option`],
    [['serve', '--log-level', 'loud'], 'command line: log.level: is none of'],
    [
      ['credentials', 'add', 'slow', '--config', config, '--secret-token', 'x', '--secret-token-file', 'y'],
      '--secret-token: is given twice',
    ],
    [['credentials', 'list', '--store', 'memory:'], 'a store in memory is gone when this command ends'],
    [['projects', 'remove', 'default', '--config', config], 'default is the main store itself'],
  ];
  const results = await Promise.all(cases.map(([args]) => run(args)));
  for (const [place, [, problem]] of cases.entries()) {
    expect(results[place]).toMatchObject({ code: 2, out: '', err: expect.stringContaining(problem) });
    expect(results[place]!.err).toMatch(/^anyseries-gateway: [^\n]+\n$/);
  }
});
