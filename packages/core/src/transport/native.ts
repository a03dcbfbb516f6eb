import type { TransportRequest } from './transport.ts';

/** What the platform's own way of sending answers. */
export interface NativeResponse {
  readonly status: number;
  readonly body: Uint8Array;
  header(name: string): string | undefined;
}

export interface NativeTransport {
  send(request: TransportRequest, signal: AbortSignal): Promise<NativeResponse>;
  close(): Promise<void>;
}
