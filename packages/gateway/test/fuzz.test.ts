import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCredentials } from '@anyseries/core/server';
import { connect } from '@anyseries/sqlite';
import { Pool } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, kill, serveGateway } from './gateway-process.ts';
import { createRandomRequests } from './random-requests.ts';

/** 10,000 requests, and 100,000 in `.ci/full`. */
const total = 10_000 * Number(process.env.ANYSERIES_RUNS ?? 1);
const seed = Number(process.env.ANYSERIES_SEED ?? Date.now() % 1_000_000);
const key = 'a'.repeat(32);
const secret = 'b'.repeat(32);

let folder: string;
let port: number;
let gateway: ChildProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'anyseries-gateway-'));
  const url = `sqlite:${join(folder, 'data.db')}`;
  const store = connect(url);
  await createCredentials(store).add({ protocol: 'tempodb', id: key, project: 'default', secret });
  await store.close();
  port = await freePort();
  gateway = await serveGateway(['--store', url, '--log-level', 'error'], port);
}, 30_000);
afterAll(async () => {
  await kill(gateway, 'SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

test(`${total} random requests get an answer below 500 each, and memory stays flat (seed ${seed})`, async () => {
  const next = createRandomRequests(seed, { key, secret });
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 16, headersTimeout: 20_000, bodyTimeout: 20_000 });
  const failures: string[] = [];
  const statuses = new Map<number, number>();
  let left = total;
  const residentBytes: number[] = [];

  async function work(): Promise<void> {
    while (left > 0) {
      left--;
      if (left % Math.ceil(total / 10) === 0) residentBytes.push(memoryOf(gateway));
      const request = next();
      const shown = `${request.method} ${request.path.slice(0, 300)}`;
      try {
        const { statusCode, body } = await pool.request(request);
        await body.dump({ limit: 1e9 });
        statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
        if (statusCode >= 500) failures.push(`${statusCode} ${shown} ${String(request.body).slice(0, 300)}`);
      } catch (error) {
        failures.push(`${String(error)} ${shown}`);
      }
    }
  }
  await Promise.all(Array.from({ length: 16 }, work));
  await pool.close();
  expect(failures.slice(0, 5)).toEqual([]);
  expect(statuses.get(200)).toBeGreaterThan(total / 20);
  expect(gateway.exitCode).toBe(null);
  const [early, late] = [residentBytes[3]!, residentBytes.at(-1)!];
  expect(late - early, `resident bytes ${residentBytes.join(' ')}`).toBeLessThan(100e6);
}, 900_000);

test('random bytes on the socket end in an answer or a closed connection, and never in a crash', async () => {
  const next = createRandomRequests(seed + 1, { key, secret });
  for (let i = 0; i < 300; i++) await sendRaw(next.bytes());
  const alive = await fetch(`http://127.0.0.1:${port}/health`);
  expect(alive.status).toBe(200);
  await alive.body?.cancel();
}, 60_000);

/** Sends bytes, ends the stream and waits until the other side has done so too. */
function sendRaw(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const socket = connectSocket(port, '127.0.0.1', () => socket.end(bytes));
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.resume();
  });
}

/** Resident memory of a process, where the system tells it. */
function memoryOf({ pid }: ChildProcess): number {
  const pages = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(pages) * 1024;
}
