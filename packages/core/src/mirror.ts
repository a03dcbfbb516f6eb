import type { Capabilities } from './capabilities.ts';
import { checkSpecVersion } from './define-provider.ts';
import { AnySeriesError, invalid, type Rejection, show } from './errors.ts';
import { checkObject } from './options.ts';
import type { Provider } from './provider-type.ts';
import type { Points, TimeSeriesSink, WriteResult } from './sink.ts';
import { unsupported } from './unsupported.ts';

export interface MirrorOptions {
  /**
   * Called with the error of the second sink when the first has succeeded; the call then succeeds too. Without it the call fails with that error,
   * and what the first sink has stored stays stored.
   */
  readonly onSecondaryError?: ((error: unknown) => void) | undefined;
}

type AnySink = TimeSeriesSink & Pick<Provider, 'capabilities' | 'specVersion'>;

/**
 * One sink that writes to two, while data moves from the first to the second. A point counts as stored when both have stored it.
 * It offers what both offer; a closed mirror has closed both.
 */
export function mirror<C extends Capabilities>(
  primary: Provider<C>,
  secondary: Provider<Capabilities>,
  options: MirrorOptions = {},
): TimeSeriesSink<C> {
  checkSpecVersion(primary, 'primary');
  checkSpecVersion(secondary, 'secondary');
  const { onSecondaryError } = checkObject(options, ['onSecondaryError'], 'options') as MirrorOptions;
  if (onSecondaryError !== undefined && typeof onSecondaryError !== 'function')
    throw invalid('options.onSecondaryError', `${show(onSecondaryError)} is no function`);
  const [first, second] = [primary, secondary] as unknown as [AnySink & Full, AnySink & Full];

  async function both<T>(call: (sink: Full) => Promise<T>): Promise<[T, T | undefined]> {
    const [one, two] = await Promise.allSettled([call(first), call(second)]);
    if (one.status === 'rejected') throw one.reason;
    if (two.status === 'fulfilled') return [one.value, two.value];
    if (onSecondaryError === undefined) throw two.reason;
    onSecondaryError(two.reason);
    return [one.value, undefined];
  }

  async function writeBoth(points: Points, call: (sink: Full, input: Points) => Promise<WriteResult>): Promise<WriteResult> {
    const isIterable = typeof points === 'object' && points !== null && Symbol.iterator in points;
    const input = isIterable && !Array.isArray(points) ? [...points] : points;
    const [one, two] = await both((sink) => call(sink, input));
    return two === undefined ? one : joinResults(one, two);
  }

  const refuse = (method: 'increment' | 'delete' | 'putSeries') => unsupported('mirror', method);
  const offers = (capability: 'increment' | 'deletes' | 'putSeries') =>
    Boolean(first.capabilities.write?.[capability] && second.capabilities.write?.[capability]);
  let closed: Promise<void> | undefined;
  function close(): Promise<void> {
    closed ??= Promise.allSettled([first.close(), second.close()]).then((results) => {
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    });
    return closed;
  }
  const sink = {
    specVersion: first.specVersion,
    capabilities: first.capabilities,
    write: (points: Points, callOptions?: object) => writeBoth(points, (one, input) => one.write(input, callOptions)),
    ref: (key: string) => first.ref(key),
    increment: offers('increment')
      ? (points: Points, callOptions?: object) => writeBoth(points, (one, input) => one.increment(input, callOptions))
      : refuse('increment'),
    delete: offers('deletes')
      ? async (request: unknown, callOptions?: object) => {
          await both((one) => one.delete(request, callOptions));
        }
      : refuse('delete'),
    putSeries: offers('putSeries')
      ? async (series: unknown, callOptions?: object) => (await both((one) => one.putSeries(series, callOptions)))[0]
      : refuse('putSeries'),
    close,
    [Symbol.asyncDispose]: close,
  };
  return sink as unknown as TimeSeriesSink<C>;
}

interface Full {
  write(points: Points, options?: object): Promise<WriteResult>;
  increment(points: Points, options?: object): Promise<WriteResult>;
  delete(request: unknown, options?: object): Promise<void>;
  putSeries(series: unknown, options?: object): Promise<unknown>;
}

/** A point is rejected when one of the two rejects it, and confirmed when both confirm it. */
function joinResults(one: WriteResult, two: WriteResult): WriteResult {
  const total = one.stored + one.unconfirmed + one.rejected.length;
  const rejected = new Map<number, Rejection>(two.rejected.map((rejection) => [rejection.index, rejection]));
  for (const rejection of one.rejected) rejected.set(rejection.index, rejection);
  const accepted = total - rejected.size;
  if (accepted < 0) throw new AnySeriesError('protocol', 'the two sinks count different points');
  const unconfirmed = Math.min(accepted, Math.max(one.unconfirmed, two.unconfirmed));
  return { stored: accepted - unconfirmed, unconfirmed, rejected: [...rejected.values()].sort((a, b) => a.index - b.index) };
}
