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

export function createWaitingLine<T>(): WaitingLine<T> {
  let places: Place<T>[] = [];

  return {
    length: () => places.length,
    first: () => places[0]?.item,
    join(item, signal, left) {
      const waiting = new Promise<void>((resolve, reject) => {
        const leave = () => {
          places = places.filter((other) => other !== place);
          reject(left());
        };
        const place: Place<T> = {
          item,
          resolve() {
            signal?.removeEventListener('abort', leave);
            resolve();
          },
          reject(error) {
            signal?.removeEventListener('abort', leave);
            reject(error);
          },
        };
        signal?.addEventListener('abort', leave, { once: true });
        places.push(place);
      });
      // whoever waits hears of it; whoever does not is not ended by it
      waiting.catch(() => {});
      return waiting;
    },
    letFirstIn: () => places.shift()?.resolve(),
    refuseFirst: (error) => places.shift()?.reject(error),
  };
}
