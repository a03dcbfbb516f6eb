import { connect } from '@anyseries/sqlite';

/** Adds 1 to the same point, again and again; every addition has its own transaction. */
const [path, times] = [process.argv[2]!, Number(process.argv[3])];
const store = connect({ path });
for (let i = 0; i < times; i++) await store.increment([{ series: 'shared', time: 0, value: 1 }]);
await store.close();
