import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const dist = fileURLToPath(new URL('./dist', import.meta.url))

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Tests use the package as it is built, by its name; the workers that it starts are files of the build.
    alias: [
      { find: /^tastespace$/, replacement: `${dist}/index.mjs` },
      { find: /^tastespace\/serve\/node$/, replacement: `${dist}/serve-node.mjs` },
      { find: /^tastespace\/(\w+)$/, replacement: `${dist}/$1.mjs` },
    ],
    server: { deps: { external: [/\/dist\//] } },
    // Engines are threads already: with two test files at once on two cores, a file took up to four times as long. So `npm test` has
    // two lanes at most, of which one waits for a browser most of the time.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
