import type { SubscriptionListener } from '../backend.ts';
import type { Clock } from '../clock.ts';
import type { Point } from '../point.ts';
import { type PointBatch, pointAt } from '../point-batch.ts';
import type { Gap, Subscription } from '../source.ts';

/** Points that wait for a slow consumer; what comes beyond is dropped, and a gap says so. */
const maxWaitingPoints = 100_000;

export interface SubscriptionFeed {
  readonly listener: SubscriptionListener;
  readonly subscription: Subscription;
  /** Ends the subscription; with an error, the loop over it throws it after what is waiting. */
  end(error?: unknown): void;
}

/** A bounded queue between a backend that publishes and a loop that consumes. `onEnd` runs once, however it ends. */
export function createSubscription(clock: Clock, onEnd: () => void): SubscriptionFeed {
  const waiting: (PointBatch | { from: number; to: number })[] = [];
  let waitingPoints = 0;
  let ended: { error?: unknown } | undefined;
  let wake = () => {};

  function end(error?: unknown): void {
    if (ended !== undefined) return;
    ended = error === undefined ? {} : { error };
    onEnd();
    wake();
  }

  function addGap(from: number, to: number): void {
    const last = waiting.at(-1);
    if (last !== undefined && 'from' in last) last.to = Math.max(last.to, to);
    else waiting.push({ from, to });
  }

  const listener: SubscriptionListener = {
    points(batch) {
      if (ended !== undefined) return;
      if (waitingPoints > 0 && waitingPoints + batch.length > maxWaitingPoints) {
        addGap(clock.now(), clock.now());
      } else {
        waiting.push(batch);
        waitingPoints += batch.length;
      }
      wake();
    },
    gap({ gap }) {
      if (ended !== undefined) return;
      addGap(gap.from, gap.to);
      wake();
    },
    failed: end,
  };

  async function* items(): AsyncGenerator<Point | Gap> {
    try {
      while (true) {
        const item = waiting.shift();
        if (item !== undefined) {
          if ('from' in item) {
            yield { gap: item };
          } else {
            waitingPoints -= item.length;
            for (let row = 0; row < item.length; row++) yield pointAt(item, row);
          }
        } else if (ended !== undefined) {
          if ('error' in ended) throw ended.error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      end();
    }
  }

  const iterator = items();
  const close = async () => end();
  return { listener, end, subscription: { close, [Symbol.asyncDispose]: close, [Symbol.asyncIterator]: () => iterator } };
}
