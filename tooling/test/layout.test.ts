import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { specVersion } from '@anyseries/core';
import { describe, expect, test } from 'vitest';
import { findPackages, isProvider, root } from '../packages.ts';

const packages = findPackages();
const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** Every file of our own: no dependency, nothing that is built. */
const files = globSync(['*', '{.ci,.changeset,benchmarks,docs,examples,packages,tooling}/**/*'], {
  cwd: root,
  withFileTypes: true,
  exclude: (entry) => ['node_modules', 'dist', '.packed', '.readme', '.types', '.turbo', 'pnpm-lock.yaml'].includes(entry.name),
})
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));

test('packages are found by their folder', () => {
  expect(packages.map(({ id }) => id)).toEqual(expect.arrayContaining(['core', 'memory']));
});

describe.each(packages)('$manifest.name', ({ id, manifest }) => {
  test('has a README of at most 80 lines', () => {
    expect(read(`packages/${id}/README.md`).trimEnd().split('\n').length).toBeLessThanOrEqual(80);
  });

  test('carries the license', () => {
    expect(read(`packages/${id}/LICENSE`)).toBe(read('LICENSE'));
    expect(manifest.license).toBe('MIT');
  });

  test('is named after its folder and says what it is', () => {
    expect(manifest.name).toBe(`@anyseries/${id}`);
    expect(manifest.description).toMatch(/\.$/);
  });

  test('publishes its build and nothing else, as modules without side effects', () => {
    expect(manifest).toMatchObject({
      type: 'module',
      sideEffects: false,
      files: ['dist'],
      engines: { node: '>=22.19' },
      publishConfig: { access: 'public' },
    });
  });

  test('puts the types first in every entry', () => {
    for (const entry of Object.values(manifest.publishConfig?.exports ?? {}))
      expect(Object.keys(entry as object)).toEqual(['types', 'default']);
  });

  test('takes core as an ordinary dependency, neither pinned nor as a peer', () => {
    if (id !== 'core') expect(manifest.dependencies).toHaveProperty('@anyseries/core', 'workspace:^');
    expect(manifest).not.toHaveProperty('peerDependencies.@anyseries/core');
  });

  test('never imports a provider', () => {
    const imported = files
      .filter((file) => file.startsWith(`packages/${id}/src/`))
      .flatMap((file) => [...read(file).matchAll(/from '@anyseries\/([^/']+)/g)].map(([, name]) => name));
    expect(imported.filter((name) => name !== 'core')).toEqual([]);
  });
});

test("core's major version is the version of the contract", () => {
  const major = Number(packages.find(({ id }) => id === 'core')?.manifest.version.split('.')[0]);
  expect([0, specVersion]).toContain(major); // 0.0.0 until the first release
});

test('no file has a name that says nothing', () => {
  expect(files.filter((file) => /^(utils?|helpers?|common|misc|shared)$/.test(basename(file).split('.')[0]!))).toEqual([]);
});

test('no configuration and no tool lists providers by hand', () => {
  const ids = packages.filter(isProvider).map(({ id }) => id);
  const listing = new RegExp(`packages/(${ids.join('|')})\\b|@anyseries/(${ids.join('|')})\\b`);
  const shared = files.filter(
    (file) => /^(tooling\/[^/]+|\.ci\/[^/]+|[^/]+\.(ts|json|ya?ml))$/.test(file) && !['package.json', 'pnpm-lock.yaml'].includes(file),
  );
  expect(shared.filter((file) => listing.test(read(file)))).toEqual([]);
});

test('nothing depends on the machine or on the place where it was written', () => {
  const places = ['work', 'home', 'root', 'Users'].map((folder) => `(?<![\\w.:*])/${folder}/`);
  const foreign = new RegExp([...places, '\\.\\./shared/', 'https?://[^\\s/]*registry', 'registry\\.[a-z]+\\.[a-z]+'].join('|'));
  expect(files.filter((file) => foreign.test(read(file)))).toEqual([]);
});
