export { connect, connect as createMemory, type MemorySettings } from './provider.ts';
