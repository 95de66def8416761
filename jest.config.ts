import type { Config } from 'jest';

const entry = (file: string): string => `<rootDir>/${file}`;

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
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^coldstream$': entry('src/index.ts'),
    '^coldstream/operators$': entry('operators/index.ts'),
    '^coldstream/anthropic$': entry('src/providers/anthropic/index.ts'),
    '^coldstream/bedrock$': entry('src/providers/bedrock/index.ts'),
    '^coldstream/mcp$': entry('src/tools/mcp/index.ts'),
    '^coldstream/sse$': entry('src/transports/sse/index.ts'),
    '^coldstream/testing$': entry('src/testing/index.ts'),
    '^coldstream/mock-server$': entry('src/mock-server/index.ts'),
  },
  // Tests share two cores with servers of their own; a hang is a failure, a slow machine is not.
  testTimeout: 30_000,
  maxWorkers: '100%',
};

export default config;
