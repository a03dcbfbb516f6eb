import { allTimes, type Capabilities, type PointBatch, type Provider, parseSeriesKey, type SeriesRef, type Value } from '@anyseries/core';
import { createTransport, httpSender, utf8, writeBody } from '@anyseries/core/http';
import { checkProviderSettings, defineProvider, type ProviderSettings } from '@anyseries/core/provider';

/** Settings of a database that takes line protocol, beside those that every provider takes. */
export interface LineProtocolSettings extends ProviderSettings {
  /** The whole address that lines are posted to; their times are milliseconds. */
  readonly url: string;
  readonly fetch?: typeof globalThis.fetch | undefined;
  readonly timeoutMs?: number | undefined;
}

const capabilities = {
  write: { limits: { maxPoints: 5000 }, onDuplicate: 'overwrites', outcome: 'stored', granularity: 'batch' },
  values: ['number', 'bigint', 'boolean', 'string'],
  times: { resolution: 'ms', ...allTimes },
  keys: { maxBytes: 1024, caseSensitive: true },
  visibleWithinMs: 0,
} as const satisfies Capabilities;

const headers = { 'content-type': 'text/plain; charset=utf-8' };

/** A sink for line protocol: `name,label=value value=21.5 1700000000000`. */
export function connect({ url, fetch, timeoutMs = 10_000, ...settings }: LineProtocolSettings): Provider<typeof capabilities> {
  return defineProvider({
    id: 'line-protocol',
    capabilities,
    settings: checkProviderSettings(settings),
    open() {
      const transport = createTransport({ fetch, timeoutMs });
      return {
        send: httpSender({ transport, encode: (batch) => ({ method: 'POST', url, headers, body: encode(batch) }) }),
        sizeOf,
        close: transport.close,
      };
    },
  });
}

function encode({ length, refs, series, times, values, others }: PointBatch): Uint8Array<ArrayBuffer> {
  return writeBody((body) => {
    for (let row = 0; row < length; row++) {
      const value = values[row]!;
      const time = times[row]!;
      body.bytes(seriesText(refs[series[row]!]!));
      if (Number.isNaN(value)) body.bytes(utf8(encodeOther(others.get(row)!)));
      else body.number(value);
      body.ascii(time < 0 ? ' -' : ' ');
      body.integer(Math.abs(time));
      body.ascii('\n');
    }
  });
}

/** What stands in front of the value: the same for every point of a series. */
function seriesText(ref: SeriesRef): Uint8Array {
  ref.slot ??= utf8(encodeSeries(ref.key));
  return ref.slot as Uint8Array;
}

function encodeSeries(key: string): string {
  const { name, labels } = parseSeriesKey(key);
  const tags = Object.entries(labels).map(([label, value]) => `,${escapeTag(label)}=${escapeTag(value)}`);
  return `${name.replace(/[, ]/g, '\\$&').replaceAll('\n', '\\n')}${tags.join('')} value=`;
}

function escapeTag(text: string): string {
  return text.replace(/[,= ]/g, '\\$&').replaceAll('\n', '\\n');
}

function encodeOther(value: Value): string {
  if (typeof value === 'string') return `"${value.replace(/["\\]/g, '\\$&')}"`;
  return typeof value === 'bigint' ? `${value}i` : String(value);
}

const bytesBesideTexts = 64;
const bytesPerUnit = 3;

/** An upper bound: a unit of UTF-16 takes at most three bytes, and escapes at most double a text. */
function sizeOf(ref: SeriesRef, _: number, value: Value): number {
  return bytesBesideTexts + seriesText(ref).length + (typeof value === 'string' ? 2 * bytesPerUnit * value.length : 0);
}
