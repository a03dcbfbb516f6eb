/**
 * A series as one sink knows it: looked up once, then carried by every point of it. Made by `sink.ref(key)`.
 * An encoder keeps the escaped text of the key in `slot`, so that it is built once per series and never per point.
 */
export interface SeriesRef {
  readonly key: string;
  /** For the provider's encoder alone. */
  slot: unknown;
}
