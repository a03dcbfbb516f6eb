import {
  type AnySeriesError,
  type Capabilities,
  type ErrorCode,
  isAnySeriesError,
  type Point,
  type PointInput,
  type ReadQuery,
  type Rejection,
  type Store,
  type StoreCapabilities,
  type TimeSeriesSink,
  type TimeSeriesSource,
  type WriteResult,
} from '@anyseries/core';
import { equal, fail, ok } from './assertion.ts';
import { createNetwork, type Network } from './network.ts';
import { checkSecrets } from './secrets.ts';
import type { AnyProvider, ConnectOptions, Subject, SubjectServer } from './subject.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

/** 2024-01-01T00:00:00Z; the points of the cases begin here. */
export const epoch = 1_704_067_200_000;

/** When the virtual clock starts: some weeks after the points. */
const clockStart = Date.UTC(2024, 5, 1, 12);

/** A fresh subject with everything that a case needs around it. */
export interface World {
  readonly subject: Subject;
  readonly capabilities: Capabilities;
  readonly clock: VirtualClock;
  readonly options: ConnectOptions;
  readonly provider: AnyProvider;
  /** Where the case writes: the provider or, where it cannot, the store behind its server. */
  readonly sink: TimeSeriesSink<StoreCapabilities>;
  /** Where the case reads: the provider or, where it cannot, the store behind its server. */
  readonly source: TimeSeriesSource<StoreCapabilities>;
  /** The provider with its records; only for stores. */
  readonly store: Store;
  /** Only for subjects with a server. */
  readonly network: Network;
  readonly server: SubjectServer;
  /** Writes points that must all be accepted, and waits until they can be seen. */
  write(points: readonly PointInput[]): Promise<void>;
  /** All points of a query. */
  read(query: ReadQuery): Promise<Point[]>;
  /** All points of a series as `[time, value]`. */
  readSeries(series: string): Promise<[number, unknown][]>;
  /** Lets everything that was acknowledged become visible. */
  settle(): Promise<void>;
  /** The error of a call, which must be an `AnySeriesError` with one of the codes and without secrets. */
  failure(codes: ErrorCode | readonly ErrorCode[], run: () => unknown): Promise<AnySeriesError>;
  /** Checks the counts of a result, and its rejections by index, code and the field that the message names. */
  checkResult(result: WriteResult, accepted: number, rejected?: readonly ExpectedRejection[]): void;
  /** Registers a further provider of the case, closed at its end. */
  use(provider: unknown): AnyProvider;
}

export interface ExpectedRejection {
  readonly index: number;
  readonly code?: ErrorCode;
  /** What the message must hold. */
  readonly names?: string;
}

/** Opens a world, runs the case in it and closes everything again. */
export async function inWorld(subject: Subject, run: (world: World) => Promise<void>): Promise<void> {
  const clock = createVirtualClock({ start: clockStart, automatic: subject.server !== undefined });
  const server = await subject.server?.({ clock });
  const carriesPoints = (request: Request) => (subject.carriesPoints ? subject.carriesPoints(request) : request.body !== null);
  const network = server && createNetwork(server, clock, carriesPoints);
  const options: ConnectOptions = { clock, fetch: network?.fetch ?? globalThis.fetch };
  const used: AnyProvider[] = [];
  const use = (provider: unknown) => {
    used.push(provider as AnyProvider);
    return provider as AnyProvider;
  };
  try {
    const provider = use(await subject.connect(options));
    await run(createWorld(subject, { clock, server, network, options, provider, use }));
    for (const each of used) await each.close();
  } finally {
    // after a failure too, but without hiding it
    for (const each of used) await Promise.race([Promise.resolve(each.close()).catch(() => undefined), patience()]);
    clock.stop();
    await server?.close?.();
    await subject.cleanup?.();
  }
}

/** How long a provider that has failed its case may take to close. */
function patience(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 500));
}

interface Parts {
  readonly clock: VirtualClock;
  readonly server: SubjectServer | undefined;
  readonly network: Network | undefined;
  readonly options: ConnectOptions;
  readonly provider: AnyProvider;
  use(provider: unknown): AnyProvider;
}

function createWorld(subject: Subject, parts: Parts): World {
  const { clock, server, network, options, provider, use } = parts;
  const { capabilities } = subject;
  const behind = () => server?.store ?? fail(`${subject.name} reads or writes, not both: its server must give the 'store' behind it`);
  const world: World = {
    subject,
    capabilities,
    clock,
    options,
    provider,
    use,
    get sink() {
      return capabilities.write === undefined ? behind() : provider;
    },
    get source() {
      return capabilities.read === undefined ? behind() : provider;
    },
    get store() {
      return provider as unknown as Store;
    },
    get network() {
      return network ?? fail(`${subject.name} has no server`);
    },
    get server() {
      return server ?? fail(`${subject.name} has no server`);
    },
    async write(points) {
      world.checkResult(await world.sink.write(points), points.length);
      await world.settle();
    },
    read: (query) => world.source.read(query).toArray(),
    async readSeries(series) {
      return (await world.read({ series })).map(({ time, value }) => [time, value]);
    },
    settle: () => (capabilities.visibleWithinMs > 0 ? clock.advance(capabilities.visibleWithinMs) : Promise.resolve()),
    failure: (codes, run) => failureOf(subject, codes, run),
    checkResult(result, accepted, rejected = []) {
      const outcome = capabilities.write?.outcome ?? 'stored';
      checkRejections(result.rejected, rejected);
      equal([result.stored, result.unconfirmed], outcome === 'stored' ? [accepted, 0] : [0, accepted], '[stored, unconfirmed]');
    },
  };
  return world;
}

async function failureOf(subject: Subject, codes: ErrorCode | readonly ErrorCode[], run: () => unknown): Promise<AnySeriesError> {
  const wanted = typeof codes === 'string' ? [codes] : codes;
  let answer: unknown;
  try {
    answer = await run();
  } catch (error) {
    if (!isAnySeriesError(error)) fail(`expected an AnySeriesError (${wanted.join(' or ')}), got ${String(error)}`);
    ok(wanted.includes(error.code), `expected the code ${wanted.join(' or ')}, got ${error.code}: ${error.message}`);
    checkSecrets(error, subject.secrets ?? []);
    return error;
  }
  return fail(`expected a failure (${wanted.join(' or ')}), got the answer ${String(answer)}`);
}

function checkRejections(actual: readonly Rejection[], expected: readonly ExpectedRejection[]): void {
  equal(
    actual.map(({ index }) => index),
    expected.map(({ index }) => index),
    'the indices of the rejections',
  );
  for (const [i, { code = 'invalid', names = '' }] of expected.entries()) {
    const rejection = actual[i]!;
    equal(rejection.code, code, `the code of the rejection at index ${rejection.index} (${rejection.message})`);
    ok(rejection.message.includes(names), `the rejection at index ${rejection.index} names '${names}': ${rejection.message}`);
  }
}
