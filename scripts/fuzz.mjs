// Random calls on the built package for as long as asked: `npm run fuzz -- SECONDS SEED`. A fault is printed with its seed.
import { spawnSync } from 'node:child_process'
import { root } from './lib/root.mjs'

const [seconds = '300', seed = String(Date.now() % 1_000_000)] = process.argv.slice(2)
console.log(`${seconds} s from seed ${seed}`)
const { status } = spawnSync('npx', ['--no-install', 'vitest', 'run', 'test/fuzz'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, FUZZ_SECONDS: seconds, FUZZ_SEED: seed },
})
process.exitCode = status ?? 1
