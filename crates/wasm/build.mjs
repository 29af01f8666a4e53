// Builds the engine three times from one source: `dist/mt` with threads, `dist/st` without, and `dist/edge` for serving alone.
//
//   node crates/wasm/build.mjs           builds what changed
//   node crates/wasm/build.mjs edge      the same of some of the builds
//   node crates/wasm/build.mjs --which   prints the Rust tool chain that a build would use
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { main, work } from '../../scripts/lib/command.mjs'
import { root } from '../../scripts/lib/root.mjs'
import { rustFlags, wasmFlags } from '../../scripts/lib/rust-flags.mjs'
import { hashOf, unlessStamped } from '../../scripts/lib/stamp.mjs'
import { pickToolchain } from '../../scripts/lib/toolchain.mjs'
import { wasmBindgen } from '../../scripts/lib/wasm-bindgen.mjs'

const VARIANTS = {
  mt: {
    title: 'Building the engine with threads',
    profile: 'engine',
    cargo: ['--features', 'threads'],
    target: '+simd128,+atomics,+bulk-memory,+mutable-globals',
    link: [
      '--shared-memory',
      '--import-memory',
      // Shared memory must declare its most: all that 32 bits address. Browsers and Node only reserve it.
      '--max-memory=4294967296',
      // wasm-bindgen sets up each thread's stack and thread-locals through these.
      ...['__wasm_init_tls', '__tls_size', '__tls_align', '__tls_base', '__heap_base'].map(
        (name) => `--export=${name}`,
      ),
    ],
    panic: ['-Cpanic=abort'],
  },
  st: {
    title: 'Building the engine without threads',
    profile: 'engine',
    cargo: [],
    target: '+simd128',
    link: [],
    panic: ['-Cpanic=abort'],
  },
  edge: {
    title: 'Building the engine for serving alone',
    profile: 'edge',
    cargo: ['--no-default-features'],
    target: '+simd128',
    link: [],
    // A panic traps at once, so that the module needs no messages of panics and no code that formats them.
    panic: ['-Zunstable-options', '-Cpanic=immediate-abort'],
    // Answers are as fast as with 50, and the module is a twentieth smaller.
    inline: 10,
    small: true,
  },
}
const OUTPUTS = ['tastespace_wasm.js', 'tastespace_wasm.d.ts', 'tastespace_wasm_bg.wasm']

/** Builds the variants whose sources, flags or tools changed, and the tool they need, all at once. */
async function buildWasm() {
  const toolchain = await pickToolchain()
  const hash = hashOf(['Cargo.toml', 'Cargo.lock', 'crates', 'scripts/lib', 'tools'], {
    keep: (file) => /\.(rs|toml|lock|mjs)$/.test(file) && !file.includes('/crates/shard/'),
    texts: [toolchain.label],
  })
  let tool
  const wanted = Object.keys(VARIANTS).filter((name) => process.argv.includes(name))
  const builds = (wanted.length > 0 ? wanted : Object.keys(VARIANTS)).map((name) => {
    const variant = VARIANTS[name]
    const outputs = OUTPUTS.map((file) => `dist/${name}/${file}`)
    return unlessStamped(`target/${name}.stamp`, hash, outputs, () => {
      tool ??= wasmBindgen(toolchain)
      return build(name, variant, toolchain, tool)
    })
  })
  const failed = (await Promise.allSettled(builds)).find(({ status }) => status === 'rejected')
  if (failed) throw failed.reason
}

async function build(name, variant, toolchain, tool) {
  // A target folder for each, since a variant's flags are those of the standard library too.
  const target = join(root, 'target', name)
  const env = {
    ...toolchain.env,
    CARGO_ENCODED_RUSTFLAGS: rustFlags(variant, toolchain),
  }
  const cargo = [
    'build',
    '-p',
    'tastespace-wasm',
    ...wasmFlags(variant.profile, variant),
    '--target-dir',
    target,
    ...variant.cargo,
  ]
  await work(variant.title, 'cargo', cargo, { env, cwd: root })

  const made = join(target, 'wasm-bindgen')
  const compiled = join(target, `wasm32-unknown-unknown/${variant.profile}/tastespace_wasm.wasm`)
  await work(`${variant.title}: JavaScript`, await tool, [compiled, made])
  const out = join(root, 'dist', name)
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  for (const file of OUTPUTS) copyFileSync(join(made, file), join(out, file))
  console.error(`dist/${name}: ${kilobytes(readFileSync(join(out, OUTPUTS[2])))}`)
}

/** The size of a module, and what a page downloads of it. */
function kilobytes(module) {
  const inKilobytes = (bytes) => `${Math.round(bytes / 1000)} KB`
  return `${inKilobytes(module.length)}, ${inKilobytes(brotliCompressSync(module).length)} with Brotli`
}

await main(async () => {
  if (process.argv.includes('--which')) console.log((await pickToolchain({ install: false })).label)
  else await buildWasm()
})
