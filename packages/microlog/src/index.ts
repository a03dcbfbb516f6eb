/** Microlog: the neutral provider, and the native client with its queue. */
export { createGraphRegistry, type GraphRegistry } from './graph-registry.ts';
export { createMicrolog, createMicrolog as connect, type MicrologCapabilities, type MicrologProvider } from './provider.ts';
export type { MicrologServer, MicrologSettings } from './settings.ts';
