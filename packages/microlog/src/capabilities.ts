import { allTimes, type Capabilities } from '@anyseries/core';
import type { MicrologServer } from './settings.ts';
import { maxBytes, maxSeries } from './wire/limits.ts';

const kept = {
  values: ['integer'],
  times: { resolution: 's', ...allTimes },
  keys: { maxBytes: 1024, caseSensitive: true },
  visibleWithinMs: 0,
} as const satisfies Capabilities;

/** Several series in one request end the process of an original server. */
export const originalCapabilities = {
  ...kept,
  write: { limits: { maxBytes, maxSeries: 1 }, onDuplicate: 'adds', outcome: 'unconfirmed', granularity: 'batch' },
} as const satisfies Capabilities;

export const gatewayCapabilities = {
  ...kept,
  write: { limits: { maxBytes, maxSeries }, onDuplicate: 'adds', outcome: 'stored', granularity: 'item', idempotencyKey: true },
  read: { windows: 'any', series: true, latest: true },
} as const satisfies Capabilities;

/** What Microlog can do: an original server takes points and tells nothing, a gateway can be read as well. */
export type MicrologCapabilities<S extends MicrologServer = 'gateway'> = S extends 'original'
  ? typeof originalCapabilities
  : typeof gatewayCapabilities;
