import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ofEnd, ofStep } from './invariants.ts';
import { commands, config, finish, setup } from './model.ts';
import type { Run } from './run.ts';

const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
beforeAll(() => void process.on('unhandledRejection', note));
afterAll(() => void process.off('unhandledRejection', note));

/** Ten times as many as other properties get: 1,000, and 10,000 in the long runs. */
const numRuns = 10 * (fc.readConfigureGlobal().numRuns ?? 100);

test(
  'whatever callers and servers do, the invariants hold',
  async () => {
    await fc.assert(
      fc.asyncProperty(config, commands, async (runConfig, script) => {
        const { model, real } = setup(runConfig);
        const watched = [...script].map((each) => ({
          ...each,
          async run(state: typeof model, run: Run) {
            await each.cmd.run(state, run);
            for (const check of Object.values(ofStep)) check(run);
          },
        }));
        await fc.asyncModelRun(() => ({ model, real }), watched as never);
        await finish(real);
        for (const check of Object.values(ofStep)) check(real);
        for (const check of Object.values(ofEnd)) await check(real);
        expect(unhandled).toEqual([]);
      }),
      { numRuns },
    );
  },
  600_000,
);
