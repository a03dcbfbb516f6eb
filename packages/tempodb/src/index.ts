/** TempoDB: the neutral provider, and the native client with everything that the service could do. */
export type * from './client/model.ts';
export { createClient, type TempoDBClient } from './client.ts';
export { createTempodb, createTempodb as connect, type TempoDBCapabilities, type TempoDBProvider } from './provider.ts';
export type { TempoDBSettings } from './settings.ts';
