/** iobeam: the neutral provider, and the native client with everything that the service could do. */
export { createIobeam, createIobeam as connect, type IobeamCapabilities, type IobeamProvider } from './provider.ts';
export type { IobeamProviderSettings, IobeamSettings } from './settings.ts';
