export { faultOf } from './exchange.ts';
export { capabilities, connect, connect as createIobeam } from './provider.ts';
export type { IobeamProviderSettings, IobeamSettings } from './settings.ts';
export type { Fault } from './wire/fault.ts';
