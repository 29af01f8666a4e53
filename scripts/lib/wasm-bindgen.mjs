// The program that writes the engine's JavaScript, built once into a cache that all clones share.
import { copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { work } from './command.mjs'
import { root } from './root.mjs'
import { hashOf } from './stamp.mjs'

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tastespace', 'tools')

/** The path of the program of `tools/wasm-bindgen`, which is built if its source changed. */
export async function wasmBindgen(toolchain) {
  const program = join(cache, 'bin', `wasm-bindgen-${hashOf(['tools/wasm-bindgen']).slice(0, 16)}`)
  if (existsSync(program)) return program
  const manifest = join(root, 'tools/wasm-bindgen/Cargo.toml')
  const target = join(cache, 'build')
  const args = ['build', '--locked', '--manifest-path', manifest, '--target-dir', target]
  await work('Building wasm-bindgen, once for this machine', 'cargo', args, { env: toolchain.env })
  mkdirSync(join(cache, 'bin'), { recursive: true })
  // Renamed, so that another clone never starts half a program.
  const unfinished = `${program}.${process.pid}`
  copyFileSync(join(target, 'debug/tastespace-wasm-bindgen'), unfinished)
  renameSync(unfinished, program)
  return program
}
