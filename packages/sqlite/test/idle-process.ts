import { connect } from '@anyseries/sqlite';

/** Uses a store, with a subscription that ends and a read that does not, and does not close it: nothing may keep the process alive. */
const store = connect({ path: process.argv[2]! });
const subscription = store.subscribe();
await store.write(Array.from({ length: 30_000 }, (_, time) => ({ series: 'a', time, value: time })));
await store.read({ series: 'a' })[Symbol.asyncIterator]().next();
await subscription.close();
process.stdout.write('done');
