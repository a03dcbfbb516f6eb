import { createBatchBuilder, type PointBatch, valueAt } from '../point-batch.ts';

const pagePoints = 4096;

/** Interleaves series by time; at equal times in the order of the streams. Holds one page of each. */
export async function* mergeByTime(streams: readonly AsyncIterable<PointBatch>[], descending: boolean): AsyncGenerator<PointBatch> {
  const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
  const sign = descending ? -1 : 1;
  try {
    const heads: Head[] = [];
    for (const [rank, iterator] of iterators.entries()) {
      const head = await advance({ rank, iterator, page: emptyPage, row: 0 });
      if (head !== undefined) heads.push(head);
    }
    const before = (a: Head, b: Head) => sign * (a.page.times[a.row]! - b.page.times[b.row]!) || a.rank - b.rank;
    for (let i = heads.length >> 1; i-- > 0; ) siftDown(heads, i, before);
    const builder = createBatchBuilder(pagePoints);
    while (heads.length > 0) {
      const head = heads[0]!;
      const { page, row } = head;
      builder.add(page.refs[page.series[row]!]!, page.times[row]!, valueAt(page, row));
      head.row++;
      if (head.row === page.length && (await advance(head)) === undefined) {
        const last = heads.pop()!;
        if (last !== head) heads[0] = last;
      }
      siftDown(heads, 0, before);
      if (builder.length === pagePoints) yield builder.build();
    }
    if (builder.length > 0) yield builder.build();
  } finally {
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
  }
}

interface Head {
  readonly rank: number;
  readonly iterator: AsyncIterator<PointBatch>;
  page: PointBatch;
  row: number;
}

const emptyPage = createBatchBuilder(0).build();

/** Fetches pages until the head stands on a row again. */
async function advance(head: Head): Promise<Head | undefined> {
  while (head.row >= head.page.length) {
    const next = await head.iterator.next();
    if (next.done) return undefined;
    head.page = next.value;
    head.row = 0;
  }
  return head;
}

/** Restores a binary heap below one place. */
function siftDown<T>(heap: T[], from: number, compare: (a: T, b: T) => number): void {
  for (let parent = from; ; ) {
    let least = 2 * parent + 1;
    if (least >= heap.length) return;
    if (least + 1 < heap.length && compare(heap[least + 1]!, heap[least]!) < 0) least++;
    if (compare(heap[parent]!, heap[least]!) <= 0) return;
    [heap[parent], heap[least]] = [heap[least]!, heap[parent]!];
    parent = least;
  }
}
