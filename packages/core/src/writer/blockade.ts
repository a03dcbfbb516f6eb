import type { SealedBatch } from './batch.ts';
import type { Hooks } from './hooks.ts';
import type { Block } from './options.ts';
import type { WriterEvent } from './telemetry.ts';

/** Whether the backend refuses everything. While it does, one batch tries again and again, and all others keep still. */
export interface Blockade {
  /** While nothing but the probe goes out. */
  isOn(): boolean;
  /** Whether this batch may go out. */
  lets(batch: SealedBatch): boolean;
  /** The answer to a batch says that nothing will pass. Answers whether patience with a wrong configuration is at its end. */
  begin(batch: SealedBatch, block: Block): 'wait' | 'give up';
  /** Something has passed, or the probe is given up. */
  end(hasPassed: boolean): void;
  /** A batch is no more: was it the probe, another one has to try. */
  forget(batch: SealedBatch): void;
}

export interface BlockadeParts {
  readonly configPatience: number;
  readonly hooks: Hooks;
  now(): number;
  publish(event: WriterEvent, message: () => object): void;
  /** Told when it is over. */
  ended(): void;
}

export function createBlockade({ configPatience, hooks, now, publish, ended }: BlockadeParts): Blockade {
  let probe: SealedBatch | undefined;
  /** Since when the configuration is refused without anything having passed. */
  let refusedSince: number | undefined;

  function end(): void {
    if (probe === undefined) return;
    probe = undefined;
    publish('unblocked', () => ({}));
    ended();
  }

  return {
    isOn: () => probe !== undefined,
    lets: (batch) => probe === undefined || probe === batch,
    begin(batch, block) {
      if (block.why === 'config') {
        refusedSince ??= now();
        if (now() - refusedSince >= configPatience) return 'give up';
      }
      if (probe === undefined) {
        probe = batch;
        hooks.blocked(block);
      }
      return 'wait';
    },
    end(hasPassed) {
      if (hasPassed) refusedSince = undefined;
      end();
    },
    forget(batch) {
      if (probe === batch) end();
    },
  };
}
