import { connect } from '@anyseries/timetric';

await using store = connect();
const series = 'temperature{room="kitchen"}';
const midnight = Date.UTC(2026, 10, 21);

const { stored } = await store.write([
  { series, time: midnight, value: 19.5 },
  { series, time: '2026-11-21T00:20:00Z', value: 20.25 },
  { series, time: new Date(midnight + 3_600_000), value: 21 },
  { series, time: midnight + 5_400_000, value: 22.5 },
]);
console.log(`${stored} points stored`);

for await (const { time, value } of store.read({ series, start: midnight, end: '2026-11-22' })) {
  console.log(`${new Date(time).toISOString()}  ${value} °C`);
}

for await (const { time, value } of store.read({ series, rollup: { every: '1h', fn: 'mean' } })) {
  console.log(`${new Date(time).toISOString()}  ${value} °C on average`);
}

const latest = await store.latest(series);
console.log(`latest: ${latest?.value} °C`);
