import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

/** What the sink has seen since it was asked last. */
export interface SinkCount {
  readonly bytes: number;
  /** Lines of all bodies that are not compressed; the last one of a body may lack its end. */
  readonly lines: number;
  /** New connections. */
  readonly sockets: number;
}

/** The server of `imported/sink.mjs` in a process of its own: it takes everything and counts. */
export interface Sink {
  readonly port: number;
  count(): Promise<SinkCount>;
  close(): Promise<void>;
}

export async function startSink(): Promise<Sink> {
  const program = join(import.meta.dirname, 'imported/sink.mjs');
  const child = spawn(process.execPath, [program], { env: { ...process.env, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] });
  const { value: greeting } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  const port = Number(String(greeting).split(' ').at(-1));
  // one connection for all questions, so that it is not counted among those of a run
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });

  async function count(): Promise<SinkCount> {
    const [answer] = await once(get({ host: '127.0.0.1', port, path: '/_stats', agent }), 'response');
    const { bytes, lines, conns } = JSON.parse(await text(answer));
    return { bytes, lines, sockets: conns };
  }

  await count();
  return {
    port,
    count,
    async close() {
      agent.destroy();
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}
