/** How long one run took. */
export interface Timing {
  readonly ms: number;
  /** Processor time of the whole process, all threads. */
  readonly cpuMs: number;
}

/** A run does its own set-up and times only the part that counts. */
export type Run = () => Promise<Timing>;

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  /** 95 % of the medians of resampled runs lie within. */
  readonly low95: number;
  readonly high95: number;
}

export interface PairedResult {
  readonly bare: readonly Timing[];
  readonly ours: readonly Timing[];
  /** Speed of ours over speed of the bare loop, pair by pair. */
  readonly ratio: Spread;
}

/** Runs both in turn, the warm-up pair uncounted, the one that goes first changing from pair to pair. */
export async function comparePaired(bare: Run, ours: Run, pairs = 7): Promise<PairedResult> {
  const timings = { bare: [] as Timing[], ours: [] as Timing[] };
  await bare();
  await ours();
  for (let pair = 0; pair < pairs; pair++) {
    const order = pair % 2 === 0 ? (['bare', 'ours'] as const) : (['ours', 'bare'] as const);
    for (const side of order) timings[side].push(await (side === 'bare' ? bare() : ours()));
  }
  return { ...timings, ratio: spread(timings.bare.map(({ ms }, pair) => ms / timings.ours[pair]!.ms)) };
}

/** Runs one side alone, after a warm-up. */
export async function repeat(run: Run, times = 5): Promise<Timing[]> {
  const timings: Timing[] = [];
  await run();
  for (let i = 0; i < times; i++) timings.push(await run());
  return timings;
}

/** Times a piece of work, with the garbage of what was before collected. */
export async function timed(work: () => Promise<void> | void): Promise<Timing> {
  globalThis.gc?.();
  const cpu = process.cpuUsage();
  const begun = performance.now();
  await work();
  const ms = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1000 };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const resamples = 2000;

/** The median of values and where it may lie, by the bootstrap. */
export function spread(values: readonly number[]): Spread {
  let state = 1;
  const draw = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return values[Math.floor((state / 2 ** 32) * values.length)]!;
  };
  const medians = Array.from({ length: resamples }, () => median(values.map(draw))).sort((a, b) => a - b);
  return {
    median: median(values),
    least: Math.min(...values),
    most: Math.max(...values),
    low95: medians[Math.floor(resamples * 0.025)]!,
    high95: medians[Math.ceil(resamples * 0.975) - 1]!,
  };
}
