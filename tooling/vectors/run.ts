import type { Store } from '@anyseries/core';
import { startGateway } from '@anyseries/gateway';
import { connect as connectMemory } from '@anyseries/memory';
import { afterAll, describe, expect, test } from 'vitest';
import { type Calls, createClientRun, whyNoClientSends } from './client-half.ts';
import type { ResponseRules } from './compare-response.ts';
import { createServerRun } from './server-half.ts';
import { readVectorFiles, type Setup, type VectorFile } from './vector.ts';

/** How the gateway is set up for the vectors of a protocol. */
export interface World extends ResponseRules {
  /** The id of the protocol. */
  readonly protocol: string;
  /** The credentials of a setup, each with the fields that the protocol's credentials have. */
  credentials(setup: Setup): readonly Readonly<Record<string, string>>[];
  /** Puts what else the setup tells of into the store. */
  arrange?(setup: Setup, store: Store): Promise<void>;
}

/** Defines the tests of a protocol: every vector of every file in a folder, against the server and against the client. */
export function testVectors<Client>(folder: URL, world: World, calls: Calls<Client>): void {
  for (const file of readVectorFiles(folder)) {
    describe(`${file.name}.json: the server answers`, () => testServer(file, world));
    describe(`${file.name}.json: the client asks`, () => testClient(file, calls));
  }
}

function testServer(file: VectorFile, world: World): void {
  const run = createServerRun(file, openGateway, world);
  afterAll(() => run.close());
  for (const exchange of file.exchanges) test(`${exchange.id} ${exchange.title}`, async () => expectNothing(await run.check(exchange)));

  async function openGateway(setup: Setup, clock: Parameters<Parameters<typeof createServerRun>[1]>[1]) {
    const store = connectMemory();
    await world.arrange?.(setup, store);
    const { protocol } = world;
    const credentials = world.credentials(setup).map((fields) => ({ protocol, project: 'default', ...fields }));
    const gateway = await startGateway({ store, port: 0, protocols: [protocol], credentials, clock, log: { level: 'silent' } });
    return {
      url: gateway.url,
      async close() {
        await gateway.close();
        await store.close();
      },
    };
  }
}

function testClient<Client>(file: VectorFile, calls: Calls<Client>): void {
  const run = createClientRun(file, calls);
  const outcomes = new Map(file.exchanges.map((exchange) => [exchange, once(() => run.check(exchange))]));
  for (const [exchange, outcome] of outcomes) {
    const reasons = new Set(exchange.steps.flatMap(({ request }) => whyNoClientSends(request, calls) ?? []));
    const note = reasons.size === 0 ? '' : ` (answer only: ${[...reasons].join(', ')})`;
    test(`${exchange.id} ${exchange.title}${note}`, async () => expectNothing(await outcome()));
  }

  test('every request that a client can send was compared, and no other', async () => {
    for (const outcome of outcomes.values()) await outcome();
    const requests = file.exchanges.flatMap(({ steps }) => steps.map(({ request }) => request));
    const sendable = requests.filter((request) => whyNoClientSends(request, calls) === undefined);
    expect(run.compared).toEqual(new Set(sendable));
  });
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}

function expectNothing(problem: string): void {
  if (problem !== '') expect.fail(problem);
}
