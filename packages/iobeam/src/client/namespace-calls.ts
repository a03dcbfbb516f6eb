import type { CallOptions } from '@anyseries/core';
import { path } from '@anyseries/core/http';
import { namespaceAnswer, namespaceListAnswer, snakeCased } from '../wire/answers.ts';
import { formatIsoDate } from '../wire/time.ts';
import type { Call } from './call.ts';
import type { Namespace, NamespaceFields } from './model.ts';

/** Namespaces (4.7). */
export interface NamespaceCalls {
  /** All of the project, or that of a name. */
  listNamespaces(options?: CallOptions & { readonly name?: string | undefined }): Promise<readonly Namespace[]>;
  getNamespace(namespaceId: number, options?: CallOptions): Promise<Namespace>;
  /** @throws AnySeriesError `conflict` where the name is taken */
  createNamespace(namespace: NamespaceFields, options?: CallOptions): Promise<Namespace>;
  /** Puts a namespace in place of the one that it is. Fields can be added, and labels are replaced; all else has to be as it was. */
  replaceNamespace(namespace: Namespace, options?: CallOptions): Promise<void>;
}

export function createNamespaceCalls(call: Call): NamespaceCalls {
  return {
    listNamespaces(options = {}) {
      const search = options.name === undefined ? {} : { name: options.name };
      return call(
        options,
        async ({ ask }, context) => (await ask('read', { path: '/v1/namespaces', search }, namespaceListAnswer, context)).namespaces,
        ['name'],
      );
    },

    getNamespace: (namespaceId, options) =>
      call(options, ({ ask }, context) => ask('read', { path: path`/v1/namespaces/${namespaceId}` }, namespaceAnswer, context)),

    createNamespace({ labels = null, ...fields }, options) {
      return call(options, ({ ask, connection }, context) => {
        const json = { project_id: connection.projectId('write'), ...snakeCased({ ...fields, labels }) };
        return ask('write', { method: 'POST', path: '/v1/namespaces', json }, namespaceAnswer, context);
      });
    },

    async replaceNamespace(namespace, options) {
      const { created, lastModified, projectId: _, ...fields } = namespace;
      const dates = { created: dateOf(created), last_modified: dateOf(lastModified) };
      await call(options, ({ send, connection }, context) => {
        const json = { project_id: connection.projectId('write'), ...snakeCased({ ...fields, ...dates }) };
        return send('write', { method: 'PUT', path: path`/v1/namespaces/${namespace.namespaceId}`, json }, context);
      });
    },
  };
}

export function dateOf(time: number | undefined): string | undefined {
  return time === undefined ? undefined : formatIsoDate(time);
}
