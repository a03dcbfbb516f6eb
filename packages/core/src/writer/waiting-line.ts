/** Callers who wait, first come, first served. */
export interface WaitingLine<T> {
  length(): number;
  first(): T | undefined;
  /** Waits until it is let in. Leaves when the signal is aborted, and rejects with what `left` answers then. Its rejection need not be handled. */
  join(item: T, signal: AbortSignal | undefined, left: () => unknown): Promise<void>;
  letFirstIn(): void;
  refuseFirst(error: unknown): void;
}

interface Place<T> {
  readonly item: T;
  resolve(): void;
  reject(error: unknown): void;
}

/** `hold` is called when somebody begins to wait, and its answer when nobody does any more. */
export function createWaitingLine<T>(hold: () => () => void): WaitingLine<T> {
  let places: Place<T>[] = [];
  let release = () => {};

  function enter(place: Place<T>): void {
    if (places.length === 0) release = hold();
    places.push(place);
  }

  function leave(place: Place<T> | undefined): void {
    places = places.filter((other) => other !== place);
    if (places.length === 0) release();
  }

  return {
    length: () => places.length,
    first: () => places[0]?.item,
    join(item, signal, left) {
      const waiting = new Promise<void>((resolve, reject) => {
        const giveUp = () => {
          leave(place);
          reject(left());
        };
        const place: Place<T> = {
          item,
          resolve() {
            signal?.removeEventListener('abort', giveUp);
            resolve();
          },
          reject(error) {
            signal?.removeEventListener('abort', giveUp);
            reject(error);
          },
        };
        signal?.addEventListener('abort', giveUp, { once: true });
        enter(place);
      });
      // whoever waits hears of it; whoever does not is not ended by it
      waiting.catch(() => {});
      return waiting;
    },
    letFirstIn() {
      const [first] = places;
      leave(first);
      first?.resolve();
    },
    refuseFirst(error) {
      const [first] = places;
      leave(first);
      first?.reject(error);
    },
  };
}
