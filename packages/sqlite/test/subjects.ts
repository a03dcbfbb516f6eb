import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ConnectOptions, CrashRemains, Subject } from '@anyseries/conformance';
import { storeCapabilities } from '@anyseries/core';
import { connect } from '@anyseries/sqlite';

const program = `
import { commitUntilKilled } from '@anyseries/conformance';
import { connect } from '@anyseries/sqlite';
await commitUntilKilled(connect({ path: process.argv[1] }), (commits) => console.log(commits));
`;

/** What the conformance suite tests of this package: the store in a fresh temporary file for each connection. */
export const subjects: Readonly<Record<string, Subject>> = { sqlite: createSubject() };

function createSubject(): Subject {
  const paths = new WeakMap<object, string>();
  let folders: string[] = [];

  function newPath(): string {
    const folder = mkdtempSync(join(tmpdir(), 'anyseries-sqlite-'));
    folders.push(folder);
    return join(folder, 'data.db');
  }

  function open(path: string, { clock }: Pick<ConnectOptions, 'clock'>) {
    const store = connect({ path, clock, synchronous: 'normal' });
    paths.set(store, path);
    return store;
  }

  /** Kills a process in the middle of its commits, at another moment each time. */
  async function crash(options: ConnectOptions): Promise<CrashRemains> {
    const path = newPath();
    const flags = ['--conditions=anyseries-source', '--no-warnings', '--input-type=module', '-e', program, path];
    const cwd = fileURLToPath(new URL('.', import.meta.url));
    const child = spawn(process.execPath, flags, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const killAt = 20 + Math.floor(Math.random() * 30);
    let acknowledged = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged = Number(line);
      if (acknowledged === killAt) setTimeout(() => child.kill('SIGKILL'), Math.random() * 5);
    }
    await ended;
    return { store: open(path, options), acknowledged };
  }

  return {
    name: 'sqlite',
    capabilities: storeCapabilities,
    store: true,
    connect: (options) => open(newPath(), options),
    reopen: (closed, options) => open(paths.get(closed)!, options),
    crash,
    cleanup() {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
      folders = [];
    },
  };
}
