/**
 * The other side of `soak.ts`, in a process of its own: a server of line protocol that checks what comes, behind a proxy that fails at random.
 * `server.ts <seed>`, with an IPC channel: tells its address, and answers each message with a {@link Judgement}.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { createTcpProxy, type Fault, faults } from '../../packages/core/test/faults/tcp-proxy.ts';

/** Values count up within each series, so that the last one tells which have come. */
export interface Judgement {
  /** By series, the value that came last. */
  readonly last: Readonly<Record<string, number>>;
  /** Values that were missing when a later one came. */
  readonly skipped: number;
  /** Values that came again. */
  readonly repeated: number;
  readonly met: Readonly<Record<string, number>>;
}

const poisonSeries = 'poison';
const faultShare = 0.05;
const refusalShare = 0.03;
const refusals = [
  { status: 503, headers: { 'retry-after': '1' } },
  { status: 429, headers: { 'retry-after': '0' } },
  { status: 500, headers: {} },
  { status: 502, headers: {} },
  { status: 408, headers: {} },
] as const;
const outageEveryMs = 15_000;
const longestOutageMs = 3000;
/** Long enough to fill every buffer of the writer once, so that they do not grow later. */
const firstOutageMs = 6000;

const random = createRandom(Number(process.argv[2]));
const last = new Map<string, number>();
const met = new Map<string, number>();
let skipped = 0;
let repeated = 0;

const server = createServer((request, response) => {
  text(request).then(
    (body) => {
      const { status, headers } = answer(body);
      response.writeHead(status, headers).end();
    },
    // the request broke off: nothing of it counts
    () => {},
  );
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const proxy = await createTcpProxy(server.address() as AddressInfo);
proxy.fault = () => (random() < faultShare ? count(pick(faults)) : undefined);
process.on('message', () =>
  process.send!({ last: Object.fromEntries(last), skipped, repeated, met: Object.fromEntries(met) } satisfies Judgement),
);
process.send!(proxy.url);
await failForEver();

function answer(body: string): { status: number; headers: Readonly<Record<string, string>> } {
  if (random() < refusalShare) {
    const refusal = pick(refusals);
    count(`status ${refusal.status}`);
    return refusal;
  }
  if (body.includes(`host=${poisonSeries} `)) return { status: 400, headers: {} };
  for (const line of body.split('\n')) if (line !== '') take(line);
  return { status: 204, headers: {} };
}

function take(line: string): void {
  const [, series, value] = /host=(\S+) value=(\d+) /.exec(line) as unknown as [string, string, string];
  const next = (last.get(series) ?? -1) + 1;
  const id = Number(value);
  if (id < next) {
    repeated++;
    return;
  }
  skipped += id - next;
  last.set(series, id);
}

/** From time to time nobody is there, and what is under way breaks. */
async function failForEver(): Promise<never> {
  await failFor(firstOutageMs);
  while (true) {
    await pause(outageEveryMs * (0.5 + random()));
    await failFor(longestOutageMs * random());
  }
}

async function failFor(ms: number): Promise<void> {
  count('outage');
  await proxy.down();
  await pause(ms);
  await proxy.up();
}

function pick<T>(choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)]!;
}

function count<T extends Fault | string>(name: T): T {
  met.set(name, (met.get(name) ?? 0) + 1);
  return name;
}

function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
