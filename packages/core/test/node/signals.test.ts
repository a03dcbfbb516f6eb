import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const source = JSON.stringify(fileURLToPath(new URL('../../src/node.ts', import.meta.url)));

/** Runs a program that prints `ready`, and sends it signals when it has. */
function run(program: string, ...signals: readonly NodeJS.Signals[]): Promise<{ signal: NodeJS.Signals | null; output: string }> {
  const child = spawn(
    process.execPath,
    [
      '--conditions=anyseries-source',
      '--input-type=module-typescript',
      '--eval',
      `import { installSignalHandlers } from ${source};${program}`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], timeout: 20_000 },
  );
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
    const [next] = String(chunk).includes('ready') ? signals : String(chunk).includes('closing') ? signals.slice(1) : [];
    if (next !== undefined) child.kill(next);
  });
  return new Promise((resolve) => child.on('close', (_, signal) => resolve({ signal, output })));
}

const keepAlive = 'setInterval(() => {}, 1000); console.log("ready");';

test.each(['SIGINT', 'SIGTERM'] as const)('%s closes everything in order, and then ends the process as it would have', async (name) => {
  const program = `
    installSignalHandlers({ close: async () => console.log('writer') }, { close: () => Promise.reject('no matter') }, { close: async () => console.log('db') });
    console.error = () => {};
    ${keepAlive}`;
  expect(await run(program, name)).toEqual({ signal: name, output: 'ready\nwriter\ndb\n' });
});

test('a second signal ends the process at once', async () => {
  const program = `installSignalHandlers({ close: () => { console.log('closing'); return new Promise(() => {}); } }); ${keepAlive}`;
  expect(await run(program, 'SIGTERM', 'SIGTERM')).toEqual({ signal: 'SIGTERM', output: 'ready\nclosing\n' });
});

test('handlers that were taken away do nothing', async () => {
  const program = `installSignalHandlers({ close: async () => console.log('never') })(); ${keepAlive}`;
  expect(await run(program, 'SIGINT')).toEqual({ signal: 'SIGINT', output: 'ready\n' });
});
