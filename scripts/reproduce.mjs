// Builds the last commit in another folder and compares the files of its package with those of this clone, byte for byte:
// `npm run reproduce`. Takes as long as the first build.
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ask, Failure, main, work } from './lib/command.mjs'
import { root } from './lib/root.mjs'

await main(async () => {
  if (ask('git', ['-C', root, 'status', '--porcelain']) !== '') throw new Failure('Commit or stash the changes first.')
  const parent = mkdtempSync(join(tmpdir(), 'tastespace-reproduce-'))
  try {
    const clone = join(parent, 'a clone')
    await work('Cloning', 'git', ['clone', '--quiet', root, clone])
    await work('Building the clone', process.execPath, [join(clone, 'scripts/setup.mjs')], { cwd: clone })
    const [here, there] = [filesOf(root, parent), filesOf(clone, parent)]
    const different = [...new Set([...here.keys(), ...there.keys()])].filter(
      (name) => here.get(name) !== there.get(name),
    )
    if (different.length > 0) throw new Failure(`Other bytes in the clone: ${different.join(', ')}`)
    console.log(`${here.size} files with the same bytes in both folders`)
  } finally {
    rmSync(parent, { recursive: true })
  }
})

/** The hash of each file in the package of a folder, of the package, and of the module for Spark. */
function filesOf(folder, parent) {
  const tarball = join(parent, ask('npm', ['pack', '--silent', '--pack-destination', parent, folder]) ?? '')
  const names = (ask('tar', ['-tzf', tarball]) ?? '').split('\n').map((name) => name.replace(/^package\//, ''))
  const inside = names.map((name) => [name, hash(join(folder, name))])
  const others = [
    ['the package', hash(tarball)],
    ['the module for Spark', hash(join(folder, 'target/tastespace_shard.wasm'))],
  ]
  rmSync(tarball)
  return new Map([...inside, ...others])
}

const hash = (file) => createHash('sha256').update(readFileSync(file)).digest('hex')
