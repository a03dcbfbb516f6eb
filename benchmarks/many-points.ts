/** `many-points.ts write|read <file> <points>`: does it in a process of its own and prints a {@link ManyPointsReport}. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Store } from '@anyseries/core';
import { connect } from '@anyseries/sqlite';
import { type Timing, timed } from './measure.ts';
import { sensorBatches, sensorKeys } from './workload.ts';

export interface ManyPointsReport extends Timing {
  /** Resident memory before the work: the file open, garbage collected. */
  readonly idleBytes: number;
  /** The most resident memory from the start of the process on. */
  readonly peakBytes: number;
}

const settleMs = 200;
const [task, path, total] = [process.argv[2], process.argv[3]!, Number(process.argv[4])];

const store: Store = connect({ path });
await store.check();
globalThis.gc?.();
await wait(settleMs);
const idleBytes = process.memoryUsage.rss();
const timing = await timed(task === 'write' ? write : read);
const peakBytes = process.resourceUsage().maxRSS * 1024;
await store.close();
console.log(JSON.stringify({ ...timing, idleBytes, peakBytes } satisfies ManyPointsReport));

async function write(): Promise<void> {
  let stored = 0;
  for (const batch of sensorBatches(total)) stored += (await store.write(batch)).stored;
  if (stored !== total) throw new Error(`${stored} of ${total} points are stored`);
}

async function read(): Promise<void> {
  let points = 0;
  for await (const page of store.read({ series: sensorKeys }).pages()) points += page.length;
  if (points !== total) throw new Error(`${points} of ${total} points were read`);
}
