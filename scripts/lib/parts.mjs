// What is inside the package besides its own code: crates in the WASM, npm's packages in the bundles.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Failure } from './command.mjs'
import { root } from './root.mjs'

/** The crates that are linked into the WASM: those that the engine depends on, without macros, which run at its build. */
export function crates() {
  const words = ['metadata', '--format-version', '1', '--locked', '--filter-platform', 'wasm32-unknown-unknown']
  const { status, stdout, stderr } = spawnSync('cargo', words, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 })
  if (status !== 0) throw new Failure(`cargo metadata: ${stderr}`)
  const { packages, resolve } = JSON.parse(stdout)
  const packageOf = new Map(packages.map((one) => [one.id, one]))
  const nodeOf = new Map(resolve.nodes.map((node) => [node.id, node]))
  const seen = new Set()
  const visit = (id) => {
    const { targets } = packageOf.get(id)
    if (seen.has(id) || targets.some(({ kind }) => kind.includes('proc-macro'))) return
    seen.add(id)
    for (const { pkg, dep_kinds } of nodeOf.get(id).deps) if (dep_kinds.some(({ kind }) => kind === null)) visit(pkg)
  }
  visit(packages.find(({ name }) => name === 'tastespace-wasm').id)
  const foreign = [...seen].map((id) => packageOf.get(id)).filter(({ source }) => source !== null)
  return foreign
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, version, license, manifest_path }) => ({ name, version, license, folder: dirname(manifest_path) }))
}

/** npm's packages in the bundles, by the lists of inputs that tsup.config.ts writes. */
export function bundled() {
  const lists = readdirSync(join(root, 'target/bundled')).map((name) => join(root, 'target/bundled', name))
  const inputs = lists.flatMap((file) => JSON.parse(readFileSync(file, 'utf8')))
  const folders = inputs.map((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0])
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort().map((path) => {
    const folder = join(root, path)
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return { name, version, license, folder }
  })
}
