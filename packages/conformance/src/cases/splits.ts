import { equal, ok } from '../assertion.ts';
import { type Case, defineCase, type Need } from '../case.ts';
import { answer, refuseLarge } from '../network.ts';
import { epoch, type World } from '../world.ts';

const needs: readonly Need[] = ['write', 'server'];
const at = (i: number) => epoch + i * 1000;

function pointRequests(world: World): readonly { readonly bytes: number }[] {
  return world.network.requests.filter(({ carriesPoints }) => carriesPoints);
}

/** How many bytes a request with so many points takes. */
async function measure(world: World, count: number): Promise<number> {
  const before = pointRequests(world).length;
  await world.write(Array.from({ length: count }, (_, i) => ({ series: 'alpha', time: at(i - 10_000), value: 1234 })));
  return Math.max(
    ...pointRequests(world)
      .slice(before)
      .map(({ bytes }) => bytes),
  );
}

/** Requests that are too large are cut, and every point keeps its index. */
export const splitCases: readonly Case[] = [
  defineCase('requests keep the declared limits', needs, async (world) => {
    const {
      maxBytes = Number.POSITIVE_INFINITY,
      maxPoints = Number.POSITIVE_INFINITY,
      maxSeries = Number.POSITIVE_INFINITY,
    } = world.capabilities.write?.limits ?? {};
    const count = Math.min(20_000, Math.max(100, 3 * Math.min(maxPoints, 2000)));
    const series = Math.min(50, 3 * Math.min(maxSeries, 10));
    await world.write(Array.from({ length: count }, (_, i) => ({ series: `s${i % series}`, time: at(i), value: i })));
    const sent = pointRequests(world);
    const largest = Math.max(...sent.map(({ bytes }) => bytes));
    ok(largest <= maxBytes, `the largest request has ${largest} bytes, allowed are ${maxBytes}`);
    const fewest = Math.max(count / maxPoints, series / maxSeries);
    ok(sent.length >= fewest, `${sent.length} requests are too few for ${count} points of ${series} series`);
  }),

  defineCase('requests that are answered with 413 are halved until they pass', needs, async (world) => {
    const limit = Math.ceil((await measure(world, 100)) / 3);
    const before = pointRequests(world).length;
    world.network.strikeAll('points', refuseLarge(limit));
    await world.write(Array.from({ length: 100 }, (_, i) => ({ series: 'alpha', time: at(i), value: 1000 + i })));
    const stored = (await world.readSeries('alpha')).filter(([time]) => time >= epoch);
    equal(
      stored,
      Array.from({ length: 100 }, (_, i) => [at(i), 1000 + i]),
      'what is stored',
    );
    const requests = pointRequests(world).length - before;
    ok(requests > 3 && requests < 30, `halving takes some requests, not ${requests}`);
  }),

  defineCase('rejections before sending keep their indices when a request is halved', needs, async (world) => {
    const limit = Math.ceil((await measure(world, 100)) / 3);
    world.network.strikeAll('points', refuseLarge(limit));
    const bad = new Set([0, 33, 34, 77, 99]);
    const points = Array.from({ length: 100 }, (_, i) => ({ series: 'alpha', time: at(i), value: bad.has(i) ? Number.NaN : 1000 + i }));
    world.checkResult(
      await world.sink.write(points),
      95,
      [...bad].map((index) => ({ index, names: 'value' })),
    );
    await world.settle();
    const stored = (await world.readSeries('alpha')).filter(([time]) => time >= epoch).map(([, value]) => value);
    equal(
      stored,
      points.filter((_, i) => !bad.has(i)).map(({ value }) => value),
      'the stored values',
    );
  }),

  defineCase('points that the server refuses keep their indices when a request is halved', [...needs, 'server.refused'], async (world) => {
    const [refused] = world.server.refused ?? [];
    ok(refused !== undefined, "the server tells points that it refuses, in 'refused'");
    const limit = Math.ceil((await measure(world, 100)) / 3);
    world.network.strikeAll('points', refuseLarge(limit));
    const bad = new Set([5, 40, 41, 77, 99]);
    const points = Array.from({ length: 100 }, (_, i) =>
      bad.has(i) ? { ...refused, time: at(i) } : { series: 'alpha', time: at(i), value: 1000 + i },
    );
    const result = await world.sink.write(points);
    equal(
      result.rejected.map(({ index }) => index),
      [...bad],
      'the indices of the rejections',
    );
    equal(result.stored + result.unconfirmed, 95, 'the points that were accepted');
    await world.settle();
    const stored = (await world.readSeries('alpha')).filter(([time]) => time >= epoch).map(([, value]) => value);
    equal(
      stored,
      points.filter((_, i) => !bad.has(i)).map(({ value }) => value),
      'the stored values',
    );
  }),

  defineCase('points that the server refuses are told by the indices of the caller', [...needs, 'server.refused'], async (world) => {
    const [refused] = world.server.refused ?? [];
    ok(refused !== undefined, "the server tells points that it refuses, in 'refused'");
    const good = (i: number) => ({ series: 'alpha', time: at(i), value: i });
    const nan = { series: 'alpha', time: at(9), value: Number.NaN };
    const result = await world.sink.write([nan, good(0), { ...refused, time: at(1) }, good(2), nan, { ...refused, time: at(3) }, good(4)]);
    equal(
      result.rejected.map(({ index }) => index),
      [0, 2, 4, 5],
      'the indices of the rejections',
    );
    equal(result.stored + result.unconfirmed, 3, 'the points that were accepted');
    ok(
      result.rejected.every(({ message, code }) => message.length > 0 && code.length > 0),
      'every rejection has a code and a message',
    );
  }),

  defineCase('a single point that is too large is rejected as too-large', needs, async (world) => {
    await measure(world, 1);
    world.network.strikeAll('points', answer(413));
    const result = await world.sink.write([0, 1, 2].map((i) => ({ series: 'alpha', time: at(i), value: i })));
    world.checkResult(
      result,
      0,
      [0, 1, 2].map((index) => ({ index, code: 'too-large' })),
    );
    world.network.strikeAll('points', undefined);
    await world.settle();
    equal(
      (await world.readSeries('alpha')).filter(([time]) => time >= epoch),
      [],
      'what is stored',
    );
  }),

  defineCase('one point that is too large costs none of its neighbours', [...needs, 'values=string'], async (world) => {
    const limit = (await measure(world, 10)) + 1000;
    world.network.strikeAll('points', refuseLarge(limit));
    const points = Array.from({ length: 20 }, (_, i) => ({ series: 'alpha', time: at(i), value: i === 13 ? 'x'.repeat(limit) : i }));
    world.checkResult(await world.sink.write(points), 19, [{ index: 13, code: 'too-large' }]);
    await world.settle();
    const stored = (await world.readSeries('alpha')).filter(([time]) => time >= epoch).map(([, value]) => value);
    equal(
      stored,
      Array.from(points.keys()).filter((i) => i !== 13),
      'the stored values',
    );
  }),
];
