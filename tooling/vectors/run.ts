import { fileURLToPath } from 'node:url';
import type { Clock, Store } from '@anyseries/core';
import { startGateway } from '@anyseries/gateway';
import { connect as connectMemory } from '@anyseries/memory';
import { afterAll, describe, expect, test } from 'vitest';
import { type Calls, createClientRun, mayBeRefused, whyNoClientSends } from './client-half.ts';
import type { ResponseRules } from './compare-response.ts';
import { createServerRun, type OpenedServer, type Visitor } from './server-half.ts';
import { checkSignature } from './signatures.ts';
import { type Exchange, readVectorFiles, type Setup, type SignatureVector, type VectorFile } from './vector.ts';

/** How the gateway is set up for the vectors of a protocol. */
export interface World extends ResponseRules {
  /** The id of the protocol. */
  readonly protocol: string;
  /** The credentials of a setup, each with the fields that the protocol's credentials have. */
  credentials(setup: Setup): readonly Readonly<Record<string, string>>[];
  /** Puts what else the setup tells of into the store. */
  arrange?(setup: Setup, store: Store): Promise<void>;
  /** Comes to the gateway in other ways than the vectors show, as their texts say. */
  visitor?(url: string, setup: Setup, file: VectorFile): Visitor;
  /** The settings of the protocol server. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The credentials that a signature is made with, with the fields that the protocol's credentials have. */
  signatureCredentials?(vector: SignatureVector): Readonly<Record<string, string>>;
}

/** Defines the tests of a protocol: every vector of every file in a folder, against the server and against the client. */
export function testVectors<Client>(folder: URL, world: World, calls: Calls<Client>): void {
  for (const file of readVectorFiles(folder)) {
    describe(`${file.name}.json: the server answers`, () => testServer(file, world));
    describe(`${file.name}.json: the client asks`, () => testClient(file, calls));
    if (file.signatures.length > 0) describe(`${file.name}.json: signatures`, () => testSignatures(file, world, calls));
  }
}

function testServer(file: VectorFile, world: World): void {
  const run = createServerRun(file, (setup, clock) => openGateway(file, setup, clock, world), world);
  afterAll(() => run.close());
  for (const exchange of file.exchanges) test(`${exchange.id} ${exchange.title}`, async () => expectNothing(await run.check(exchange)));
}

const fixture = (name: string) => fileURLToPath(new URL(`../../packages/gateway/test/fixtures/test-only-${name}.pem`, import.meta.url));

async function openGateway(file: VectorFile, setup: Setup, clock: Clock, world: World, host?: string): Promise<OpenedServer> {
  const { protocol, settings } = world;
  const store = connectMemory({ clock });
  await world.arrange?.(setup, store);
  const needsTls = file.exchanges.some(({ steps }) => steps.some(({ scheme }) => scheme === 'https'));
  const gateway = await startGateway({
    store,
    port: 0,
    protocols: [protocol],
    credentials: world.credentials(setup).map((fields) => ({ protocol, project: 'default', ...fields })),
    clock,
    log: { level: 'silent' },
    ...(settings === undefined ? {} : { settings: { [protocol]: settings } }),
    ...(host === undefined ? {} : { hosts: { [protocol]: [host] } }),
    ...(needsTls ? { tls: { cert: fixture('certificate'), key: fixture('key'), port: 0 } } : {}),
  });
  return {
    url: gateway.url,
    tlsUrl: gateway.tlsUrl,
    visitor: world.visitor?.(gateway.url, setup, file),
    async close() {
      await gateway.close();
      await store.close();
    },
  };
}

function testSignatures<Client>(file: VectorFile, world: World, { sign }: Calls<Client>): void {
  for (const vector of file.signatures) {
    test(`${vector.id} ${vector.title}: the client`, async () => {
      const { baseString, signature } = vector;
      expect(await sign?.(vector)).toEqual({ baseString, signature });
    });

    test(`${vector.id} ${vector.title}: the server`, async () => {
      // what is signed need not be a resource of the protocol
      const { hostname } = new URL(vector.url);
      const open = (setup: Setup, clock: Clock) => openGateway(file, setup, clock, signingWorld(world, vector), hostname);
      expectNothing(await checkSignature(vector, open));
    });
  }
}

function signingWorld(world: World, vector: SignatureVector): World {
  const { signatureCredentials } = world;
  if (signatureCredentials === undefined) throw new Error(`${world.protocol}: its world has no signatureCredentials`);
  return { ...world, credentials: () => [signatureCredentials(vector)] };
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
