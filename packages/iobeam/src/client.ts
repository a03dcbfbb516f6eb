import type { CallOptions } from '@anyseries/core';
import { type AppCalls, createAppCalls } from './client/app-calls.ts';
import { createCall } from './client/call.ts';
import { createOwnDevice, type DeviceMethods } from './client/device.ts';
import { createDeviceCalls, type DeviceCalls } from './client/device-calls.ts';
import { createImportCalls, type ImportCalls } from './client/import-calls.ts';
import { createNamespaceCalls, type NamespaceCalls } from './client/namespace-calls.ts';
import { createOutbox, type OutboxMethods } from './client/outbox.ts';
import { createProjectCalls, type ProjectCalls } from './client/project-calls.ts';
import { createQueryCalls, type QueryCalls } from './client/query-calls.ts';
import { createSend, type SendMethods } from './client/send.ts';
import { createTokenCalls, type TokenCalls } from './client/token-calls.ts';
import { createTriggerCalls, type TriggerCalls } from './client/trigger-calls.ts';
import { createUserCalls, type UserCalls } from './client/user-calls.ts';
import { checkClientSettings, type IobeamClientSettings } from './settings.ts';

/**
 * The native client: what the libraries and tools of iobeam could do, of all generations. Numbers in parentheses are sections of the protocol.
 *
 * A call fails with an `AnySeriesError`: `invalid` (400, or 422 for a value of another type), `unauthenticated` (401), `forbidden` (403),
 * `not-found` (404), `too-large` (413), `conflict` (422: something of that name is there). What the service said is its `cause`, see `faultOf`.
 */
export interface IobeamClient
  extends DeviceMethods,
    OutboxMethods,
    SendMethods,
    DeviceCalls,
    ImportCalls,
    QueryCalls,
    NamespaceCalls,
    TokenCalls,
    ProjectCalls,
    UserCalls,
    TriggerCalls,
    AppCalls {
  /** Whether the service answers; nobody has to say who asks. */
  ping(options?: CallOptions): Promise<void>;
  /** Ends when the calls under way have ended. What waits to be sent is lost with the client. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes a native client.
 *
 * ```ts
 * import { textFile } from '@anyseries/core/node';
 *
 * await using client = createClient({ projectId: 7, token, deviceStore: textFile('./iobeam_device_id') });
 * await client.registerDevice();
 * client.addDataPoint('temperature', 21.5);
 * const { done } = await client.send();
 * ```
 *
 * @throws AnySeriesError `invalid` that names the setting
 */
export function createClient(settings?: string | IobeamClientSettings): IobeamClient {
  const checked = checkClientSettings(settings);
  const { call, clock, close } = createCall(checked);
  const deviceCalls = createDeviceCalls(call);
  const device = createOwnDevice(checked.deviceId, checked.deviceStore, deviceCalls.createDevice);
  const outbox = createOutbox(clock);
  return {
    ...device.methods,
    ...outbox.methods,
    ...createSend(call, outbox, device),
    ...deviceCalls,
    ...createImportCalls(call, device.require),
    ...createQueryCalls(call),
    ...createNamespaceCalls(call),
    ...createTokenCalls(call),
    ...createProjectCalls(call),
    ...createUserCalls(call),
    ...createTriggerCalls(call),
    ...createAppCalls(call),
    async ping(options) {
      await call(options, ({ send }, context) => send('nobody', { path: '/v1/ping' }, context));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
