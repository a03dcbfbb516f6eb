/** The embedded store: one SQLite file, off the main thread. */
export { createSqlite, createSqlite as connect, type SqliteStore } from './provider.ts';
export type { SqliteSettings, Synchronous } from './settings.ts';
