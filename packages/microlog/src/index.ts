/** Microlog: the neutral provider, and the native client with its queue. */
export type { MicrologCapabilities } from './capabilities.ts';
export { dispatch, enque, haltThread, type StartOptions, start } from './client/default-client.ts';
export type * from './client/model.ts';
export type { Queue } from './client/queue.ts';
export type { DroppedPoints, QueuedPoint, QueueOptions } from './client/queue-options.ts';
export type { DispatchReport, GraphReport } from './client/tally.ts';
export { createClient, type MicrologClient, type MicrologClientSettings } from './client.ts';
export { createGraphRegistry, type GraphRegistry } from './graph-registry.ts';
export { createMicrolog, createMicrolog as connect, type MicrologProvider } from './provider.ts';
export type { MicrologServer, MicrologSettings } from './settings.ts';
export type { Dashboard, GraphLink } from './wire/pages.ts';
