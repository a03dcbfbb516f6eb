import { equal, ok } from '../assertion.ts';
import { type Case, defineCase } from '../case.ts';
import { epoch } from '../world.ts';

const at = (i: number) => epoch + i * 1000;
const aborted = () => AbortSignal.abort(new Error('the caller changed its mind'));

/** An `AbortSignal` ends every call with an `aborted` error. */
export const cancellationCases: readonly Case[] = [
  defineCase('a write with an aborted signal stores nothing and tells which points were not sent', ['write'], async (world) => {
    const points = [0, 1, 2].map((i) => ({ series: 'alpha', time: at(i), value: i }));
    const error = await world.failure('aborted', () => world.provider.write(points, { signal: aborted() }));
    ok(error.outcome !== undefined, 'the error carries the outcome');
    equal([error.outcome.stored, error.outcome.unconfirmed, error.outcome.unknown], [0, 0, []], '[stored, unconfirmed, unknown]');
    equal(error.outcome.unsent, [0, 1, 2], 'the indices of what was not sent');
    await world.settle();
    equal(await world.readSeries('alpha'), []);
  }),

  defineCase('a read with an aborted signal fails', ['read'], async (world) => {
    await world.failure('aborted', () => world.provider.read({ series: 'alpha', signal: aborted() }).toArray());
    await world.failure('aborted', () => world.provider.read({ series: ['alpha', 'beta'], merge: true, signal: aborted() }).toArray());
    await world.failure('aborted', () =>
      world.provider.read({ series: 'alpha', rollup: { every: '1h', fn: 'mean' }, signal: aborted() }).toArray(),
    );
  }),

  defineCase('other calls with an aborted signal fail', ['read'], async (world) => {
    const { provider } = world;
    const options = { signal: aborted() };
    const { write, read } = world.capabilities;
    if (read?.latest) await world.failure('aborted', () => provider.latest('alpha', options));
    if (read?.series) await world.failure('aborted', () => provider.series({}, options).toArray());
    await world.failure('aborted', () => provider.check(options));
    if (write?.increment) await world.failure('aborted', () => provider.increment([{ series: 'alpha', time: at(0), value: 1 }], options));
    if (write?.deletes) await world.failure('aborted', () => provider.delete({ series: 'alpha' }, options));
    if (write?.putSeries) await world.failure('aborted', () => provider.putSeries({ key: 'alpha' }, options));
    if (read?.series) equal(await world.source.series().toArray(), [], 'the series, after all that');
  }),

  defineCase('an abort in the middle of a read ends it', ['read', 'read.windows=any'], async (world) => {
    await world.write(Array.from({ length: 20_000 }, (_, i) => ({ series: 'alpha', time: at(i), value: i })));
    const controller = new AbortController();
    let seen = 0;
    await world.failure('aborted', async () => {
      for await (const page of world.source.read({ series: 'alpha', signal: controller.signal }).pages()) {
        seen += page.length;
        controller.abort();
      }
      return `${seen} points`;
    });
    ok(seen > 0 && seen < 20_000, `some points came before the abort, and not all: ${seen}`);
  }),

  defineCase('an abort after the end of a call changes nothing', ['write'], async (world) => {
    const controller = new AbortController();
    const result = await world.provider.write([{ series: 'alpha', time: at(0), value: 1 }], { signal: controller.signal });
    controller.abort();
    world.checkResult(result, 1);
    await world.settle();
    equal(await world.readSeries('alpha'), [[at(0), 1]]);
  }),

  defineCase('an abort in the middle of a large write tells what became of every point', ['write'], async (world) => {
    const controller = new AbortController();
    const count = 30_000;
    function* points() {
      for (let i = 0; i < count; i++) {
        if (i === 20_000) controller.abort();
        yield { series: 'alpha', time: at(i), value: i };
      }
    }
    const error = await world.failure('aborted', () => world.provider.write(points(), { signal: controller.signal }));
    ok(error.outcome !== undefined, 'the error carries the outcome');
    const { stored, unconfirmed, unknown, unsent, rejected } = error.outcome;
    equal(stored + unconfirmed + unknown.length + unsent.length + rejected.length, count, 'the number of points accounted for');
    await world.settle();
    const present = (await world.source.read({ series: 'alpha' }).columns()).values;
    const known = new Set(present);
    ok(
      unsent.every((index) => !known.has(index)),
      'no unsent point is stored',
    );
    ok(
      present.length >= stored + unconfirmed && present.length <= stored + unconfirmed + unknown.length,
      'what is stored is what was told',
    );
  }),
];
