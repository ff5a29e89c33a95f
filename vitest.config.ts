import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    maxWorkers: 2,
    // Tests of the cache name their folder; the rest leave nothing behind.
    env: { ESPALIER_CACHE: 'off' },
  },
});
