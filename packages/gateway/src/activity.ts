/** Counts what is under way, for a stop that waits for it. */
export interface Activity {
  begin(): void;
  end(): void;
  /** Resolves when nothing is under way, or after `ms`; answers whether nothing was. */
  idle(ms: number): Promise<boolean>;
}

export function createActivity(): Activity {
  let count = 0;
  let onIdle = () => {};

  return {
    begin() {
      count++;
    },
    end() {
      count--;
      if (count === 0) onIdle();
    },
    async idle(ms) {
      if (count === 0) return true;
      return await new Promise((resolve) => {
        const timer = setTimeout(resolve, ms, false);
        onIdle = () => {
          clearTimeout(timer);
          resolve(true);
        };
      });
    },
  };
}
