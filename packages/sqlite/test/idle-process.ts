import { connect } from '@anyseries/sqlite';

/** Uses a store, with a subscription and a read that is not ended, and does not close it: nothing may keep the process alive. */
const store = connect({ path: process.argv[2]! });
store.subscribe();
await store.write(Array.from({ length: 30_000 }, (_, time) => ({ series: 'a', time, value: time })));
await store.read({ series: 'a' })[Symbol.asyncIterator]().next();
process.stdout.write('done');
