// Changes the TypeScript code of a folder in random places, one at a time; each change should fail a test:
// `npm run mutants:ts -- COUNT SEED FOLDER`. The mutants are those of Stryker, all in one build that an environment variable switches.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure, main } from './lib/command.mjs'
import { root } from './lib/root.mjs'
import { sampled } from './lib/sample.mjs'

/** Tests of a folder, those that fail soonest first. */
const TESTS = {
  engine: [
    ['test/engine/start.test.ts', 'test/engine/lifetime.test.ts', 'test/engine/control.test.ts'],
    ['test/engine/crash.test.ts', 'test/engine/pool.test.ts', 'test/engine/capabilities.test.ts'],
    ['test/engine/permission.test.ts', 'test/engine/parallel.test.ts', 'test/conformance/arguments.test.ts'],
    ['test/engine/memory.test.ts', 'test/conformance/model.test.ts', 'test/conformance/dataset.test.ts'],
  ],
}

/** Code that only runs in pages, Workers and other programs, where the variable is not known. */
const ELSEWHERE = /browser|edge|pipe|frames|entries/

/** Milliseconds for the tests of a mutant: one that hangs is caught. */
const LIMIT = 300_000

await main(async () => {
  const [count = '100', seed = String(Date.now() % 1_000_000), folder = 'engine'] = process.argv.slice(2)
  const stages = TESTS[folder]
  if (!stages) throw new Failure(`There are no tests for ts/${folder}: expected ${Object.keys(TESTS).join(', ')}.`)
  const sandbox = sandboxOf()
  const mutants = await mutate(join(sandbox, 'ts', folder))
  // Only the modules: neither types nor pages are tested.
  writeFileSync(
    join(sandbox, 'tsup.mutants.ts'),
    "import all from './tsup.config.ts'\nexport default (all as object[])[0]\n",
  )
  // The programs themselves: behind npx they would outlive the limit.
  const run = ([program, ...args], env = {}) =>
    spawnSync(process.execPath, [join(root, 'node_modules', program), ...args], {
      cwd: sandbox,
      env: { ...process.env, ...env },
      encoding: 'utf8',
      timeout: LIMIT,
      killSignal: 'SIGKILL',
    })
  const built = run(['tsup/dist/cli-default.js', '--config', 'tsup.mutants.ts'])
  if (built.status !== 0) throw new Failure(`The mutants cannot be built.\n${built.stdout}${built.stderr}`)
  const vitest = ['vitest/vitest.mjs', 'run', '--bail', '1', '--reporter', 'dot', '--testTimeout', '20000']
  const fails = (id) =>
    stages.find((files) => run([...vitest, ...files], { __STRYKER_ACTIVE_MUTANT__: id }).status !== 0)
  const broken = fails('none')
  if (broken) throw new Failure(`Without a mutant, tests fail already: ${broken.join(', ')}.`)
  const sample = sampled(mutants, Number(count), seed, ({ id }) => id)
  console.log(`${sample.length} of ${mutants.length} mutants of ts/${folder}, from seed ${seed}`)
  let caught = 0
  for (const [place, mutant] of sample.entries()) {
    const { fileName, location, replacement, mutatorName } = mutant
    const found = fails(mutant.id)
    if (found) caught++
    const at = `${fileName.slice(sandbox.length + 1)}:${location.start.line + 1}:${location.start.column + 1}`
    const what = replacement.replaceAll(/\s+/g, ' ').slice(0, 100)
    console.log(`${found ? 'caught ' : 'MISSED '} ${at} ${mutatorName}: ${what} (${caught} of ${place + 1})`)
  }
})

/** A copy of what is built and tested. */
function sandboxOf() {
  const sandbox = join(root, 'target/mutants-ts')
  rmSync(sandbox, { recursive: true, force: true })
  mkdirSync(sandbox, { recursive: true })
  for (const name of ['ts', 'test', 'dist', 'package.json', 'tsconfig.json', 'tsup.config.ts', 'vitest.config.ts']) {
    cpSync(join(root, name), join(sandbox, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(sandbox, 'node_modules'))
  return sandbox
}

/** Puts the mutants into the files of a folder. */
async function mutate(folder) {
  const { Instrumenter, disableTypeChecks } = await import('@stryker-mutator/instrumenter').catch(() => {
    throw new Failure('This needs `npm install --no-save @stryker-mutator/instrumenter@10`.')
  })
  const logger = new Proxy({}, { get: () => () => false })
  const files = readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.ts') && !ELSEWHERE.test(name))
    .map((name) => join(folder, name))
    .map((name) => ({ name, content: readFileSync(name, 'utf8'), mutate: true }))
  const options = { plugins: null, excludedMutations: [], ignorers: [] }
  const result = await new Instrumenter(logger).instrument(files, options)
  for (const file of result.files) {
    const { content } = await disableTypeChecks(file, { plugins: null })
    writeFileSync(file.name, content)
  }
  return result.mutants.filter(({ statusReason, status }) => !statusReason && !status)
}
