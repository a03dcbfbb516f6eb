import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** Runs the command `anyseries-gateway` from its source. */
export function spawnGateway(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--conditions=anyseries-source', '--disable-warning=ExperimentalWarning', main, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Runs it to its end. */
export async function runGateway(args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawnGateway(args);
  const output = { stdout: '', stderr: '' };
  child.stdout!.on('data', (part) => (output.stdout += part));
  child.stderr!.on('data', (part) => (output.stderr += part));
  child.stdin!.end();
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}

/** Starts a server and waits until it answers. */
export async function serveGateway(args: readonly string[], port: number): Promise<ChildProcess> {
  const child = spawnGateway(['serve', '--port', String(port), ...args]);
  child.stdout!.resume();
  await waitUntilServing(child, port);
  return child;
}

/** Waits until a server answers; the address of its listener. */
export async function waitUntilServing(child: ChildProcess, port: number): Promise<string> {
  const url = `http://127.0.0.1:${port}`;
  let said = '';
  child.stderr!.on('data', (part) => (said = (said + part).slice(-2000)));
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the gateway ended at once: ${said}`);
    const answer = await fetch(`${url}/health`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return url;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Kills a process and waits until it is gone. */
export async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}
