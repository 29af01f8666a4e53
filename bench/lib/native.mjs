// Builds the native engine: for any x86-64, and for the processor at hand.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { work } from '../../scripts/lib/command.mjs'
import { root } from '../../scripts/lib/root.mjs'

const ARGS = ['build', '--release', '--locked', '-p', 'tastespace-bench', '--target-dir']

/** The flags of each build. */
export const NATIVE_FLAGS = { native: '', 'native-cpu': '-C target-cpu=native' }

/** Builds the engine `name` if its sources changed. @returns {Promise<string>} the program */
export async function buildNative(name) {
  const target = join(root, 'target', name === 'native' ? '' : name)
  // Over every other source of flags, so that the default target is the default.
  const env = { ...process.env, RUSTFLAGS: NATIVE_FLAGS[name] }
  delete env.CARGO_ENCODED_RUSTFLAGS
  const program = join(target, 'release', `tastespace-bench${process.platform === 'win32' ? '.exe' : ''}`)
  const title = existsSync(program) ? `Checking the engine ${name}` : `Building the engine ${name}`
  await work(title, 'cargo', [...ARGS, target], { env, cwd: root })
  return program
}
