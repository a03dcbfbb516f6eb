/** iobeam: the neutral provider, and the native client with everything that the service could do. */
export { dataStore, timestamp, uniformSeries } from './client/data-store.ts';
export type * from './client/model.ts';
export { createClient, type IobeamClient } from './client.ts';
export { createIobeam, createIobeam as connect, type IobeamCapabilities, type IobeamProvider } from './provider.ts';
export type { IobeamClientSettings, IobeamProviderSettings, IobeamSettings } from './settings.ts';
export { faultOf } from './wire/fault.ts';
