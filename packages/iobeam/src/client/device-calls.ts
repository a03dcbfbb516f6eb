import type { CallOptions } from '@anyseries/core';
import { path } from '@anyseries/core/http';
import { checkObject } from '@anyseries/core/provider';
import { anyUse, readServerTime } from '../timestamp.ts';
import { deviceAnswer, deviceListAnswer, snakeCased } from '../wire/answers.ts';
import type { TimeFormat } from '../wire/time.ts';
import type { Call } from './call.ts';
import { readPossibly } from './changed.ts';
import type { Device, DeviceFields } from './model.ts';
import { parametersOf } from './parameters.ts';

export interface DeviceCalls {
  /** The clock of the service, in epoch milliseconds (4.2). `format` is what it is floored to; default `usec`. */
  serverTime(options?: CallOptions & { readonly format?: TimeFormat | undefined }): Promise<number>;
  /**
   * Registers a device, and leaves that of the client as it is (4.3).
   *
   * @throws AnySeriesError `conflict` where the id (error 150) or the name (151) is taken
   */
  createDevice(device?: DeviceFields, options?: CallOptions): Promise<Device>;
  /** The devices of the project, by id; `offset` and `count` choose a part. */
  listDevices(
    options?: CallOptions & { readonly offset?: number | undefined; readonly count?: number | undefined },
  ): Promise<readonly Device[]>;
  getDevice(deviceId: string, options?: CallOptions): Promise<Device>;
  findDevice(deviceName: string, options?: CallOptions): Promise<Device>;
  /** Changes name or type; answers `undefined` where nothing was to be changed. */
  updateDevice(deviceId: string, changes: Omit<DeviceFields, 'deviceId'>, options?: CallOptions): Promise<Device | undefined>;
  /** What the device has sent stays. */
  deleteDevice(deviceId: string, options?: CallOptions): Promise<void>;
}

const fieldNames = ['deviceId', 'deviceName', 'deviceType'];

export function createDeviceCalls(call: Call): DeviceCalls {
  return {
    serverTime(options = {}) {
      return call(
        options,
        async ({ exchange, connection }, context) => {
          return readServerTime(exchange, options.format ?? 'usec', anyUse(connection), context);
        },
        ['format'],
      );
    },

    createDevice(device = {}, options) {
      return call(options, async ({ ask, connection }, context) => {
        const json = { project_id: connection.projectId('write'), ...snakeCased(checkObject(device, fieldNames, 'device')) };
        // with an id of its own, a second one would be told as a duplicate
        return ask('write', { method: 'POST', path: '/v1/devices', json }, deviceAnswer, context);
      });
    },

    listDevices(options = {}) {
      return call(
        options,
        async ({ ask, connection }, context) => {
          const { offset, count } = options;
          const search = parametersOf({ project_id: connection.projectId('read'), offset, count });
          return (await ask('read', { path: '/v1/devices', search }, deviceListAnswer, context)).devices;
        },
        ['offset', 'count'],
      );
    },

    getDevice: (deviceId, options) =>
      call(options, ({ ask }, context) => ask('read', { path: path`/v1/devices/${deviceId}` }, deviceAnswer, context)),

    findDevice: (deviceName, options) =>
      call(options, ({ ask }, context) => ask('read', { path: '/v1/devices', search: { name: deviceName } }, deviceAnswer, context)),

    updateDevice(deviceId, changes, options) {
      return call(options, async ({ send, connection }, context) => {
        const fields = snakeCased(checkObject(changes, fieldNames.slice(1), 'changes'));
        const json = { project_id: connection.projectId('write'), device_id: deviceId, ...fields };
        const request = { method: 'PATCH', path: path`/v1/devices/${deviceId}`, json, idempotent: true };
        return readPossibly(await send('write', request, context), deviceAnswer);
      });
    },

    async deleteDevice(deviceId, options) {
      await call(options, ({ send }, context) =>
        send('write', { method: 'DELETE', path: path`/v1/devices/${deviceId}`, idempotent: false }, context),
      );
    },
  };
}
