import type { CallOptions } from '@anyseries/core';
import { path } from '@anyseries/core/http';
import { snakeCased, triggerAnswer, triggerListAnswer } from '../wire/answers.ts';
import type { Call } from './call.ts';
import type { Trigger, TriggerFields } from './model.ts';

/** Triggers (4.9). A gateway keeps them, and does not fire them. */
export interface TriggerCalls {
  listTriggers(options?: CallOptions): Promise<readonly Trigger[]>;
  /** By its number, or by its name. */
  getTrigger(trigger: number | string, options?: CallOptions): Promise<Trigger>;
  /** @throws AnySeriesError `conflict` where the name is taken */
  createTrigger(trigger: TriggerFields, options?: CallOptions): Promise<Trigger>;
  replaceTrigger(trigger: Trigger, options?: CallOptions): Promise<Trigger>;
  deleteTrigger(triggerId: number, options?: CallOptions): Promise<void>;
  /** Tells the service of an event, for its triggers to be tried out. */
  testTriggers(eventName: string, data: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<void>;
}

export function createTriggerCalls(call: Call): TriggerCalls {
  return {
    listTriggers: (options) =>
      call(options, async ({ ask }, context) => (await ask('read', { path: '/v1/triggers' }, triggerListAnswer, context)).triggers),

    getTrigger(trigger, options) {
      const request =
        typeof trigger === 'number' ? { path: path`/v1/triggers/${trigger}` } : { path: '/v1/triggers', search: { name: trigger } };
      return call(options, ({ ask }, context) => ask('read', request, triggerAnswer, context));
    },

    createTrigger(trigger, options) {
      return call(options, ({ ask, connection }, context) => {
        const json = { project_id: connection.projectId('write'), ...triggerJson(trigger) };
        return ask('write', { method: 'POST', path: '/v1/triggers', json }, triggerAnswer, context);
      });
    },

    replaceTrigger({ projectId: _, ...trigger }, options) {
      return call(options, ({ ask, connection }, context) => {
        const json = { project_id: connection.projectId('write'), ...triggerJson(trigger) };
        return ask('write', { method: 'PUT', path: path`/v1/triggers/${trigger.triggerId}`, json }, triggerAnswer, context);
      });
    },

    async deleteTrigger(triggerId, options) {
      const request = { method: 'DELETE', path: path`/v1/triggers/${triggerId}`, idempotent: false };
      await call(options, ({ send }, context) => send('write', request, context));
    },

    async testTriggers(eventName, data, options) {
      const request = { method: 'PUT', path: '/v1/triggers/events/test', json: { event_name: eventName, data } };
      await call(options, ({ send }, context) => send('write', request, context));
    },
  };
}

function triggerJson({ actions, ...trigger }: TriggerFields): Record<string, unknown> {
  return {
    ...snakeCased(trigger as Readonly<Record<string, unknown>>),
    ...(actions && { actions: actions.map((action) => snakeCased({ ...action })) }),
  };
}
