/** A program that queues points and ends, or waits for a word: `node queueing-process.ts URL TOKEN COUNT OPTIONS`. Prints reports as JSON. */
import { enque, haltThread, start } from '@anyseries/microlog';

const [url, token, count, options] = process.argv.slice(2);
const graph = 'ReqPerMin00000000001';

start('ada', token!, { url: url!, ...JSON.parse(options!) });
for (let place = 0; place < Number(count); place++) void enque(graph, 1, 1_478_220_723 + (place % 1000));
process.stdout.write('queued\n');

process.stdin.once('data', async () => {
  process.stdin.destroy();
  process.stdout.write(`${JSON.stringify(await haltThread())}\n`);
});
process.stdin.unref();
