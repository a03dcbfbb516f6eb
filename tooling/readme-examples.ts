import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './packages.ts';

/** A block of TypeScript in a README: a program of its own, with what it must print if a block of text follows it. */
export interface Example {
  /** The README, relative to the root. */
  readonly file: string;
  /** The line of its first line of code. */
  readonly line: number;
  readonly code: string;
  readonly output?: string;
}

/** The READMEs of the repository and its packages, relative to the root. */
export function findReadmes(): string[] {
  return ['README.md', ...globSync('packages/*/README.md', { cwd: root }).sort()];
}

/** Every ```ts block of a README. A ```text block that comes next, before any other prose ends in a further block, is its output. */
export function examplesOf(file: string): Example[] {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  const blocks = fences(lines);
  return blocks.flatMap((block, place) => {
    if (block.language !== 'ts') return [];
    const next = blocks[place + 1];
    const example = { file, line: block.line, code: block.text };
    return [next?.language === 'text' ? { ...example, output: next.text } : example];
  });
}

interface Fence {
  readonly language: string;
  readonly line: number;
  readonly text: string;
}

function fences(lines: readonly string[]): Fence[] {
  const found: Fence[] = [];
  for (let i = 0; i < lines.length; i++) {
    const opening = /^```(\S+)$/.exec(lines[i]!);
    if (opening === null) continue;
    const end = lines.indexOf('```', i + 1);
    if (end === -1) throw new Error(`line ${i + 1}: the block has no end`);
    found.push({ language: opening[1]!, line: i + 2, text: lines.slice(i + 1, end).join('\n') });
    i = end;
  }
  return found;
}
