import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCredentials } from '@anyseries/core/server';
import { connect } from '@anyseries/sqlite';
import { Pool } from 'undici';
import { expect, test } from 'vitest';
import { freePort, kill, serveGateway } from './gateway-process.ts';

/** 3 seconds, and 30 in `.ci/full`. */
const runs = Number(process.env.ANYSERIES_RUNS ?? 1);
const lifeMs = 700;
const rounds = Math.ceil((3000 * runs) / lifeMs);
const connections = 50;

const credential = { key: 'a'.repeat(32), secret: 'b'.repeat(32) };
const authorization = `Basic ${btoa(`${credential.key}:${credential.secret}`)}`;

test(`${connections} connections write while the gateway is killed ${rounds} times: nothing acknowledged is missing`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'anyseries-gateway-'));
  try {
    const url = `sqlite:${join(folder, 'data.db')}`;
    await register(url);
    const port = await freePort();
    const { acknowledged, sent } = await writeUnderKills(url, port);
    const store = connect(url);
    const kept = new Map((await store.read({ series: {} }).toArray()).map(({ series, time, value }) => [`${series} ${time}`, value]));
    await store.close();
    expect(acknowledged.size).toBeGreaterThan(100 * rounds);
    expect([...acknowledged].filter(([name, value]) => kept.get(name) !== value)).toEqual([]);
    expect([...kept].filter(([name, value]) => sent.get(name) !== value)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 900_000);

async function register(url: string): Promise<void> {
  const store = connect(url);
  const credentials = createCredentials(store);
  await credentials.add({ protocol: 'tempodb', id: credential.key, project: 'default', secret: credential.secret });
  await store.close();
}

/** Points by series and time: those that were sent, and those of them whose request was answered with 200. */
async function writeUnderKills(url: string, port: number) {
  const sent = new Map<string, number>();
  const acknowledged = new Map<string, number>();
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections });
  let done = false;
  let next = 0;

  async function work(worker: number): Promise<void> {
    const series = `worker-${worker}`;
    while (!done) {
      const points = Array.from({ length: 1 + (next % 20) }, () => ({ series, time: Date.UTC(2026, 0, 1) + next, value: next++ }));
      for (const { time, value } of points) sent.set(`${series} ${time}`, value);
      const body = JSON.stringify(points.map(({ time, value }) => ({ key: series, t: new Date(time).toISOString(), v: value })));
      const status = await post(body);
      if (status === 200) for (const { time, value } of points) acknowledged.set(`${series} ${time}`, value);
      else if (status === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
      else throw new Error(`status ${status}`);
    }
  }

  async function post(body: string): Promise<number | undefined> {
    try {
      const answer = await pool.request({ method: 'POST', path: '/v1/multi/', headers: { authorization }, body });
      await answer.body.dump();
      return answer.statusCode;
    } catch {
      return undefined; // the gateway is down: what became of the points is not known
    }
  }

  const workers = Promise.all(Array.from({ length: connections }, (_, worker) => work(worker)));
  for (let round = 0; round < rounds; round++) {
    const gateway = await serveGateway(['--store', url, '--log-level', 'error'], port);
    await new Promise((resolve) => setTimeout(resolve, lifeMs));
    await kill(gateway, 'SIGKILL');
  }
  done = true;
  await workers;
  await pool.destroy();
  return { sent, acknowledged };
}
