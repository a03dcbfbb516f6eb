/** One measurement, ready to be written. */
export interface SensorPoint {
  readonly series: string;
  readonly time: number;
  readonly value: number;
}

export const seriesCount = 100;
export const pointsPerBatch = 10_000;
const firstTime = Date.UTC(2026, 0, 1);
const stepMs = 10_000;

/** The keys of the sensors, in the order of the keys. */
export const sensorKeys: readonly string[] = Array.from({ length: seriesCount }, (_, sensor) => `temperature{sensor="${1000 + sensor}"}`);

/**
 * `total` points as they arrive from 100 sensors that report every ten seconds: time by time, doubles with two decimals. The same points in
 * every run.
 */
export function* sensorBatches(total: number): Generator<SensorPoint[]> {
  let state = 12_345;
  let batch: SensorPoint[] = [];
  for (let row = 0; row < total; row++) {
    const sensor = row % seriesCount;
    const step = (row - sensor) / seriesCount;
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const value = Math.round(2000 + sensor * 10 + 500 * Math.sin(step / 500) + (state >>> 24)) / 100;
    batch.push({ series: sensorKeys[sensor]!, time: firstTime + step * stepMs, value });
    if (batch.length < pointsPerBatch) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** The sum of all values, to see that a benchmark has touched every point. */
export function sumOfValues(batches: readonly (readonly SensorPoint[])[]): number {
  return batches.reduce((sum, batch) => batch.reduce((inner, { value }) => inner + value, sum), 0);
}
