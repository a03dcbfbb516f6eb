import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ofEnd, ofStep } from './invariants.ts';
import { type Command, commands, config, finish, setup } from './model.ts';

const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
beforeAll(() => void process.on('unhandledRejection', note));
afterAll(() => void process.off('unhandledRejection', note));

/** Ten times as many as other properties get: 1,000, and 10,000 in the long runs. */
const numRuns = 10 * (fc.readConfigureGlobal().numRuns ?? 100);

test('whatever callers and servers do, the invariants hold', async () => {
  await fc.assert(
    fc.asyncProperty(config, commands, async (runConfig, script) => {
      const state = setup(runConfig);
      const { real } = state;
      try {
        await fc.asyncModelRun(() => state, script as Iterable<Command>);
        await finish(real);
        for (const check of Object.values(ofStep)) check(real);
        for (const check of Object.values(ofEnd)) await check(real);
        expect(unhandled).toEqual([]);
      } finally {
        // a run that fails leaves nothing to the next one
        await real.close(1);
        await real.clock.advance(20_000);
        unhandled.length = 0;
      }
    }),
    { numRuns },
  );
}, 600_000);
