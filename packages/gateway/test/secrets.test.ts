import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, kill, runGateway, spawnGateway, waitUntilServing } from './gateway-process.ts';
import { speakers } from './speakers.ts';

/** A secret that nothing else contains; what every field of every protocol's credentials is filled with, but for the public first one. */
const marker = 'f00dfacef00dfacef00dfacef00dface';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyseries-gateway-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(speakers)(
  'the secret of $protocol is in no log, no answer and no file',
  async ({ protocol, credentials, publicFields = [Object.keys(credentials)[0]!], connect }) => {
    const file = join(folder, `${protocol}.db`);
    const fields = Object.fromEntries(
      Object.entries(credentials).map(([name, value]) => [name, publicFields.includes(name) ? value : marker]),
    );
    const flags = Object.entries(fields).flatMap(([name, value]) => [
      `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      value,
    ]);
    const added = await runGateway(['credentials', 'add', protocol, '--store', `sqlite:${file}`, ...flags]);
    expect(added).toMatchObject({ code: 0 });
    const listed = await runGateway(['credentials', 'list', '--store', `sqlite:${file}`]);
    expect(listed.stdout).toContain(protocol);
    expect(listed.stdout + listed.stderr).not.toContain(marker);

    const port = await freePort();
    const gateway = spawnGateway(['serve', '--port', String(port), '--store', `sqlite:${file}`, '--log-level', 'debug']);
    let said = '';
    for (const stream of [gateway.stdout!, gateway.stderr!]) stream.on('data', (part) => (said += part));
    const url = await waitUntilServing(gateway, port);
    const public1 = Object.values(fields)[0]!;
    const answers: string[] = [];
    for (const secret of [marker, `${marker}x`]) {
      for (const path of [
        '/v1/series/',
        `/v1/series/?token=${secret}`,
        `/nothing/${protocol}`,
        '/v1/multi/',
        '/health',
        '/metrics',
        '/-/',
      ]) {
        for (const method of ['GET', 'POST']) {
          const body = method === 'POST' ? `{"secret":"${secret}"` : null;
          const headers = { authorization: `Basic ${btoa(`${public1}:${secret}`)}`, 'x-token': secret };
          const answer = await fetch(`${url}${path}`, { method, headers, body });
          answers.push(JSON.stringify([...answer.headers]) + (await answer.text()));
        }
      }
    }
    const provider = connect(url);
    await provider.write([{ series: 'room', time: Date.now(), value: 1 }]).catch((error: unknown) => answers.push(String(error)));
    await provider.close();
    await kill(gateway, 'SIGTERM');

    expect(said).toContain('"');
    expect(answers.join('\n')).not.toContain(marker);
    expect(said).not.toContain(marker);
    expect(said).not.toContain(btoa(`${public1}:${marker}`));
    for (const name of readdirSync(folder)) expect(readFileSync(join(folder, name)).includes(marker), name).toBe(false);
  },
);
