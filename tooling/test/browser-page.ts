/** The program that browser.test.ts runs in a real browser. */
import { isAnySeriesError } from '@anyseries/core';
import { connect } from '@anyseries/memory';

await using store = connect();
const written = await store.write([
  { series: 'room', time: 0, value: 1 },
  { series: 'room', time: '1970-01-01T00:01:00Z', value: 2 },
  { series: store.ref('room'), time: new Date(120_000), value: 6 },
]);
const read = await store.read({ series: 'room', start: 0, end: 180_000 }).toArray();
const rollup = await store.read({ series: 'room', rollup: { every: '1h', fn: 'mean' } }).toArray();

await using subscription = store.subscribe();
await store.write([{ series: 'room', time: 180_000, value: 'text' }]);
const told: unknown[] = [];
for await (const event of subscription) {
  told.push(event);
  break;
}

await store.records.put('sessions', 'one', { user: 'ada' }, { ifVersion: null });
const record = (await store.records.get('sessions', 'one'))?.value;

const refused = await Promise.resolve()
  .then(() => store.read({ series: '' }).toArray())
  .catch((error: unknown) => (isAnySeriesError(error) ? error.code : error));

export const result = { written, read, rollup, told, record, refused };
