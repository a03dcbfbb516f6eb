import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Capabilities, Provider, StoreCapabilities, Value } from '@anyseries/core';

/** A protocol as this suite speaks it: its provider, on credentials of its own. */
export interface Speaker {
  /** The id of the protocol and of its package. */
  readonly protocol: string;
  /** The fields of the credentials, as `credentials add` takes them. */
  readonly credentials: Readonly<Record<string, string>>;
  /** Which of them are no secrets; default: the first. */
  readonly publicFields?: readonly string[];
  /** The neutral provider, connected to a gateway. Its type shows every method; the suite calls what is declared. */
  connect(url: string): Provider<StoreCapabilities>;
  /** The key in the store of the series that this provider calls `key`; asked for once the series exists. */
  storeKey(key: string, url: string): string | Promise<string>;
}

/** Every protocol that is there: a file `packages/<id>/test/speaker.ts` is all it takes to join. */
export const speakers: readonly Speaker[] = await Promise.all(
  globSync('*/test/speaker.ts', { cwd: join(import.meta.dirname, '../..') })
    .sort()
    .map(async (file) => ((await import(pathToFileURL(join(import.meta.dirname, '../..', file)).href)) as { speaker: Speaker }).speaker),
);

/** The packages of this repository that have a protocol server. */
export const found: readonly string[] = globSync('*/src/server.ts', { cwd: join(import.meta.dirname, '../..') })
  .map((file) => file.slice(0, file.indexOf('/')))
  .filter((id) => id !== 'core')
  .sort();

/** A point without its series. */
export type Sample = readonly [time: number, value: Value];

const ticks = { s: 1000, ms: 1, us: 0.001 } as const;

/** What a protocol shows of points in the store: the last of each tick of its time, and no value that it has no type for. */
export function shown(samples: readonly Sample[], { times, values }: Pick<Capabilities, 'times' | 'values'>): Sample[] {
  const tick = ticks[times.resolution];
  const kinds: ReadonlySet<string> = new Set(values);
  const byTick = new Map<number, Value>();
  for (const [time, value] of samples.toSorted(([a], [b]) => a - b)) {
    const said = sayable(value, kinds);
    if (said !== undefined) byTick.set(tick < 1 ? time : Math.floor(time / tick) * tick, said);
  }
  return [...byTick];
}

function sayable(value: Value, kinds: ReadonlySet<string>): Value | undefined {
  if (typeof value === 'string') return kinds.has('string') ? value : undefined;
  if (typeof value === 'boolean') return kinds.has('boolean') ? value : Number(value);
  if (typeof value === 'bigint') return kinds.has('bigint') ? value : undefined;
  return kinds.has('number') || Number.isInteger(value) ? value : undefined;
}
