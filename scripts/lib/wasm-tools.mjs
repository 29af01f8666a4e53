// wasm-pack and wasm-bindgen of the pinned versions, built once into a cache that all clones share.
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ask, work } from './command.mjs'
import { root } from './root.mjs'

const WASM_PACK = '0.15.1'
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tastespace', 'tools')

/** The versions the build asks for. */
export const versions = { 'wasm-pack': WASM_PACK, 'wasm-bindgen': wasmBindgenInLock() }

/** Installs what is missing; returns the folder that holds the programs. */
export async function wasmTools() {
  await have('wasm-pack', 'wasm-pack')
  await have('wasm-bindgen', 'wasm-bindgen-cli')
  return join(cache, 'bin')
}

async function have(program, crate) {
  const version = versions[program]
  if (ask(join(cache, 'bin', program), ['--version'])?.split(' ')[1] === version) return
  // A target folder that stays until the program is there, so that an interrupted run goes on where it was.
  const args = ['install', crate, '--version', `=${version}`, '--root', cache, '--target-dir', join(cache, 'build')]
  const title = `Building ${crate} ${version}, once for this machine`
  try {
    await work(title, 'cargo', [...args, '--force', '--locked'])
  } catch {
    // The lock a crate was published with can name releases that were withdrawn since.
    await work(`${title}, with newer dependencies`, 'cargo', [...args, '--force'])
  }
}

/** wasm-bindgen's program has to be of the very version of the crate that the lockfile names. */
function wasmBindgenInLock() {
  const lock = readFileSync(join(root, 'Cargo.lock'), 'utf8')
  return lock.match(/name = "wasm-bindgen"\nversion = "([^"]+)"/)[1]
}
