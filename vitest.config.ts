import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Engines are threads already: test files that ran side by side would only wait for each other.
    fileParallelism: false,
    testTimeout: 30_000,
  },
})
