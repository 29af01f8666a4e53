import { defineConfig } from 'tsup'

export default defineConfig({
  // The workers are files of their own, beside the library: it starts them by `new URL('./engine-node.mjs', import.meta.url)`.
  entry: {
    index: 'ts/node.ts',
    browser: 'ts/browser.ts',
    cli: 'ts/cli/main.ts',
    'engine-node': 'ts/engine/entries/engine-node.ts',
    'pool-node': 'ts/engine/entries/pool-node.ts',
    'engine-browser': 'ts/engine/entries/engine-browser.ts',
    'pool-browser': 'ts/engine/entries/pool-browser.ts',
  },
  format: 'esm',
  outExtension: () => ({ js: '.mjs' }),
  // The first browsers that know what the engine is built with: module workers, exceptions and 128-bit vectors.
  target: ['node20', 'chrome95', 'firefox114', 'safari16.4'],
  platform: 'neutral',
  // The builds of the engine lie in dist already; they are loaded when one is chosen.
  external: [/^node:/, /^\.\/(mt|st)\//],
  dts: { entry: { index: 'ts/node.ts' } },
  sourcemap: true,
})
