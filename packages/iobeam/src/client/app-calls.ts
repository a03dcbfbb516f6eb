import type { CallOptions } from '@anyseries/core';
import { path } from '@anyseries/core/http';
import { appAnswer, appListAnswer, fileAnswer, fileListAnswer, snakeCased } from '../wire/answers.ts';
import type { Call } from './call.ts';
import { readPossibly } from './changed.ts';
import type { App, AppFields, FileEntry } from './model.ts';
import { dateOf } from './namespace-calls.ts';

/** Apps and the files that they are made of (4.9). A gateway keeps both, and runs none. */
export interface AppCalls {
  listApps(options?: CallOptions): Promise<readonly App[]>;
  /** By its number, or by its name. */
  getApp(app: number | string, options?: CallOptions): Promise<App>;
  /** @throws AnySeriesError `conflict` where the name is taken */
  createApp(app: AppFields, options?: CallOptions): Promise<App>;
  /** Answers `undefined` where it was so already. */
  replaceApp(app: App, options?: CallOptions): Promise<App | undefined>;
  deleteApp(appId: number, options?: CallOptions): Promise<void>;

  listFiles(options?: CallOptions): Promise<readonly FileEntry[]>;
  /** Uploads a file, with its checksum. */
  uploadFile(fileName: string, bytes: Uint8Array<ArrayBuffer>, options?: CallOptions): Promise<FileEntry>;
  deleteFile(fileName: string, options?: CallOptions): Promise<void>;
}

export function createAppCalls(call: Call): AppCalls {
  return {
    listApps: (options) =>
      call(options, async ({ ask }, context) => (await ask('read', { path: '/v1/apps' }, appListAnswer, context)).apps),

    getApp(app, options) {
      const request = typeof app === 'number' ? { path: path`/v1/apps/${app}` } : { path: '/v1/apps', search: { name: app } };
      return call(options, ({ ask }, context) => ask('read', request, appAnswer, context));
    },

    createApp(app, options) {
      return call(options, ({ ask, connection }, context) => {
        const json = { project_id: connection.projectId('write'), ...snakeCased({ ...app }) };
        return ask('write', { method: 'POST', path: '/v1/apps', json }, appAnswer, context);
      });
    },

    replaceApp({ projectId: _, created, lastModified, ...app }, options) {
      const dates = { created: dateOf(created), last_modified: dateOf(lastModified) };
      return call(options, async ({ send, connection }, context) => {
        const json = { project_id: connection.projectId('write'), ...snakeCased({ ...app, ...dates }) };
        return readPossibly(await send('write', { method: 'PUT', path: path`/v1/apps/${app.appId}`, json }, context), appAnswer);
      });
    },

    async deleteApp(appId, options) {
      await call(options, ({ send }, context) =>
        send('write', { method: 'DELETE', path: path`/v1/apps/${appId}`, idempotent: false }, context),
      );
    },

    listFiles: (options) =>
      call(options, async ({ ask }, context) => (await ask('read', { path: '/v1/files' }, fileListAnswer, context)).files),

    uploadFile(fileName, bytes, options) {
      return call(options, async ({ ask }, context) => {
        const search = { checksum: toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))), checksum_alg: 'SHA-256' };
        return ask('write', { method: 'PUT', path: path`/v1/files/${fileName}`, search, bytes }, fileAnswer, context);
      });
    },

    async deleteFile(fileName, options) {
      await call(options, ({ send }, context) =>
        send('write', { method: 'DELETE', path: path`/v1/files/${fileName}`, idempotent: false }, context),
      );
    },
  };
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
