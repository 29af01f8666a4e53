// How Rust is compiled to WebAssembly.
import { homedir } from 'node:os'
import { join } from 'node:path'
import { root } from './root.mjs'

/** Arguments of `cargo build` for a module of this profile. */
export function wasmFlags(profile, { small = false } = {}) {
  return [
    ...['--lib', '--profile', profile, '--locked', '--target', 'wasm32-unknown-unknown'],
    // The default features of the standard library are for backtraces and unwinding. Its small form sorts and prints by shorter code.
    ...['-Z', 'build-std=std,panic_abort', '-Z', `build-std-features=${small ? 'optimize_for_size' : ''}`],
  ]
}

/** The value of CARGO_ENCODED_RUSTFLAGS: encoded, because a folder's name may hold a space; and over every other source of flags. */
export function rustFlags({ target, link, panic, inline = 50 }, toolchain) {
  const cargoHome = process.env.CARGO_HOME || join(homedir(), '.cargo')
  return [
    `-Ctarget-feature=${target}`,
    // For the standard library too, which the profile alone does not reach.
    ...panic,
    // A panic is reported by its message; the lines of source files would be a twentieth of the data.
    '-Zlocation-detail=none',
    // A quarter of LLVM's default, for functions that do not ask to be inlined: training is as fast, and the module smaller.
    `-Cllvm-args=-inline-threshold=${inline}`,
    ...(toolchain.linker ? [`-Clinker=${toolchain.linker}`] : []),
    ...link.map((argument) => `-Clink-arg=${argument}`),
    // Should the name of a source file be left in the module, it is the one in the repository, not on this machine.
    `--remap-path-prefix=${toolchain.sysroot}=rust`,
    `--remap-path-prefix=${cargoHome}=cargo`,
    `--remap-path-prefix=${root.replace(/\/$/, '')}=tastespace`,
  ].join('\x1f')
}
