// Finds a Rust tool chain that can build the standard library with threads: one with the library's source.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ask, Failure } from './command.mjs'
import { canInstall, installPackages, updatePackages } from './debian.mjs'

/**
 * @typedef {object} Toolchain
 * @property {string} label     its name, for users and for the build's stamp
 * @property {string} sysroot
 * @property {string} [linker]  if rustc does not include one
 * @property {object} env       environment variables that select this tool chain for plain `cargo` and `rustc`
 */

/** The first suitable tool chain, installing Debian's if possible. @returns {Promise<Toolchain>} */
export async function pickToolchain({ install = true } = {}) {
  const found = fromRustup() ?? fromDebian()
  if (found) return found
  if (install && canInstall()) {
    await installFromDebian()
    const installed = fromDebian()
    if (installed) return installed
  }
  throw new Failure(
    'The engine needs a Rust tool chain with the source of the standard library: ' +
      '`rustup toolchain install nightly --component rust-src`, or on Debian ' +
      '`apt-get install rustc-web cargo-web rust-web-src lld-22` as root.',
  )
}

// RUSTC_BOOTSTRAP lets a release of Rust use -Z build-std; a nightly ignores it.
const common = { ...process.env, RUSTC_BOOTSTRAP: '1' }
// These would override the flags of the build.
delete common.RUSTFLAGS
delete common.CARGO_BUILD_RUSTFLAGS
delete common.CARGO_BUILD_TARGET
delete common.CARGO_TARGET_DIR

function fromRustup() {
  // RUSTUP_AUTO_INSTALL=0: only list tool chains, do not install any.
  const quiet = { ...common, RUSTUP_AUTO_INSTALL: '0' }
  const names = ask('rustup', ['toolchain', 'list'], quiet)?.split('\n') ?? []
  const active = (line) => Number(line.includes('active'))
  for (const line of names.sort((a, b) => active(b) - active(a))) {
    const name = line.split(' ')[0]
    // By variable, since `cargo` need not be the proxy that knows `+name`.
    const env = { ...quiet, RUSTUP_TOOLCHAIN: name }
    const sysroot = ask('rustc', ['--print', 'sysroot'], env)
    if (sysroot && hasSource(sysroot)) return { label: `rustup ${name}, ${ask('rustc', ['-V'], env)}`, sysroot, env }
  }
}

function fromDebian() {
  const [rustc, cargo] = ['/usr/bin/rustc', '/usr/bin/cargo']
  const sysroot = ask(rustc, ['--print', 'sysroot'])
  if (!sysroot || !existsSync(cargo) || !hasSource(sysroot)) return
  const linker = `/usr/lib/llvm-${llvmOf(rustc)}/bin/wasm-ld`
  if (!existsSync(linker)) return
  const env = { ...common, PATH: `/usr/bin:${process.env.PATH}`, RUSTC: rustc, CARGO: cargo }
  delete env.RUSTUP_TOOLCHAIN
  return { label: `Debian, ${ask(rustc, ['-V'])}`, sysroot, linker, env }
}

async function installFromDebian() {
  await updatePackages()
  await installPackages('rustc-web', 'cargo-web', 'rust-web-src')
  await installPackages(`lld-${llvmOf('/usr/bin/rustc')}`)
}

/** The linker must support the object files of the compiler's LLVM. */
function llvmOf(rustc) {
  return ask(rustc, ['-vV'])?.match(/LLVM version: (\d+)/)?.[1]
}

function hasSource(sysroot) {
  return existsSync(join(sysroot, 'lib/rustlib/src/rust/library/Cargo.lock'))
}
