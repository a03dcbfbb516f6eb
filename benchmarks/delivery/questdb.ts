import { Sender } from '@questdb/nodejs-client';
import { hostOf, type Open, timeOf } from './candidate.ts';
import { BATCH, N, PORT, val } from './imported/gen.mjs';

/** Each row awaited; the client sends when it has 75,000. */
export const documented: Open = async () => {
  const sender = await Sender.fromConfig(`http::addr=127.0.0.1:${PORT}`);
  return {
    async deliver() {
      for (let i = 0; i < N; i++) await row(sender, i);
      await sender.flush();
    },
    close: () => sender.close(),
  };
};

/** No row awaited, and each batch sent by hand. */
export const best: Open = async () => {
  const sender = await Sender.fromConfig(`http::addr=127.0.0.1:${PORT};auto_flush=off`);
  return {
    async deliver() {
      for (let i = 0; i < N; i++) {
        void row(sender, i);
        if ((i + 1) % BATCH === 0) await sender.flush();
      }
      await sender.flush();
    },
    close: () => sender.close(),
  };
};

function row(sender: Sender, i: number): Promise<void> {
  return sender.table('m').symbol('host', hostOf(i)).floatColumn('value', val(i)).at(timeOf(i), 'ms');
}
