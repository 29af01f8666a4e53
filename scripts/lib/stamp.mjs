// Skips work that is current: a stamp is the hash of all its inputs.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root } from './root.mjs'

/** A hash of files, of all files under folders (that `keep` accepts), and of further texts. */
export function hashOf(paths, { keep = () => true, texts = [] } = {}) {
  const hash = createHash('sha256')
  for (const file of paths.flatMap((path) => filesUnder(join(root, path)))) {
    if (!keep(file)) continue
    hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0')
  }
  for (const text of texts) hash.update(text).update('\0')
  return hash.digest('hex')
}

/** Does the work unless the stamp has this hash and every output exists; then writes the stamp. */
export async function unlessStamped(stamp, hash, outputs, build) {
  const file = join(root, stamp)
  const done = existsSync(file) && readFileSync(file, 'utf8') === hash
  if (done && outputs.every((output) => existsSync(join(root, output)))) return
  await build()
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, hash)
}

function filesUnder(path) {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true })
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile())
    .sort()
}
