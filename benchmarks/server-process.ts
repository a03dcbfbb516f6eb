/**
 * A server in a process of its own, as benchmarks want it: `gateway <file>` is the gateway over a SQLite file, `bare <file>` a `node:http` server
 * that commits one row per request. Prints its address as one line of JSON; answers `delay` on its input with the 99th percentile of the delay
 * of its event loop since it was asked last, in milliseconds, and ends with its input.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { startGateway } from '@anyseries/gateway';
import { createBareSqlite } from './bare-sqlite.ts';
import { benchKey, benchSecret } from './server-client.ts';
import { sensorKeys } from './workload.ts';

const [kind, path = ''] = process.argv.slice(2);
const server = await (kind === 'gateway' ? startOurs() : startBare());
const delays = monitorEventLoopDelay({ resolution: 1 });
delays.enable();
console.log(JSON.stringify({ url: server.url }));

for await (const line of createInterface({ input: process.stdin })) {
  if (line !== 'delay') continue;
  console.log(JSON.stringify({ delayMs: delays.percentile(99) / 1e6 }));
  delays.reset();
}
await server.close();

function startOurs(): Promise<{ url: string; close(): Promise<void> }> {
  return startGateway({
    store: `sqlite:${path}`,
    port: 0,
    protocols: ['tempodb'],
    log: { level: 'error' },
    credentials: [{ protocol: 'tempodb', project: 'default', key: benchKey, secret: benchSecret }],
  });
}

/** Reads a body, parses it, commits its first point: the least that a server of single points can do. */
async function startBare(): Promise<{ url: string; close(): Promise<void> }> {
  const database = createBareSqlite(path);
  const http = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const [{ t, v }] = JSON.parse(Buffer.concat(parts).toString()) as [{ t: string; v: number }];
      database.write([{ series: sensorKeys[0]!, time: Date.parse(t), value: v }]);
      response.writeHead(200, { 'content-length': '0' }).end();
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async close() {
      await new Promise((resolve) => {
        http.close(resolve);
        http.closeAllConnections();
      });
      database.close();
    },
  };
}
