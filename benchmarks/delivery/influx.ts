import { InfluxDB, Point, type WriteOptions } from '@influxdata/influxdb-client';
import { hostOf, type Open, timeOf } from './candidate.ts';
import { BATCH, N, URLB, val } from './imported/gen.mjs';

/** A loop over `writePoint` and a `close()`, with its defaults. `close()` does not wait for all requests: the acknowledgements are counted. */
export const documented: Open = () => {
  let acknowledged = 0;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const writer = open({
    writeSuccess(lines) {
      acknowledged += lines.length;
      if (acknowledged === N) finish();
    },
  });
  return {
    async deliver() {
      for (let i = 0; i < N; i++) writer.writePoint(point(i));
      await writer.close();
      await finished;
    },
    close: async () => {},
  };
};

/** No compression, and each batch awaited before the next. */
export const best: Open = () => {
  const writer = open({ gzipThreshold: Number.MAX_SAFE_INTEGER, batchSize: 2 * BATCH });
  return {
    async deliver() {
      for (let i = 0; i < N; i++) {
        writer.writePoint(point(i));
        if ((i + 1) % BATCH === 0) await writer.flush();
      }
      await writer.flush();
    },
    close: () => writer.close(),
  };
};

function open(options: Partial<WriteOptions>) {
  return new InfluxDB({ url: URLB, token: 'token' }).getWriteApi('o', 'b', 'ms', options);
}

function point(i: number): Point {
  return new Point('m').tag('host', hostOf(i)).floatField('value', val(i)).timestamp(timeOf(i));
}
