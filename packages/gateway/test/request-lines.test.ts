import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRawClient } from '../../../tooling/vectors/raw-client.ts';
import { type Gateway, type LogEntry, startGateway } from '../src/index.ts';
import { found } from './speakers.ts';

interface VectorRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly without?: readonly string[];
}

interface VectorEntry {
  readonly id: string;
  readonly steps?: readonly { readonly request: VectorRequest }[];
}

/** Every request of every document, by protocol. */
const lines = found.flatMap((protocol) =>
  globSync(`${protocol}/test/vectors/*.json`, { cwd: join(import.meta.dirname, '../..') }).flatMap((file) =>
    (JSON.parse(readFileSync(join(import.meta.dirname, '../..', file), 'utf8')) as VectorEntry[]).flatMap(({ id, steps = [] }) =>
      steps.map(({ request }) => ({ protocol, id, request })),
    ),
  ),
);

let gateway: Gateway;
const log: LogEntry[] = [];
beforeAll(async () => {
  gateway = await startGateway({ store: 'memory:', port: 0, protocols: found, log: (entry) => log.push(entry) });
});
afterAll(() => gateway.close());

test('there are requests of every protocol', () => {
  expect(new Set(lines.map(({ protocol }) => protocol))).toEqual(new Set(found));
});

test.each(lines)('$protocol $id: $request.method $request.target', async ({ protocol, request }) => {
  log.length = 0;
  const client = createRawClient(gateway.url);
  const headers = request.headers.filter(([name]) => !/^(content-length|transfer-encoding|connection)$/i.test(name));
  const head = [
    `${request.method} ${request.target} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    'Content-Length: 0',
  ];
  await client.exchange(Buffer.from(`${head.join('\r\n')}\r\n\r\n`));
  client.close();
  expect(log.map((entry) => entry.protocol)).toEqual([protocol]);
});
