import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { conformance, createVirtualClock, type Subject } from '@anyseries/conformance';
import { storeCapabilities } from '@anyseries/core';
import { connect } from '@anyseries/memory';
import { describe, expect, test } from 'vitest';
import { equal, near } from '../src/assertion.ts';
import { checkSecrets } from '../src/secrets.ts';
import { subjects } from './subjects.ts';

/** The cases of a subject, registered and not run. */
function register(subject: Subject, options?: Parameters<typeof conformance>[2]) {
  const cases: { name: string; run: () => Promise<void> }[] = [];
  conformance((name, run) => cases.push({ name, run }), subject, options);
  return cases;
}

const memory: Subject = { name: 'memory', capabilities: storeCapabilities, store: true, connect: ({ clock }) => connect({ clock }) };

describe('the report', () => {
  test('lists what has passed, and what was skipped with the capability that explains it', async () => {
    const file = join(tmpdir(), `anyseries-report-${process.pid}.json`);
    const subject: Subject = { ...subjects.adds!, name: 'writes only' };
    const cases = register(subject, { report: pathToFileURL(file) });
    for (const { run } of cases) await run();
    const report = JSON.parse(readFileSync(file, 'utf8'));
    rmSync(file);
    expect(report.subject).toBe('writes only');
    expect(report.capabilities).toEqual(subject.capabilities);
    expect(report.passed).toHaveLength(cases.length - 1);
    const reasons = new Set(report.skipped.map(({ reason }: { reason: string }) => reason));
    expect(reasons).toContain('read is not declared');
    expect(reasons).toContain('write.increment is not declared');
    expect(reasons).toContain('the subject is no store');
  });

  test('is not written when a case has failed', async () => {
    const file = join(tmpdir(), `anyseries-no-report-${process.pid}.json`);
    const cases = register(memory, { report: file });
    await cases.at(-1)!.run();
    expect(() => readFileSync(file)).toThrow('ENOENT');
  });
});

describe('the cases', () => {
  test('have names of their own', () => {
    for (const subject of [memory, ...Object.values(subjects)]) {
      const names = register(subject).map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  test('fail for a subject that is wrong', async () => {
    const forgetful: Subject = {
      ...memory,
      connect: ({ clock }) => ({ ...connect({ clock }), write: async () => ({ stored: 1, unconfirmed: 0, rejected: [] }) }) as never,
    };
    const [first] = register(forgetful).filter(({ name }) => name.includes('read back as it was'));
    await expect(first!.run()).rejects.toThrow('expected');
  });
});

describe('assertions', () => {
  test('tell minus zero from zero, a bigint from a number, and what is missing', () => {
    expect(() => equal([-0], [0])).toThrow('[0] is -0, expected 0');
    expect(() => equal({ a: 5n }, { a: 5 })).toThrow('.a is 5n, expected 5');
    expect(() => equal({}, { a: 1 })).toThrow('.a is undefined');
    expect(() => equal([1, 2], [1])).toThrow('2 elements, expected 1');
    equal({ a: [new Uint8Array([1]), Number.NaN] }, { a: [new Uint8Array([1]), Number.NaN] });
  });

  test('near is relative', () => {
    near(1e300 * (1 + 1e-14), 1e300);
    expect(() => near(1.000001, 1)).toThrow('within');
  });

  test('a secret is found wherever it hides', () => {
    const secret = 'pa/ss word';
    const hiding: Error[] = [
      new Error(`bad ${secret}`),
      new Error('bad', { cause: new Error(`deep ${secret}`) }),
      Object.assign(new Error('bad'), { request: { headers: { authorization: secret } } }),
      Object.assign(new Error('bad'), { headers: new Headers({ authorization: secret }) }),
      Object.assign(new Error('bad'), { url: `https://a.test/?token=${encodeURIComponent(secret)}` }),
    ];
    for (const error of hiding) expect(() => checkSecrets(error, [secret])).toThrow('a secret appears');
    checkSecrets(new Error('clean', { cause: new Error('also clean') }), [secret]);
  });
});

describe('the virtual clock', () => {
  test('calls back in the order of the times, when it is advanced', async () => {
    const clock = createVirtualClock({ start: 1000, automatic: false });
    const calls: string[] = [];
    clock.setTimer(() => calls.push(`b at ${clock.now()}`), 20);
    clock.setTimer(() => calls.push(`a at ${clock.now()}`), 10);
    clock.setTimer(() => calls.push('never'), 15)();
    await clock.advance(15);
    expect(calls).toEqual(['a at 1010']);
    await clock.advance(5);
    expect(calls).toEqual(['a at 1010', 'b at 1020']);
  });

  test('jumps by itself when it is automatic, but not while something is under way', async () => {
    const clock = createVirtualClock({ start: 0, automatic: true });
    const release = clock.hold();
    let fired = false;
    clock.setTimer(() => {
      fired = true;
    }, 3_600_000);
    for (let i = 0; i < 30; i++) await new Promise((resolve) => setTimeout(resolve, 0));
    expect(fired).toBe(false);
    release();
    await expect.poll(() => fired).toBe(true);
    expect(clock.now()).toBe(3_600_000);
  });
});
