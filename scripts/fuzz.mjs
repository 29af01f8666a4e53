// Random cases for as long as asked: files and model files with faults in Rust, then calls of the built package:
// `npm run fuzz -- SECONDS SEED`, seconds for each of the five. A fault is printed with its seed.
import { spawnSync } from 'node:child_process'
import { root } from './lib/root.mjs'

const [seconds = '60', seed = String(Date.now() % 1_000_000)] = process.argv.slice(2)
console.log(`${seconds} s each, from seed ${seed}`)
const env = { ...process.env, FUZZ_SECONDS: seconds, FUZZ_SEED: seed }
const crates = ['data', 'models'].flatMap((name) => ['-p', `tastespace-${name}`])
const rust = [
  'test',
  '--release',
  '--no-fail-fast',
  ...crates,
  '--test',
  'fuzz',
  '--',
  '--nocapture',
  '--test-threads=1',
]
const failed = [
  ['cargo', rust],
  ['npx', ['--no-install', 'vitest', 'run', 'test/fuzz']],
].filter(([program, args]) => spawnSync(program, args, { cwd: root, stdio: 'inherit', env }).status !== 0)
process.exitCode = failed.length > 0 ? 1 : 0
