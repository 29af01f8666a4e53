// Builds the module that trains a part of the blocks, as a file of the Python package. It is not in npm's.
import { copyFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { main, work } from '../../scripts/lib/command.mjs'
import { root } from '../../scripts/lib/root.mjs'
import { rustFlags, wasmFlags } from '../../scripts/lib/rust-flags.mjs'
import { hashOf, unlessStamped } from '../../scripts/lib/stamp.mjs'
import { pickToolchain } from '../../scripts/lib/toolchain.mjs'

const OUTPUT = 'python/src/tastespace_spark/tastespace_shard.wasm'

async function build() {
  const toolchain = await pickToolchain()
  const hash = hashOf(['Cargo.toml', 'Cargo.lock', 'crates', 'scripts/lib'], {
    keep: (file) => /\.(rs|toml|lock|mjs)$/.test(file) && !file.includes('/crates/wasm/'),
    texts: [toolchain.label],
  })
  await unlessStamped('target/shard.stamp', hash, [OUTPUT], async () => {
    const target = join(root, 'target/shard')
    const env = {
      ...toolchain.env,
      CARGO_ENCODED_RUSTFLAGS: rustFlags({ target: '+simd128', link: [], panic: ['-Cpanic=abort'] }, toolchain),
    }
    const cargo = ['build', '-p', 'tastespace-shard', ...wasmFlags('engine'), '--target-dir', target]
    await work('Building the module for Spark', 'cargo', cargo, { env, cwd: root })
    copyFileSync(join(target, 'wasm32-unknown-unknown/engine/tastespace_shard.wasm'), join(root, OUTPUT))
    console.error(`${OUTPUT}: ${Math.round(statSync(join(root, OUTPUT)).size / 1000)} KB`)
  })
}

await main(build)
