// The peers' own Python environment: where it is, and whether it is complete and of this list of versions.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached } from './cache.mjs'

export const peers = new URL('../peers/', import.meta.url)
export const environment = cached('python')
/** Libraries in place of CUDA's; see ../peers/cuda_stand_ins.py. */
export const standIns = join(environment, 'cuda-stand-ins')

const stamp = join(environment, 'complete')

function hash() {
  const made = ['requirements.txt', 'setup.mjs', 'cuda_stand_ins.py'].map((file) => readFileSync(new URL(file, peers)))
  return made.reduce((sum, file) => sum.update(file), createHash('sha256')).digest('hex')
}

/** Says that all is installed. */
export const complete = () => writeFileSync(stamp, hash())

/** How to start a peer in Python, or undefined where its environment is not made. */
export function python() {
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== hash()) return
  return { program: join(environment, 'bin', 'python'), env: { LD_LIBRARY_PATH: standIns } }
}
