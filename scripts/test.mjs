// Runs all tests: Rust's, then two lanes at once, each of which uses little more than one core. The last line counts the tests.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { hasJava, pythonEnvironment } from '../python/environment.mjs'
import { pickChromium } from './lib/chromium.mjs'
import { Failure, main, watch } from './lib/command.mjs'
import { root } from './lib/root.mjs'

/** Tests that wait for a browser or a bundler most of the time. */
const IN_PAGES = ['test/browser', 'test/studio', 'test/packaging']

await main(async () => {
  const setup = await watch(process.execPath, [join(root, 'scripts/setup.mjs')])
  if (setup.status !== 0) throw new Failure('0 passed, 1 failed')

  const cargo = checked('cargo', await rust())
  const env = { ...process.env, ...(await browser()) }
  const lanes = [
    async () => [await typescript('with pages', IN_PAGES, env), await python()],
    async () => [
      await typescript(
        'without pages',
        IN_PAGES.flatMap((folder) => ['--exclude', `${folder}/**`]),
        env,
      ),
    ],
  ]
  const results = [cargo, ...(await Promise.all(lanes.map((lane) => lane()))).flat()]
  const sum = (key) => results.reduce((total, result) => total + result[key], 0)
  const skipped = sum('skipped')
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped ? `, ${skipped} skipped` : ''}`)
  if (sum('failed')) process.exitCode = 1
})

async function rust() {
  const { status, output } = await watch('cargo', ['test', '--workspace', '--no-fail-fast'], { cwd: root })
  const counts = [...output.matchAll(/^test result: .*? (\d+) passed; (\d+) failed; (\d+) ignored/gm)]
  const sum = (group) => counts.reduce((total, match) => total + Number(match[group]), 0)
  return { status, passed: sum(1), failed: sum(2), skipped: sum(3) }
}

async function typescript(name, files, env) {
  const report = join(root, `target/vitest-${name.replace(' ', '-')}.json`)
  rmSync(report, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { status } = await watch('npx', ['--no-install', 'vitest', 'run', ...files, ...reporters], { cwd: root, env })
  const counts = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : {}
  const { numPassedTests: passed = 0, numFailedTests: failed = 0, numPendingTests: skipped = 0 } = counts
  return checked(`vitest ${name}`, { status, passed, failed, skipped })
}

async function python() {
  const { program, missing } = hasJava() ? await pythonEnvironment() : { missing: 'Java' }
  if (!program) {
    console.log(`The tests of the package for Spark are skipped: they need ${missing}.`)
    return { passed: 0, failed: 0, skipped: 0 }
  }
  const { status, output } = await watch(program, ['-m', 'pytest', '-q'], { cwd: join(root, 'python') })
  const count = (what) => Number(output.match(new RegExp(`(\\d+) ${what}`))?.[1] ?? 0)
  return checked('pytest', {
    status,
    passed: count('passed'),
    failed: count('failed') + count('error'),
    skipped: count('skipped'),
  })
}

/** The browser of the tests. Without one, browser tests fail and all others run. */
async function browser() {
  try {
    return { CHROMIUM: await pickChromium() }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    console.error(error.message)
    return {}
  }
}

/** A runner without tests, or that failed without a failed test (a compile error), counts as a failure. */
function checked(name, { status, passed, failed, skipped }) {
  if (passed + failed === 0) console.log(`${name} ran no test`)
  else if (status !== 0 && failed === 0) console.log(`${name} failed outside its tests`)
  else return { passed, failed, skipped }
  return { passed, failed: failed + 1, skipped }
}
