import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, tool } from './commands.ts';
import { root } from './packages.ts';

const folder = join(root, 'tooling/test/types');
const expectation = /^\s*\/\/ @ts-expect-error (TS\d+)\b/;

/**
 * Type tests state each mistake with `// @ts-expect-error TS2339 why`. `tsc -p .` proves that the next line is an error; this proves that it is
 * that error and not, say, a misspelt name: it compiles copies without the directives and compares. Answers what is wrong.
 */
export async function checkTypeTests(): Promise<string[]> {
  const copies = join(root, 'tooling/.types');
  rmSync(copies, { recursive: true, force: true });
  mkdirSync(copies, { recursive: true });
  const expected = new Set<string>();
  for (const file of globSync('*.ts', { cwd: folder })) {
    const lines = readFileSync(join(folder, file), 'utf8').split('\n');
    const bare = lines.map((line, index) => {
      const code = expectation.exec(line)?.[1];
      if (code === undefined) {
        if (line.includes('@ts-expect-error'))
          throw new Error(`${file}:${index + 1}: name the expected error: // @ts-expect-error TS2339 why`);
        return line;
      }
      expected.add(`${file}:${index + 2} ${code}`);
      return '';
    });
    writeFileSync(join(copies, file), bare.join('\n'));
  }
  if (expected.size === 0) return ['no type tests found'];
  const actual = await compileErrors(copies);
  return [
    ...[...expected].filter((error) => !actual.has(error)).map((error) => `${error} was expected and did not come`),
    ...[...actual].filter((error) => !expected.has(error)).map((error) => `${error} was not expected`),
  ];
}

async function compileErrors(copies: string): Promise<ReadonlySet<string>> {
  writeFileSync(
    join(copies, 'tsconfig.json'),
    JSON.stringify({ extends: '../tsconfig.json', compilerOptions: { types: ['node'] }, include: ['*.ts'] }),
  );
  const { output } = await run(tool('tsc'), ['-p', copies, '--pretty', 'false']);
  return new Set(
    [...output.matchAll(/^tooling\/\.types\/([^(]+)\((\d+),\d+\): error (TS\d+)/gm)].map(
      ([, path, line, code]) => `${path}:${line} ${code}`,
    ),
  );
}
