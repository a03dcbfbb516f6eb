import type { Capabilities, Provider } from '@anyseries/core';
import type { AnyProvider, ConnectOptions, Subject } from './subject.ts';

/**
 * A subject whose writes go through a wrapper, such as `mirror`, and whose reads come from the subject itself; the suite then holds the
 * wrapper to everything that it asks of a sink.
 *
 * ```ts
 * conformance(test, wrapSink(memory, 'mirror', async (provider, options) => mirror(provider, await memory.connect(options))));
 * ```
 */
export function wrapSink(
  subject: Subject,
  name: string,
  wrap: (provider: Provider<Capabilities & { readonly write: object }>, options: ConnectOptions) => unknown,
): Subject {
  const { store: _, crash: __, reopen, ...kept } = subject;
  const inner = new WeakMap<object, AnyProvider>();
  const connect = async (provider: AnyProvider, options: ConnectOptions): Promise<AnyProvider> => {
    const sink = (await wrap(provider as never, options)) as AnyProvider;
    const close = () => sink.close();
    const wrapped: AnyProvider = {
      ...provider,
      write: (points, callOptions) => sink.write(points, callOptions),
      ref: (key) => (sink.ref ?? provider.ref)(key),
      increment: (points, callOptions) => sink.increment(points, callOptions),
      delete: (request, callOptions) => sink.delete(request, callOptions),
      putSeries: (series, callOptions) => sink.putSeries(series, callOptions),
      close,
      [Symbol.asyncDispose]: close,
    };
    inner.set(wrapped, provider);
    return wrapped;
  };
  return {
    ...kept,
    name,
    connect: async (options) => connect((await subject.connect(options)) as AnyProvider, options),
    ...(reopen === undefined ? {} : { reopen: (closed: object, options: ConnectOptions) => reopen(inner.get(closed)!, options) }),
  };
}
