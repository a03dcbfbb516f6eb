import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Capabilities } from '@anyseries/core';
import { describe, expect, test } from 'vitest';

const packages = resolve(import.meta.dirname, '../../packages');
/** 4 columns of 1,461 days and 6 of 5,105. */
const pointsPerBackend = 4 * 1461 + 6 * 5105;
/** Of one of them every value is whole. */
const wholePoints = 5105;

/** How many points a backend keeps, by its own declaration. */
function pointsOf(backend: string): number {
  const { capabilities } = JSON.parse(readFileSync(join(packages, backend, 'conformance.json'), 'utf8')) as { capabilities: Capabilities };
  return capabilities.values.includes('number') ? pointsPerBackend : wholePoints;
}

/** Runs the demo as a user would: in a process of its own. */
function runDemo(...backends: string[]): Promise<{ code: number; lines: string[] }> {
  const main = join(import.meta.dirname, 'main.ts');
  return new Promise((done) => {
    execFile(process.execPath, ['--conditions=anyseries-source', main, ...backends], (error, stdout) => {
      done({ code: error === null ? 0 : Number(error.code), lines: stdout.trimEnd().split('\n') });
    });
  });
}

function sabotaged(name: string): string {
  return join(import.meta.dirname, 'sabotaged', `${name}.ts`);
}

describe('the demo', () => {
  test('writes real data through every backend and gets every point back', async () => {
    const backends = readdirSync(packages).filter((name) => existsSync(join(packages, name, 'test/backend.ts')));
    const total = backends.reduce((sum, backend) => sum + pointsOf(backend), 0);
    const { code, lines } = await runDemo();
    expect(lines.at(-1)).toBe(`demo: ${backends.length} backends, ${total} points written, ${total} read back, 0 lost, 0 wrong`);
    expect(code).toBe(0);
    expect(lines.some((line) => /[\u2801-\u28ff]/.test(line))).toBe(true);
  }, 30_000);

  test('fails and counts a point that does not come back', async () => {
    const { code, lines } = await runDemo(sabotaged('loses-one-point'));
    expect(lines.at(-1)).toBe(`demo: 1 backends, ${pointsPerBackend} points written, ${pointsPerBackend - 1} read back, 1 lost, 0 wrong`);
    expect(code).toBe(1);
  });

  test('fails and counts a value that comes back changed', async () => {
    const { code, lines } = await runDemo(sabotaged('changes-one-value'));
    expect(lines.at(-1)).toBe(`demo: 1 backends, ${pointsPerBackend} points written, ${pointsPerBackend} read back, 0 lost, 1 wrong`);
    expect(code).toBe(1);
  });

  test('fails and counts a monthly bucket that is off', async () => {
    const { code, lines } = await runDemo(sabotaged('shifts-one-bucket'));
    expect(lines.at(-1)).toBe(`demo: 1 backends, ${pointsPerBackend} points written, ${pointsPerBackend} read back, 0 lost, 1 wrong`);
    expect(code).toBe(1);
  });

  test('fails when a backend confirms a point that it does not store', async () => {
    const { code, lines } = await runDemo(sabotaged('forgets-one-write'));
    expect(lines.at(-1)).toMatch(/ 1 lost, [1-9]\d* wrong$/);
    expect(code).toBe(1);
  });
});
