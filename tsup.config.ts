import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { defineConfig, type Options } from 'tsup'

type Plugin = NonNullable<Options['esbuildPlugins']>[number]

// The oldest browsers with the features that the engine needs: module workers, exceptions and 128-bit vectors.
const target = ['node20', 'chrome95', 'firefox114', 'safari16.4'] satisfies Options['target']

const common: Options = {
  target,
  platform: 'neutral',
  // The builds of the engine lie in dist already; they are loaded when one is chosen.
  // The handler of requests imports the library by its name, so that a program has one copy of it.
  external: [/^node:/, /^\.\/(mt|st|edge)\//, 'tastespace'],
  sourcemap: true,
  // Messages and consoles show the names of classes, which bundling would change.
  keepNames: true,
}

/** Writes the names of all files in a bundle, for the notices of their licences. */
function listedAs(name: string): Plugin {
  return {
    name: 'list',
    setup(build) {
      build.initialOptions.metafile = true
      build.onEnd(({ metafile }) => {
        mkdirSync('target/bundled', { recursive: true })
        writeFileSync(`target/bundled/${name}.json`, JSON.stringify(Object.keys(metafile?.inputs ?? {})))
      })
    },
  }
}

const serve = { serve: 'ts/serve/index.ts', 'serve-node': 'ts/serve/node/index.ts' }

const parts = { export: 'ts/export/index.ts', report: 'ts/report/index.ts' }

const modules: Options = {
  ...common,
  // The workers are separate files next to the library: it starts them by `new URL('./engine-node.mjs', import.meta.url)`.
  entry: {
    index: 'ts/node.ts',
    browser: 'ts/browser.ts',
    'report-browser': 'ts/report/browser.ts',
    'report-svg': 'ts/report/svg/node.ts',
    cli: 'ts/cli/main.ts',
    edge: 'ts/edge/index.ts',
    ...parts,
    ...serve,
    'engine-node': 'ts/engine/entries/engine-node.ts',
    'pool-node': 'ts/engine/entries/pool-node.ts',
    'engine-browser': 'ts/engine/entries/engine-browser.ts',
    'pool-browser': 'ts/engine/entries/pool-browser.ts',
  },
  format: 'esm',
  outExtension: () => ({ js: '.mjs' }),
  // The document in which Node draws pictures, with all that it needs.
  noExternal: ['linkedom'],
  esbuildPlugins: [listedAs('modules')],
}

/** As tsup would do by `shims`, but also right in folders with a # or % in their names. */
const ownURL = {
  define: { 'import.meta.url': 'importMetaUrl' },
  banner: { js: "'use strict'; const importMetaUrl = require('node:url').pathToFileURL(__filename).href" },
}

/** The library for `require`. The workers that it starts are the modules above. */
const commonJS: Options = {
  ...common,
  entry: { index: 'ts/node.ts' },
  format: 'cjs',
  ...ownURL,
  esbuildPlugins: [listedAs('commonjs')],
}

/** The classes and the engine of the library, which other entries for `require` load. */
const library: Plugin = {
  name: 'library',
  setup(build) {
    build.onResolve({ filter: /\/(index|node|errors)\.ts$/ }, ({ path, importer }) => {
      const shared = ['index', 'node', 'errors'].map((name) => resolve(`ts/${name}.ts`))
      const isShared = importer !== '' && shared.includes(resolve(dirname(importer), path))
      return isShared ? { path: './index.cjs', external: true } : undefined
    })
    // What draws pictures is large, and is a module of its own.
    build.onResolve({ filter: /\/svg\/node\.ts$/ }, () => ({ path: './report-svg.mjs', external: true }))
  },
}

/** Other entries for `require`. They share the classes and the engine of the library, which they load. */
const commonJSParts: Options = {
  ...common,
  entry: parts,
  format: 'cjs',
  ...ownURL,
  esbuildPlugins: [listedAs('commonjs-parts'), library],
}

/** The handler of requests for `require`. */
const commonJSServe: Options = {
  ...common,
  entry: serve,
  format: 'cjs',
  // It is an ES module, which Node before 20.19 does not `require`.
  noExternal: ['@remix-run/node-fetch-server'],
  esbuildPlugins: [listedAs('commonjs-serve'), library],
}

/** The JavaScript of the builds of the engine, inside the bundle. */
const glue: Plugin = {
  name: 'glue',
  setup(build) {
    build.onResolve({ filter: /^\.\/(mt|st|edge)\/tastespace_wasm\.js$/ }, ({ path }) => ({
      path: resolve('dist', path),
    }))
  },
}

/** Serving on the calling thread, for `require`: with the JavaScript of its module, which is an ES module. */
const commonJSEdge: Options = {
  ...common,
  entry: { edge: 'ts/edge/index.ts' },
  format: 'cjs',
  external: [],
  ...ownURL,
  esbuildPlugins: [listedAs('commonjs-edge'), glue],
}

/**
 * The handler of requests in a Worker. It has no metrics: there are many Workers, each of which would count its own requests. The
 * library that counts needs Node.
 */
const workerServe: Options = {
  ...common,
  entry: { 'serve-worker': 'ts/serve/index.ts' },
  format: 'esm',
  outExtension: () => ({ js: '.mjs' }),
  esbuildPlugins: [
    listedAs('worker-serve'),
    {
      name: 'no metrics',
      setup(build) {
        build.onResolve({ filter: /^\.\/metrics\.ts$/ }, () => ({ path: resolve('ts/serve/no-metrics.ts') }))
      },
    },
  ],
}

/** The pictures of the report that the command line writes: a program for the page, with all that it needs. */
const report: Options = {
  entry: { 'report-page': 'ts/report/page/page.ts' },
  format: 'iife',
  platform: 'browser',
  target,
  minify: true,
  noExternal: [/./],
  esbuildPlugins: [listedAs('report')],
  outExtension: () => ({ js: '.js' }),
}

/** The studio: a page, its worker and its service worker. Where it is served, the library is in `lib`. */
const studio: Options = {
  ...common,
  entry: {
    page: 'ts/studio/page.tsx',
    'layout-worker': 'ts/studio/map/layout-worker.ts',
    'service-worker': 'ts/studio/service-worker.ts',
    // What the library imports by name to read tables: the import map of the page leads to these.
    parquet: 'ts/studio/tables/parquet.ts',
    'parquet-compressors': 'ts/studio/tables/parquet-compressors.ts',
    arrow: 'ts/studio/tables/arrow.ts',
    lz4: 'ts/studio/tables/lz4.ts',
  },
  format: 'esm',
  external: [],
  platform: 'browser',
  target: ['chrome123', 'firefox120', 'safari17.5'],
  outDir: 'dist/studio',
  publicDir: 'ts/studio/static',
  outExtension: () => ({ js: '.mjs' }),
  minify: true,
  keepNames: false,
  sourcemap: false,
  noExternal: [/^(?!tastespace)/],
  esbuildOptions(options) {
    options.jsx = 'automatic'
    options.jsxImportSource = 'preact'
  },
  esbuildPlugins: [
    listedAs('studio'),
    {
      name: 'library',
      setup(build) {
        build.onResolve({ filter: /^tastespace(\/|$)/ }, ({ path }) => ({
          path: path === 'tastespace' ? './lib/browser.mjs' : `./lib/${path.replace('tastespace/', '')}-browser.mjs`,
          external: true,
        }))
        // Its main module would bring all of its views along.
        build.onResolve({ filter: /^embedding-atlas$/ }, () => ({
          path: resolve('node_modules/embedding-atlas/dist/umap.js'),
        }))
      },
    },
  ],
}

/** The engine and tuning on pipes, for the package of Python: whole programs beside the module. */
const pipes: Options = {
  ...common,
  entry: {
    engine: 'ts/engine/entries/engine-pipe.ts',
    tuner: 'ts/tune/tuner-pipe.ts',
    // Which the tuner starts.
    'engine-node': 'ts/engine/entries/engine-node.ts',
  },
  format: 'esm',
  external: [/^node:/],
  splitting: false,
  outDir: 'python/src/tastespace_spark/scoring/pipe',
  outExtension: () => ({ js: '.mjs' }),
  sourcemap: false,
  esbuildPlugins: [listedAs('pipes'), glue],
}

/** The same types twice: TypeScript wants them in a file of each kind. */
const types: Options = {
  entry: { index: 'ts/node.ts', edge: 'ts/edge/index.ts', ...parts },
  format: ['esm', 'cjs'],
  // Handles have Symbol.dispose, which the libraries of targets before ESNext do not declare.
  dts: { only: true, banner: '/// <reference lib="esnext.disposable" />' },
}

const typesOfServe: Options = {
  entry: serve,
  format: ['esm', 'cjs'],
  external: ['tastespace'],
  // The declarations of the library are made at the same time, so its sources stand in for them.
  dts: { only: true, compilerOptions: { paths: { tastespace: ['./ts/index.ts'] } } },
}

export default defineConfig([
  modules,
  commonJS,
  commonJSParts,
  commonJSServe,
  commonJSEdge,
  workerServe,
  report,
  studio,
  pipes,
  types,
  typesOfServe,
])
