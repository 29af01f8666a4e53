// Makes a clone ready to run: npm's packages, the engine, the library. Steps that are current are skipped.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Failure, main, work } from './lib/command.mjs'
import { NOTICES, writeNotices } from './lib/notices.mjs'
import { root } from './lib/root.mjs'
import { SBOM, writeSbom } from './lib/sbom.mjs'
import { hashOf, unlessStamped } from './lib/stamp.mjs'

/** Where the package of Python has programs for Node. */
const PIPE = 'python/src/tastespace_spark/scoring/pipe'

await main(async () => {
  await installPackages()
  buildEngine()
  await buildLibrary()
  completePythonPackage()
})

function installPackages() {
  const hash = hashOf(['package-lock.json'])
  // In node_modules, so that the stamp is removed with them.
  return unlessStamped('node_modules/.tastespace.stamp', hash, [], () =>
    work("Installing npm's packages", 'npm', ['ci', '--no-audit', '--no-fund'], { cwd: root }),
  )
}

function buildEngine() {
  for (const [crate, what] of [
    ['wasm', 'The engine'],
    ['shard', 'The module for Spark'],
  ]) {
    const { status } = spawnSync(process.execPath, [join(root, `crates/${crate}/build.mjs`)], { stdio: 'inherit' })
    if (status !== 0) throw new Failure(`${what} was not built.`)
  }
}

function buildLibrary() {
  const config = ['tsup.config.ts', 'tsconfig.json', 'package.json', 'package-lock.json', 'Cargo.lock']
  const sources = ['ts', ...['notices', 'parts', 'sbom'].map((name) => `scripts/lib/${name}.mjs`), ...config]
  const declarations = ['mt', 'st', 'edge'].map((build) => `dist/${build}/tastespace_wasm.d.ts`)
  // Bundled with the entry for `require`, and with the engine on a pipe.
  const glue = ['mt', 'st', 'edge'].map((build) => `dist/${build}/tastespace_wasm.js`)
  const workers = ['engine-node.mjs', 'pool-node.mjs', 'engine-browser.mjs', 'pool-browser.mjs']
  const outputs = [
    'index.mjs',
    'index.cjs',
    'index.d.ts',
    'index.d.cts',
    'browser.mjs',
    'cli.mjs',
    'serve.mjs',
    'serve-worker.mjs',
    'edge-wasm.d.ts',
    'serve.cjs',
    'serve.d.ts',
    'serve-node.mjs',
    'serve-node.cjs',
    'serve-node.d.ts',
    'report-page.js',
    'report-browser.mjs',
    'report-svg.mjs',
    ...['page.mjs', 'page.css', 'index.html', 'layout-worker.mjs', 'service-worker.mjs'].map(
      (file) => `studio/${file}`,
    ),
    ...['edge', 'export', 'report'].flatMap((name) =>
      ['mjs', 'cjs', 'd.ts', 'd.cts'].map((ending) => `${name}.${ending}`),
    ),
    ...workers,
  ].map((file) => `dist/${file}`)
  return unlessStamped(
    'target/library.stamp',
    hashOf([...sources, ...declarations, ...glue]),
    [...outputs, ...['engine', 'tuner', 'engine-node'].map((name) => `${PIPE}/${name}.mjs`), NOTICES, SBOM],
    async () => {
      for (const folder of ['dist', 'dist/studio']) removeFilesIn(folder)
      await work('Building the library', 'npx', ['--no-install', 'tsup'], { cwd: root })
      copyFileSync(join(root, 'ts/edge/wasm.d.ts'), join(root, 'dist/edge-wasm.d.ts'))
      writeNotices()
      writeSbom()
    },
  )
}

/** Beside the programs in the package of Python lie the module that they load, and the licences of all. */
function completePythonPackage() {
  mkdirSync(join(root, PIPE, 'st'), { recursive: true })
  const module = 'st/tastespace_wasm_bg.wasm'
  copyFileSync(join(root, 'dist', module), join(root, PIPE, module))
  for (const file of ['LICENSE', NOTICES]) copyFileSync(join(root, file), join(root, PIPE, file))
}

/** Removes the files of an earlier build, some of which have hashes in their names, but not the engine's folders. */
function removeFilesIn(folder) {
  mkdirSync(join(root, folder), { recursive: true })
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (entry.isFile()) rmSync(join(root, folder, entry.name))
  }
}
