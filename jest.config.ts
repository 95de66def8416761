import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from 'jest';

interface Project {
  readonly compilerOptions: { readonly paths: Readonly<Record<string, readonly string[]>> };
}

/** The package's own entry points, as the compiler finds them. */
const project: Project = JSON.parse(readFileSync(join(__dirname, 'tsconfig.json'), 'utf8'));
const entryPoints = Object.entries(project.compilerOptions.paths).map(([name, [file = '']]) => [`^${name}$`, join('<rootDir>', file)]);

/** `RXJS=7.8.0 jest` runs the tests on that version, which `npm run test:peers` does for the oldest ones. */
const version = process.env['RXJS'];
const olderRxjs = version === undefined ? {} : { '^rxjs(/.*)?$': `rxjs-${version}$1` };

/** `npm run prove-marbles` runs the operators' tests on operators that are broken, to see them fail. */
const brokenOperators =
  process.env['BROKEN_OPERATORS'] === undefined ? {} : { '^coldstream/operators$': '<rootDir>/scripts/prove-marbles/broken-operators.cjs' };

const config: Config = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test', '<rootDir>/marble-tests'],
  testMatch: ['**/*.test.ts'],
  setupFilesAfterEnv: ['<rootDir>/test/support/no-unhandled.ts'],
  // C9: a rejection that nobody handles fails the test in which it surfaces, also at a test's very end.
  waitForUnhandledRejections: true,
  reporters: ['default', '<rootDir>/scripts/summary-reporter.cjs'],
  transform: {
    '^.+\\.ts$': [
      'ts-jest',
      { tsconfig: { module: 'commonjs', moduleResolution: 'bundler', target: 'es2022', isolatedModules: true, esModuleInterop: true } },
    ],
  },
  // Sources import each other with the .js ending that Node needs; here they are still .ts.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1', ...Object.fromEntries(entryPoints), ...olderRxjs, ...brokenOperators },
  // Tests share two cores with servers of their own; a hang is a failure, a slow machine is not.
  testTimeout: 30_000,
  maxWorkers: '100%',
};

export default config;
