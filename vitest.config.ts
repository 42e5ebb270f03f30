import { defineConfig } from 'vitest/config'

const ignored = ['**/node_modules/**', '**/.local/**']

/** unit: pure, no server. integration and e2e: the real stack, started once by the global set-up. */
export default defineConfig({
  test: {
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/src/**/*.test.ts'],
          exclude: ignored,
          // Properties with many cases take a while where other packages are tested at the same time.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['**/test/**/*.test.ts'],
          exclude: ignored,
          globalSetup: ['libs/testing/src/stack-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.ts'],
          exclude: ignored,
          globalSetup: ['libs/testing/src/stack-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
        },
      },
    ],
  },
})
