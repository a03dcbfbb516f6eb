import { platform } from '../platform.ts';

/** Attributes of a measurement or a span. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** What a callback of an observable instrument gets, as OpenTelemetry has it. */
export interface ObservableResult {
  observe(value: number, attributes?: Attributes): void;
}

export interface ObservableInstrument {
  addCallback(callback: (result: ObservableResult) => void): void;
  removeCallback(callback: (result: ObservableResult) => void): void;
}

export interface InstrumentOptions {
  readonly description?: string;
  readonly unit?: string;
}

/** The part of OpenTelemetry's `Meter` that a writer uses. */
export interface Meter {
  createObservableCounter(name: string, options?: InstrumentOptions): ObservableInstrument;
  createObservableGauge(name: string, options?: InstrumentOptions): ObservableInstrument;
  createHistogram(name: string, options?: InstrumentOptions): { record(value: number, attributes?: Attributes): void };
}

/** The part of OpenTelemetry's `Span` that a writer uses. */
export interface Span {
  setAttribute(name: string, value: string | number | boolean): unknown;
  setStatus(status: { readonly code: number; readonly message?: string }): unknown;
  end(): void;
}

/** The part of OpenTelemetry's `Tracer` that a writer uses. */
export interface Tracer {
  startSpan(name: string, options?: { readonly attributes?: Attributes }): Span;
}

interface Channel {
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
}

interface DiagnosticsChannel {
  channel(name: string): Channel;
}

/** What a writer tells on `anyseries:writer:<event>`. */
export type WriterEvent = 'attempt' | 'rejected' | 'dropped' | 'blocked' | 'unblocked' | 'error';

/** Publishes to whoever listens by `node:diagnostics_channel`; does nothing where there is none. */
export function createPublisher(): (event: WriterEvent, message: () => object) => void {
  const channels = new Map<WriterEvent, Channel | undefined>();
  const diagnostics = platform.process?.getBuiltinModule?.('node:diagnostics_channel') as DiagnosticsChannel | undefined;
  return (event, message) => {
    if (!channels.has(event)) channels.set(event, diagnostics?.channel(`anyseries:writer:${event}`));
    const channel = channels.get(event);
    if (channel?.hasSubscribers) channel.publish(message());
  };
}
