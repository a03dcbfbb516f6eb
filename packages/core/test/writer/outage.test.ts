import { describe, expect, test } from 'vitest';
import type { OnDuplicate } from '../../src/index.ts';
import { open } from './open.ts';
import type { Reply } from './scripted-server.ts';

const pointsPerSecond = 20_000;
const seriesCount = 50;

/** Writes for nine seconds of the clock; the server is ill from the third to the sixth. */
async function writeThroughOutage(illness: Reply, onDuplicate: OnDuplicate) {
  const opened = open({ maxBufferedPoints: 200_000 }, { onDuplicate, limits: { maxPoints: 5000 } });
  const { writer, server, clock } = opened;
  server.always = { kind: 'judge', ms: 20 };
  let id = 0;
  for (let ms = 0; ms < 9000; ms += 10) {
    if (ms === 3000) server.always = illness;
    if (ms === 6000) server.always = { kind: 'judge', ms: 20 };
    for (let i = 0; i < pointsPerSecond / 100; i++, id++) {
      if (writer.write({ series: `s${id % seriesCount}`, time: id, value: id }) !== undefined) throw new Error('the buffer is full');
    }
    await clock.advance(10);
  }
  await clock.advance(120_000);
  const applied = server.requests.flatMap((request) => request.applied);
  let overtaken = 0;
  const last = new Map<number, number>();
  const seen = new Set<number>();
  for (const each of server.requests.flatMap(({ ids }) => ids)) {
    if (seen.has(each)) continue;
    seen.add(each);
    if (each < (last.get(each % seriesCount) ?? -1)) overtaken++;
    last.set(each % seriesCount, each);
  }
  return { ...opened, written: id, lost: id - new Set(applied).size, repeated: applied.length - new Set(applied).size, overtaken };
}

describe('three seconds of outage at 20,000 points a second', () => {
  test.each(['overwrites', 'adds'] as const)(
    'told by 503 with Retry-After, where points %s: nothing is lost, overtaken or stored twice',
    async (onDuplicate) => {
      const { writer, written, lost, repeated, overtaken } = await writeThroughOutage({ kind: 'wait', askedMs: 1000, ms: 5 }, onDuplicate);
      expect({ lost, repeated, overtaken }).toEqual({ lost: 0, repeated: 0, overtaken: 0 });
      expect(writer.report()).toMatchObject({ admitted: written, stored: written, pending: 0 });
    },
  );

  test('of which the server says nothing, where points overwrite: nothing is lost or overtaken, and what is stored is the same', async () => {
    const { writer, written, lost, overtaken } = await writeThroughOutage({ kind: 'doubt', applied: true, ms: 200 }, 'overwrites');
    expect({ lost, overtaken }).toEqual({ lost: 0, overtaken: 0 });
    expect(writer.report()).toMatchObject({ admitted: written, stored: written });
  });

  test('of which the server says nothing, where points add up: none is there twice, and those in doubt are handed over', async () => {
    const { writer, written, repeated, overtaken, rejected } = await writeThroughOutage({ kind: 'doubt', applied: true, ms: 200 }, 'adds');
    expect({ repeated, overtaken }).toEqual({ repeated: 0, overtaken: 0 });
    const { stored, unknown } = writer.report();
    expect(unknown).toBeGreaterThan(0);
    expect([stored + unknown, rejected.length]).toEqual([written, unknown]);
  });
});
