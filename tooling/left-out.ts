import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

/**
 * Names at the end of a run what it left out and why, so that a skipped test is never taken for a passed one.
 * With `ANYSERIES_REQUIRE_ALL` in the environment, leaving something out fails the run.
 */
export default class LeftOutReporter implements Reporter {
  #chosenByName = false;

  onInit({ config }: Vitest): void {
    this.#chosenByName = config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (this.#chosenByName) return;
    const leftOut = modules.flatMap(({ children }) => [...children.allTests('skipped')]);
    for (const line of new Set(leftOut.map(describe))) console.log(`left out: ${line}`);
    if (leftOut.length > 0 && process.env.ANYSERIES_REQUIRE_ALL) process.exitCode = 1;
  }
}

function describe(test: TestCase): string {
  const result = test.result();
  const reason = result.state === 'skipped' ? result.note : undefined;
  return `${test.module.relativeModuleId} > ${test.fullName}${reason === undefined ? '' : ` (${reason})`}`;
}
