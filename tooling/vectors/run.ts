import type { Clock, Store } from '@anyseries/core';
import { startGateway } from '@anyseries/gateway';
import { connect as connectMemory } from '@anyseries/memory';
import { afterAll, describe, expect, test } from 'vitest';
import { type Calls, createClientRun, mayBeRefused, whyNoClientSends } from './client-half.ts';
import type { ResponseRules } from './compare-response.ts';
import { createServerRun, type OpenedServer } from './server-half.ts';
import { type Exchange, readVectorFiles, type Setup, type VectorFile } from './vector.ts';

/** How the gateway is set up for the vectors of a protocol. */
export interface World extends ResponseRules {
  /** The id of the protocol. */
  readonly protocol: string;
  /** The credentials of a setup, each with the fields that the protocol's credentials have. */
  credentials(setup: Setup): readonly Readonly<Record<string, string>>[];
  /** Puts what else the setup tells of into the store. */
  arrange?(setup: Setup, store: Store): Promise<void>;
  /** The settings of the protocol's server. */
  settings?(setup: Setup): Readonly<Record<string, unknown>>;
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

  async function openGateway(setup: Setup, clock: Clock): Promise<OpenedServer> {
    const store = connectMemory();
    await world.arrange?.(setup, store);
    const { protocol } = world;
    const credentials = world.credentials(setup).map((fields) => ({ protocol, project: 'default', ...fields }));
    const settings = world.settings === undefined ? {} : { [protocol]: world.settings(setup) };
    const gateway = await startGateway({ store, port: 0, protocols: [protocol], credentials, settings, clock, log: { level: 'silent' } });
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
  for (const [exchange, outcome] of outcomes)
    test(`${exchange.id} ${exchange.title}${noteOn(exchange, calls)}`, async () => expectNothing(await outcome()));

  test('every request that a client can send was sent and compared, or refused as the service refuses it', async () => {
    for (const outcome of outcomes.values()) await outcome();
    const steps = file.exchanges.flatMap((exchange) => exchange.steps);
    const sendable = steps.filter(({ request }) => whyNoClientSends(request, calls) === undefined);
    const refused = sendable.filter((step) => mayBeRefused(step) && run.refused.has(step.request));
    const others = sendable.filter((step) => !refused.includes(step));
    expect([...run.refused]).toEqual(refused.map(({ request }) => request));
    expect([...run.compared]).toEqual(others.map(({ request }) => request));
  });
}

/** What of a vector is not compared, and why. */
function noteOn<Client>({ steps }: Exchange, calls: Calls<Client>): string {
  const notes = steps.map((step) => {
    const reason = whyNoClientSends(step.request, calls);
    if (reason !== undefined) return `only the answer: ${reason}`;
    return mayBeRefused(step) ? 'may be refused before it is sent' : '';
  });
  const told = [...new Set(notes)].filter((note) => note !== '');
  return told.length === 0 ? '' : ` (${told.join('; ')})`;
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
