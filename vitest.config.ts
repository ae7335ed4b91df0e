import { patches } from '@godwit/patch/vite-plugin.ts'
import { defineConfig } from 'vitest/config'

// A test's kind is in its name: x.test.ts (in memory), x.e2e.test.ts (real server processes), x.browser.test.ts (real Chromium).
const outside = ['**/node_modules/**', '**/dist/**']

export default defineConfig({
  test: {
    // Sized for a machine with two cores; more workers only make timing-sensitive tests wait for each other.
    maxWorkers: 2,
    passWithNoTests: true,
    projects: [
      {
        // A mutant that no simulation can see must fail a test (`npm run mutants`).
        plugins: [patches()],
        test: {
          name: 'unit',
          include: ['packages/**/*.test.ts', 'apps/**/*.test.ts', 'tools/**/*.test.ts'],
          exclude: [...outside, '**/*.e2e.test.ts', '**/*.browser.test.ts'],
          // Password hashes and properties take seconds when everything else runs beside them.
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['**/*.e2e.test.ts'],
          exclude: outside,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'browser',
          include: ['**/*.browser.test.ts'],
          exclude: outside,
          globalSetup: ['./tools/browser/announce.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
