import type { Points } from '@anyseries/core';
import { open as openMemory } from '../../../packages/memory/test/backend.ts';
import type { DemoProvider, OpenBackend } from '../backends.ts';

/** A memory store that confirms every point and does not store the last one of its first write. */
export async function open(): Promise<OpenBackend> {
  const { provider, close } = await openMemory();
  const honest: DemoProvider = provider;
  let isFirst = true;
  const write = async (points: Points) => {
    const all = Array.from(points as Iterable<never>);
    const kept = isFirst ? all.slice(0, -1) : all;
    isFirst = false;
    await honest.write(kept);
    return { stored: all.length, unconfirmed: 0, rejected: [] };
  };
  return { provider: Object.assign(Object.create(honest) as DemoProvider, { write }), close };
}
