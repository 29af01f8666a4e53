// Types, lint and format of all languages. All checks run; one failure fails the command.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pythonEnvironment } from '../python/environment.mjs'
import { main } from './lib/command.mjs'
import { root } from './lib/root.mjs'

const CHECKS = [
  ['node', 'scripts/setup.mjs'],
  ['npx', '--no-install', 'tsc'],
  ['npx', '--no-install', 'biome', 'check', '--error-on-warnings', '.'],
  ['node', 'scripts/generate.mjs', '--check'],
  ['node', 'bench/docs.mjs', '--check'],
  ['cargo', 'fmt', '--all', '--check'],
  ['cargo', 'clippy', '--workspace', '--all-targets', '--', '-D', 'warnings'],
]

/** In the folder of the package for Spark. */
const PYTHON_CHECKS = [
  ['-m', 'ruff', 'check', '.'],
  ['-m', 'ruff', 'format', '--check', '.'],
  ['-m', 'mypy'],
]

await main(async () => {
  const failed = CHECKS.filter((check) => fails(root, check))
  const { program, missing } = await pythonEnvironment()
  if (program) failed.push(...PYTHON_CHECKS.filter((check) => fails(join(root, 'python'), [program, ...check])))
  else console.log(`\nThe package for Spark is not checked: that needs ${missing}.`)
  const named = failed.map((check) => check.join(' ')).join('; ')
  console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${named}`)
  process.exitCode = failed.length === 0 ? 0 : 1
})

function fails(cwd, [program, ...args]) {
  console.log(`\n> ${program} ${args.join(' ')}`)
  return spawnSync(program, args, { cwd, stdio: 'inherit' }).status !== 0
}
