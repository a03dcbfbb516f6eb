import { parseSeriesKey, seriesKey } from '@anyseries/core';
import { deviceField, isDeviceId, isReservedName } from './wire/names.ts';

/** How this protocol names a series: by the device, and by the name of its stream. */
export interface SeriesAddress {
  readonly device: string;
  readonly name: string;
}

/** The device of the series whose key names none: there, the name is the whole key. */
export const homeDevice = 'anyseries';

/** The name of the label that tells the namespace of a series that is not in `input`. */
export const namespaceLabel = 'namespace';

/**
 * The address of a series: `cpu{device_id="d1"}` is the stream `cpu` of the device `d1`, and other labels stay with the name. Every key has one,
 * and no two have the same.
 */
export function addressOf(key: string, home: string = homeDevice): SeriesAddress {
  const { name, labels } = parseSeriesKey(key);
  const { [deviceField]: device, ...others } = labels;
  if (device !== undefined && device !== home && isDeviceId(device)) {
    const stream = Object.keys(others).length === 0 ? name : seriesKey({ name, labels: others });
    if (isStreamName(stream) && keyOf({ device, name: stream }, home) === key) return { device, name: stream };
  }
  return { device: home, name: key };
}

/** The key of an address: `addressOf` backwards. @throws AnySeriesError `invalid` where the name is no text for a key, or too long for one */
export function keyOf({ device, name }: SeriesAddress, home: string = homeDevice): string {
  if (device === home) return seriesKeyItself(name);
  const { name: bare, labels } = parseSeriesKey(name);
  const joinsLabels = Object.keys(labels).length > 0 && !Object.hasOwn(labels, deviceField) && !Object.hasOwn(labels, namespaceLabel);
  return seriesKey(
    joinsLabels ? { name: bare, labels: { ...labels, [deviceField]: device } } : { name, labels: { [deviceField]: device } },
  );
}

/** Whether a text can name a stream: not empty, and not what paths and tables use for themselves. */
export function isStreamName(name: string): boolean {
  return name !== '' && !isReservedName(name) && name.toLowerCase() !== deviceField;
}

function seriesKeyItself(name: string): string {
  parseSeriesKey(name);
  return name;
}
