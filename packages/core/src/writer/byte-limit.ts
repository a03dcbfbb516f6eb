/** The limit of requests by bytes, as it was declared and as answers have taught it. */
export interface ByteLimit {
  current(): number;
  /** A request of so many bytes was too large. */
  lower(bytes: number): void;
  /** It was not the request but one point: the limit is what it was. */
  restore(limit: number): void;
  /** A request passed. */
  passed(): void;
}

/** A limit below would cost more requests than it is worth. */
const least = 1024;
const passesToRaise = 100;

export function createByteLimit(declared: number): ByteLimit {
  let limit = declared;
  let passes = 0;
  return {
    current: () => limit,
    lower(bytes) {
      limit = Math.max(Math.min(least, declared), Math.min(limit, bytes) / 2);
      passes = 0;
    },
    restore(before) {
      limit = Math.max(limit, before);
    },
    passed() {
      if (limit === declared || ++passes < passesToRaise) return;
      limit = Math.min(declared, limit * 1.05);
      passes = 0;
    },
  };
}
