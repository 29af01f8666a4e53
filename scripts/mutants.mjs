// Changes the Rust code in random places, one at a time; each change should fail a test: `npm run mutants -- COUNT SEED FOLDER…`.
// FOLDER is one of `crates`. Reports are in `target/mutants.out`.
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { ask, Failure, main } from './lib/command.mjs'
import { root } from './lib/root.mjs'
import { sampled } from './lib/sample.mjs'

await main(() => {
  process.chdir(root)
  const [count = '100', seed = String(Date.now() % 1_000_000), ...given] = process.argv.slice(2)
  const folders = given.length > 0 ? given : ['kernels', 'optim']
  const where = ['--workspace', ...folders.flatMap((folder) => ['--file', `crates/${folder}/**`])]
  if (!ask('cargo', ['mutants', '--version'])) throw new Failure('This needs `cargo install cargo-mutants --locked`.')
  const all = ask('cargo', ['mutants', '--list', ...where])?.split('\n')
  if (!all) throw new Failure(`There are no mutants in ${folders.join(', ')}.`)
  const sample = sampled(all, Number(count), seed)
  console.log(`${sample.length} of ${all.length} mutants, from seed ${seed}`)
  const exact = (text) => `^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`
  mkdirSync('target', { recursive: true })
  // Version 27 of cargo-mutants adds all that leave out a field of a struct.
  const chosen = sample.flatMap((mutant) => ['--re', exact(mutant)])
  // A random case that fails is enough: it is neither shrunk nor kept.
  const env = { ...process.env, PROPTEST_MAX_SHRINK_ITERS: '0', PROPTEST_DISABLE_FAILURE_PERSISTENCE: 'true' }
  process.exitCode = spawnSync('cargo', ['mutants', ...where, ...chosen], { stdio: 'inherit', env }).status ?? 1
})
