import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Pool } from 'undici';

export const benchKey = 'b'.repeat(32);
export const benchSecret = 'c'.repeat(32);
const authorization = `Basic ${btoa(`${benchKey}:${benchSecret}`)}`;

/** A server in another process, see `server-process.ts`. */
export interface ServerProcess {
  readonly url: string;
  /** The 99th percentile of the delay of its event loop since the last call, in milliseconds. */
  delayMs(): Promise<number>;
  close(): Promise<void>;
}

export async function startServer(kind: 'gateway' | 'bare', path: string): Promise<ServerProcess> {
  const program = join(import.meta.dirname, 'server-process.ts');
  const child = spawn(process.execPath, ['--conditions=anyseries-source', '--disable-warning=ExperimentalWarning', program, kind, path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value ?? '{}') as { url: string; delayMs: number };
  const { url } = await next();
  return {
    url,
    async delayMs() {
      child.stdin.write('delay\n');
      return (await next()).delayMs;
    },
    async close() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

/** Posts all bodies over `connections` sockets; answers the latency of each request in milliseconds. */
export async function postAll(url: string, path: string, bodies: readonly string[], connections: number): Promise<Float64Array> {
  const pool = new Pool(url, { connections });
  const latencies = new Float64Array(bodies.length);
  let next = 0;
  const work = async () => {
    while (next < bodies.length) {
      const place = next++;
      const begun = performance.now();
      const { statusCode, body } = await pool.request({ method: 'POST', path, headers: { authorization }, body: bodies[place]! });
      await body.dump();
      if (statusCode !== 200) throw new Error(`${path} answered with status ${statusCode}`);
      latencies[place] = performance.now() - begun;
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  await pool.close();
  return latencies;
}
