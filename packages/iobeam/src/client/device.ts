import { AnySeriesError, type CallOptions } from '@anyseries/core';
import { checkObject } from '@anyseries/core/provider';
import { checkDeviceId, type DeviceStore } from '../settings.ts';
import { faultCodes, faultOf } from '../wire/fault.ts';
import type { DeviceCalls } from './device-calls.ts';
import type { DeviceFields } from './model.ts';

/** The device that a client sends for. */
export interface DeviceMethods {
  /** The id of the client's device; `undefined` where it has none yet. */
  deviceId(): Promise<string | undefined>;
  /** From now on the client sends for this device, which is registered already. */
  setDeviceId(deviceId: string): Promise<void>;
  /**
   * Registers the client's device and keeps its id; answers the id. Where the client has a device, and no other is asked for, nothing is sent. A
   * failure leaves the device that was there.
   *
   * @throws AnySeriesError `conflict` where the id (error 150) or the name (151) is taken
   */
  registerDevice(device?: DeviceFields, options?: CallOptions): Promise<string>;
  /** The same; an id that is registered already is taken. */
  registerOrSetDevice(device: DeviceFields & { readonly deviceId: string }, options?: CallOptions): Promise<string>;
}

export interface OwnDevice {
  readonly methods: DeviceMethods;
  /** The id. @throws AnySeriesError `invalid` where there is none */
  require(): Promise<string>;
}

/** Keeps the id of the client's device; one thing after another, so that it is registered once. */
export function createOwnDevice(
  given: string | undefined,
  store: DeviceStore | undefined,
  createDevice: DeviceCalls['createDevice'],
): OwnDevice {
  let current = given;
  let isLoaded = false;
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = last.then(async () => {
      if (!isLoaded) await load();
      return work();
    });
    last = result.catch(() => {});
    return result;
  }

  /** An id of the settings replaces the one that was kept. Other programs end their files in a line feed. */
  async function load(): Promise<void> {
    const kept = (await store?.read())?.trim();
    if (given === undefined) current = kept === '' || kept === undefined ? undefined : checkDeviceId(kept, 'the id in the device store');
    else if (kept !== given) await store?.write(given);
    isLoaded = true;
  }

  async function set(id: string): Promise<string> {
    await store?.write(id);
    current = id;
    return id;
  }

  async function register(device: DeviceFields, options: CallOptions | undefined, orSet: boolean): Promise<string> {
    const { deviceId } = checkObject(device, ['deviceId', 'deviceName', 'deviceType'], 'device') as DeviceFields;
    if (current !== undefined && (deviceId === undefined || deviceId === '' || deviceId === current)) return current;
    try {
      return await set((await createDevice(device, options)).deviceId);
    } catch (error) {
      if (orSet && deviceId !== undefined && faultOf(error)?.code === faultCodes.duplicateId) return set(deviceId);
      throw error;
    }
  }

  return {
    methods: {
      deviceId: () => inTurn(async () => current),
      setDeviceId: (deviceId) => inTurn(async () => void (await set(checkDeviceId(deviceId, 'deviceId')))),
      registerDevice: (device = {}, options) => inTurn(() => register(device, options, false)),
      registerOrSetDevice: (device, options) => inTurn(() => register(device, options, true)),
    },
    async require() {
      const id = await inTurn(async () => current);
      if (id !== undefined) return id;
      throw new AnySeriesError('invalid', 'deviceId: the client has no device yet: give the setting, or call registerDevice()');
    },
  };
}
