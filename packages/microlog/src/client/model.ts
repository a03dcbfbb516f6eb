/** A point as the service takes it. `time` is seconds since the epoch, in UTC. */
export interface PointToSend {
  readonly time: number;
  readonly count: number;
  /** A note, which no page shows. */
  readonly text?: string | undefined;
}

/** Points of one graph. */
export interface Dataset {
  /** The id of the graph: the end of the address of its page. */
  readonly graph: string;
  readonly points: readonly PointToSend[];
}

/** What became of a dataset. */
export interface WrittenDataset {
  readonly graph?: string;
  /** Points that arrived. */
  readonly received: number;
  readonly stored: number;
  /** Why none was stored. `unknown_graph`: it does not exist, or is somebody else's */
  readonly error?: 'unknown_graph' | 'bad_dataset';
  /** The places of the points that were not stored, where the others were. */
  readonly dropped?: readonly number[];
}

/** A point as it is read. `text` is empty where there was none. */
export interface GraphPoint {
  readonly time: number;
  readonly count: number | bigint;
  readonly text: string;
}

/** Which points to read: those of `[start, end)`, in seconds; what is left out is no bound. */
export interface PointRange {
  readonly start?: number | undefined;
  readonly end?: number | undefined;
}

/** Points page by page: the next page is fetched when one is used up. Iterated once. */
export interface PointCursor extends AsyncIterable<GraphPoint> {
  pages(): AsyncIterable<readonly GraphPoint[]>;
  toArray(): Promise<GraphPoint[]>;
}

/** A bucket that holds a point. */
export interface BucketSum {
  /** Its start, in seconds. */
  readonly time: number;
  /** The counts added up as they are, fractions included. */
  readonly sum: number | bigint;
  /** How many points it holds. */
  readonly points: number;
}

/** A graph of the account. */
export interface GraphEntry {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** The key of the series of another protocol that it stands for, where it does. */
  readonly series?: string | undefined;
}

/** A graph page as numbers. */
export interface GraphPage {
  readonly name: string;
  /** Seconds of a bucket. */
  readonly interval: number;
  /** The 121 buckets that end with the running one; `sum` is 0 also where there is no point, and missing where the service cannot add. */
  readonly buckets: readonly { readonly time: number; readonly sum: number | undefined }[];
  /** Whether the times are beyond doubt; else they may be too late, by as long as the answer took. Those of buckets of a second never are. */
  readonly isCertain: boolean;
}
