/** TempoDB: the neutral provider, and the native client with everything that the service could do. */
export { createTempodb, createTempodb as connect, type TempoDBCapabilities, type TempoDBProvider } from './provider.ts';
export type { TempoDBSettings } from './settings.ts';
