import { defineConfig } from 'tsup'

export default defineConfig({
  // The workers are files of their own, beside the library: it starts them by `new URL('./engine-node.mjs', import.meta.url)`.
  entry: {
    index: 'ts/node.ts',
    cli: 'ts/cli/main.ts',
    'engine-node': 'ts/engine/entries/engine-node.ts',
    'pool-node': 'ts/engine/entries/pool-node.ts',
  },
  format: 'esm',
  outExtension: () => ({ js: '.mjs' }),
  target: 'node20',
  platform: 'neutral',
  // The builds of the engine lie in dist already; they are loaded when one is chosen.
  external: [/^node:/, /^\.\/(mt|st)\//],
  dts: { entry: { index: 'ts/node.ts' } },
  sourcemap: true,
})
