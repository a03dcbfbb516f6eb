import { defineConfig } from 'vitest/config';

/** One configuration for all packages; a project is a folder below packages/, and the tests of the repository itself. */
export default defineConfig({
  ssr: { resolve: { conditions: ['anyseries-source', 'node', 'import', 'module', 'default'] } },
  resolve: { conditions: ['anyseries-source', 'node', 'import', 'module', 'default'] },
  test: {
    execArgv: ['--conditions=anyseries-source', '--disable-warning=ExperimentalWarning', '--expose-gc'],
    reporters: ['default', 'json', './tooling/left-out.ts'],
    setupFiles: ['./tooling/hold-type-stripper.ts', './tooling/property-runs.ts'],
    testTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'packages', include: ['packages/*/test/**/*.test.ts'] } },
      { extends: true, test: { name: 'repository', include: ['tooling/test/**/*.test.ts', 'examples/**/*.test.ts'] } },
    ],
  },
});
