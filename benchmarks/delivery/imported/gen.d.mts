/** Points of a run. */
export const N: number;
/** The time of the first point; each one is a second after the one before. */
export const T0: number;
/** Point `i` is of host `i % 100`. */
export const HOSTS: readonly string[];
/** The value of point `i`. */
export const val: (i: number) => number;
/** Points of a request. */
export const BATCH: number;
export const PORT: number;
/** Where the sink listens, without a slash at the end. */
export const URLB: string;
