/**
 * The table of statuses in docs/delivery.md, with a writer over every provider that has a server: the subjects are found as `run-suite.ts` finds
 * them, so that a new provider is tested without a line of code here. A provider whose protocol gives a status another meaning says so in the
 * `verdicts` of its subject.
 */
import { existsSync, readdirSync } from 'node:fs';
import type { Subject, WriteVerdict } from '@anyseries/conformance';
import { createWriter, type PointInput, type RejectReason, type Report } from '@anyseries/core';
import { describe, expect, test } from 'vitest';
import { answer, cutAnswer, type Fault, hang, loseAnswer, refuseConnection } from '../src/network.ts';
import { nextTurn } from '../src/virtual-clock.ts';
import { epoch, inWorld, type World } from '../src/world.ts';

const table: readonly (readonly [WriteVerdict, readonly number[]])[] = [
  ['retry', [408, 425, 429, 509, 529]],
  ['ambiguous', [500, 502, 503, 504, 507, 520, 521, 522, 523, 524, 530, 599]],
  ['too-large', [413]],
  ['bad-batch', [400, 422]],
  ['auth', [401, 403]],
  ['config', [404, 405, 410, 415, 501, 505]],
  ['refused', [301, 302, 307, 402, 406, 409, 411, 412, 414, 417, 418, 421, 423, 424, 426, 428, 431, 451]],
];

const failures: readonly (readonly [string, WriteVerdict, Fault])[] = [
  ['a refused connection', 'retry', refuseConnection],
  ['503 with Retry-After', 'retry', answer(503, { 'retry-after': '7' })],
  ['a lost answer', 'ambiguous', loseAnswer],
  ['a request that hangs', 'ambiguous', hang],
  ['an answer that breaks off', 'ambiguous', cutAnswer],
];

const packages = new URL('../../', import.meta.url);
const subjects: Subject[] = [];
for (const folder of readdirSync(packages)) {
  const file = new URL(`${folder}/test/subjects.ts`, packages);
  if (existsSync(file)) subjects.push(...Object.values(((await import(file.href)) as { subjects: Record<string, Subject> }).subjects));
}

describe.each(subjects.filter(({ server, capabilities }) => server !== undefined && capabilities.write !== undefined))(
  '$name',
  (subject) => {
    for (const [usual, statuses] of table) {
      for (const status of statuses) {
        const verdict = subject.verdicts?.[status] ?? usual;
        test(`${status} means ${verdict}`, () => inWorld(subject, (world) => check(world, verdict, answer(status))));
      }
    }

    for (const [name, verdict, fault] of failures) {
      test(`${name} means ${verdict}`, () => inWorld(subject, (world) => check(world, verdict, fault)));
    }

    for (const status of [429, 503]) {
      test(`after ${status} with Retry-After nothing is sent before its time`, () =>
        inWorld(subject, async (world) => {
          const { write, ended, requests } = await start(world);
          world.network.strike('points', answer(status, { 'retry-after': '40' }));
          write();
          await ended();
          const [refused, again] = requests();
          expect(again!.at - refused!.at).toBeGreaterThanOrEqual(40_000);
        }));
    }
  },
);

const checks: Readonly<Record<WriteVerdict, (world: World, fault: Fault) => Promise<void>>> = {
  async retry(world, fault) {
    const { write, ended, requests, given } = await start(world);
    world.network.strike('points', fault, fault);
    write();
    expect(await ended()).toMatchObject(accepted(world));
    expect(requests().length).toBeGreaterThanOrEqual(3);
    expect(given).toEqual([]);
  },

  async ambiguous(world, fault) {
    const { write, ended, requests, given } = await start(world);
    world.network.strike('points', fault);
    write();
    const report = await ended();
    if (isResendSafe(world)) {
      expect(report).toMatchObject(accepted(world));
      return;
    }
    expect(report).toMatchObject({ stored: 0, unconfirmed: 0, unknown: count });
    expect(given).toEqual(Array(count).fill('unknown-outcome'));
    expect(requests()).toHaveLength(1);
  },

  async 'too-large'(world, fault) {
    const { write, ended, requests } = await start(world);
    world.network.strike('points', fault);
    write();
    expect(await ended()).toMatchObject(accepted(world));
    expect(requests()).toHaveLength(3);
  },

  async 'bad-batch'(world, fault) {
    const { write, ended, given } = await start(world);
    world.network.strikeAll('points', fault);
    write();
    expect(await ended()).toMatchObject({ stored: 0, unconfirmed: 0, rejected: count });
    expect(new Set(given)).toEqual(new Set(['refused']));
  },

  async refused(world, fault) {
    const { write, ended, requests, given } = await start(world);
    world.network.strikeAll('points', fault);
    write();
    expect(await ended()).toMatchObject({ rejected: count });
    expect(given).toEqual(Array(count).fill('refused'));
    expect(requests()).toHaveLength(1);
  },

  async auth(world, fault) {
    const { write, ended, blocks, report } = await start(world);
    world.network.strikeAll('points', fault);
    write();
    await until(() => blocks.length > 0);
    const since = world.clock.now();
    await until(() => world.clock.now() - since > 600_000);
    expect([blocks, report().pending]).toEqual([['auth'], count]);
    world.network.strikeAll('points', undefined);
    expect(await ended()).toMatchObject(accepted(world));
  },

  async config(world, fault) {
    const { write, ended, blocks, given, report } = await start(world);
    world.network.strikeAll('points', fault);
    write();
    await until(() => blocks.length > 0);
    const since = world.clock.now();
    await until(() => world.clock.now() - since > 200_000);
    expect([blocks, report().pending]).toEqual([['config'], count]);
    expect(await ended()).toMatchObject({ stored: 0, unconfirmed: 0, rejected: count });
    expect(given).toEqual(Array(count).fill('misconfigured'));
    expect(world.clock.now() - since).toBeGreaterThanOrEqual(290_000);
  },
};

function check(world: World, verdict: WriteVerdict, fault: Fault): Promise<void> {
  return checks[verdict](world, fault);
}

const count = 4;
const points: readonly PointInput<number>[] = Array.from({ length: count }, (_, i) => ({
  series: 'alpha',
  time: epoch + i * 1000,
  value: i + 1,
}));

/** A writer over the subject, which has met the series already. */
async function start(world: World) {
  await world.write([{ series: 'alpha', time: epoch - 10_000, value: 1 }]);
  const before = world.network.requests.length;
  const given: RejectReason[] = [];
  const blocks: string[] = [];
  const writer = createWriter(world.provider, {
    clock: world.clock,
    onReject: (rejected, { reason }) => void given.push(...rejected.map(() => reason)),
    onBlocked: ({ why }) => void blocks.push(why),
  });
  return {
    given,
    blocks,
    report: writer.report,
    requests: () => world.network.requests.slice(before).filter(({ carriesPoints }) => carriesPoints),
    write: () => void writer.write(points),
    /** What became of the points in the end. */
    async ended(): Promise<Report> {
      const report = await writer.flush();
      await writer.close({ deadlineMs: 1000 });
      return report;
    },
  };
}

function accepted({ capabilities: { write } }: World): Partial<Report> {
  return write?.outcome === 'stored' ? { stored: count, pending: 0 } : { unconfirmed: count, pending: 0 };
}

function isResendSafe({ capabilities: { write } }: World): boolean {
  return write?.idempotencyKey === true || write?.onDuplicate === 'overwrites' || write?.onDuplicate === 'keeps-first';
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await nextTurn();
}
