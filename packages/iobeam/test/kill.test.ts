import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { textFile } from '@anyseries/core/node';
import { type Gateway, startGateway } from '@anyseries/gateway';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../src/index.ts';

const program = fileURLToPath(new URL('./registering-process.ts', import.meta.url));
const token = '0123456789abcdef0123456789abcdef';

let gateway: Gateway;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'anyseries-iobeam-'));
  const credentials = [{ protocol: 'iobeam', projectId: '7', token }];
  gateway = await startGateway({ store: 'memory:', port: 0, protocols: ['iobeam'], credentials, log: { level: 'silent' } });
});
afterAll(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the program until it has said so many lines, and kills it. */
async function killAfter(lines: number, file: string): Promise<void> {
  const child = spawn(process.execPath, [
    '--conditions=anyseries-source',
    '--disable-warning=ExperimentalWarning',
    program,
    gateway.url,
    token,
    file,
  ]);
  let seen = 0;
  for await (const _ of createInterface({ input: child.stdout })) if (++seen === lines) break;
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(seen).toBe(lines);
}

test('a process that is killed while it registers leaves no id, or a whole one of a registered device', { timeout: 120_000 }, async () => {
  const path = join(folder, 'iobeam_device_id');
  const client = createClient({ url: gateway.url, token, projectId: 7 });
  for (const lines of [1, 1, 2, 3, 4, 5, 8, 11, 16, 23]) {
    await killAfter(lines, path);
    const id = await textFile(path).read();
    if (id === undefined) continue;
    expect(id).toMatch(/^\d+-\d+-x{200}$/);
    expect((await client.getDevice(id)).deviceId).toBe(id);
  }
  expect(await textFile(path).read()).toBeDefined();
  await client.close();
});
