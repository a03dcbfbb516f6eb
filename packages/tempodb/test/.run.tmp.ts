import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { connect as memory } from '@anyseries/memory';
import { connect as sqlite } from '@anyseries/sqlite';
import { createCredentials } from '@anyseries/core/server';
import { createServer, protocol } from '../src/server.ts';
import { createBareSqlite } from '../../../benchmarks/bare-sqlite.ts';
import { sensorBatches } from '../../../benchmarks/workload.ts';
const size = Number(process.env.SIZE ?? 1_000_000);
const batches = [...sensorBatches(size)].flatMap((b) => Array.from({ length: Math.ceil(b.length / 5000) }, (_, i) => b.slice(i * 5000, i * 5000 + 5000)));
const bodies = batches.map((b) => Buffer.from(JSON.stringify(b.map((p) => ({ key: p.series, t: new Date(p.time).toISOString(), v: p.value })))));
console.log('batches', batches.length, 'of', batches[0]!.length, 'body', bodies[0]!.length, bodies[0]!.subarray(0, 200).toString());
const folder = () => mkdtempSync(join(process.env.DIR ?? tmpdir(), 'b-'));
async function bare() { const f = folder(); const db = createBareSqlite(join(f, 'x.db')); globalThis.gc!(); const s = performance.now(); batches.forEach(db.write); const ms = performance.now() - s; db.close(); rmSync(f, { recursive: true }); return size / ms * 1000; }
async function ours(kind: string, flight: number) {
  const f = folder(); const store = kind === 'memory' ? memory() : sqlite({ path: join(f, 'y.db') }); await store.check();
  await protocol.credentials.add({ key: 'k', secret: 's' }, 'p', createCredentials(store));
  const server = createServer({ store }); const auth = { authorization: 'Basic ' + btoa('k:s') };
  const post = async (b: Buffer) => { const r = await server.fetch(new Request('http://x/v1/multi/', { method: 'POST', headers: auth, body: b })); if (r.status !== 200) throw new Error(r.status + await r.text()); };
  globalThis.gc!(); const h = monitorEventLoopDelay({ resolution: 1 }); h.enable(); const cpu = process.cpuUsage();
  const s = performance.now(); let i = 0; await Promise.all(Array.from({ length: flight }, async () => { while (i < bodies.length) await post(bodies[i++]!); }));
  const ms = performance.now() - s; h.disable(); const c = process.cpuUsage(cpu);
  await store.close(); rmSync(f, { recursive: true });
  return { rate: size / ms * 1000, p99: h.percentile(99) / 1e6, max: h.max / 1e6, cpu: (c.user + c.system) / 1000 / ms };
}
for (let i = 0; i < 4; i++) {
  const b = await bare();
  const o1 = await ours('sqlite', 1), o4 = await ours('sqlite', 4), m = await ours('memory', 1);
  const show = (o: any) => `${Math.round(o.rate)}/s ratio ${(o.rate / b).toFixed(2)} p99 ${o.p99.toFixed(1)} max ${o.max.toFixed(1)} cpu ${o.cpu.toFixed(2)}`;
  console.log('bare', Math.round(b), '| sqlite x1', show(o1), '| x4', show(o4), '| memory', show(m));
}
