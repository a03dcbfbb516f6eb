import type { Store } from '@anyseries/core';
import { defineStore, type ProviderSettings } from '@anyseries/core/provider';
import { createMemoryBackend } from './backend.ts';
import { resolveSettings } from './settings.ts';

/** Settings of the store in memory: those that every provider takes. */
export type MemorySettings = ProviderSettings;

/**
 * Opens an empty store in memory. Every call makes another one; what is in it goes with it.
 *
 * ```ts
 * const store = connect();
 * await store.write([{ series: 'temperature', time: Date.now(), value: 21.5 }]);
 * ```
 *
 * @throws AnySeriesError `invalid` that names the setting
 */
export function connect(settings?: string | MemorySettings): Store {
  return defineStore({ id: 'memory', settings: resolveSettings(settings), open: createMemoryBackend }).store;
}
