/** Timetric: the neutral provider, and the native client with everything that the service could do. */
export type { AuthorizationCalls } from './client/authorization.ts';
export type { LoopbackOptions } from './client/loopback.ts';
export type * from './client/model.ts';
export type { SearchCalls } from './client/search.ts';
export type { TimetricSeries } from './client/series.ts';
export { createClient, type RawRequest, type TimetricClient } from './client.ts';
export { readConfig } from './config.ts';
export { createTimetric as connect, createTimetric, type TimetricCapabilities, type TimetricProvider } from './provider.ts';
export type { TimetricAuthentication, TimetricProviderSettings, TimetricSettings } from './settings.ts';
