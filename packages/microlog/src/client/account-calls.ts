import { AnySeriesError } from '@anyseries/core';
import { checkObject, show } from '@anyseries/core/provider';
import type { MicrologClient } from '../client.ts';
import type { Call } from './call.ts';
import { graphField, textField } from './fields.ts';
import { paths } from './service.ts';

type AccountCalls = Pick<MicrologClient, 'createAccount' | 'logIn' | 'logOut' | 'readDashboard' | 'createGraph' | 'addPoint'>;

/** The calls that do what people did in a browser: with user name and password, by pages and forms. */
export function createAccountCalls(call: Call): AccountCalls {
  return {
    createAccount: async (options) => call(options, (service, context) => service.signUp(context)),
    logIn: async (options) => call(options, (service, context) => service.logIn(context)),
    logOut: async (options) =>
      call(options, async (service, context) => {
        if (service.session === undefined) return;
        await service.visit({ path: paths.logout }, context);
        service.session = undefined;
      }),
    readDashboard: async (options) => call(options, (service, context) => service.dashboard(context)),
    async createGraph(name, options) {
      const text = textField(name, 'name');
      return call(options, async (service, context) => {
        const before = new Set((await service.dashboard(context)).graphs.map(({ id }) => id));
        await service.visit({ path: paths.newGraph, form: { graph_name: text } }, context);
        const made = (await service.dashboard(context)).graphs.find(({ id, name: each }) => each === text && !before.has(id));
        if (made !== undefined) return made;
        throw new AnySeriesError('protocol', `the service does not list the graph ${show(text)} that it has made`);
      });
    },
    async addPoint(graph, point = {}, options) {
      const { count = 1, text = '' } = checkObject(point, ['count', 'text'], 'point');
      const form = { graph: graphField(graph), count: String(count), text: textField(text, 'point.text') };
      await call(options, (service, context) => service.visit({ path: paths.form, form }, context));
    },
  };
}
