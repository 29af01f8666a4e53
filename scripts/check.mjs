// Types, lint and format of both languages. All checks run; one failure fails the command.
import { spawnSync } from 'node:child_process'
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

const failed = CHECKS.filter(([program, ...args]) => {
  console.log(`\n> ${program} ${args.join(' ')}`)
  return spawnSync(program, args, { cwd: root, stdio: 'inherit' }).status !== 0
})
console.log(
  failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.map((check) => check.join(' ')).join('; ')}`,
)
process.exitCode = failed.length === 0 ? 0 : 1
