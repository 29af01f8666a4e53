// Our figures beside those of other libraries: `node bench/cross-check.mjs`. One row a check, with the largest difference; the exit code
// is 1 if a difference is larger than rounding, or than the sampling error of resamples, allows.
//
// Models are trained here on generated data. Their lists, predictions, metrics and files go to a folder, and
// peers/cross_check.py computes the same with ranx, RecTools, SciPy, Surprise, implicit, safetensors and NumPy. They are installed on the
// first run, in an environment of their own (peers/cross_check.txt).
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { confidenceIntervals, createModel, Dataset, pairedTests } from '../dist/index.mjs'
import { main, work } from '../scripts/lib/command.mjs'
import { hashOf } from '../scripts/lib/stamp.mjs'
import { cached } from './lib/cache.mjs'
import { table } from './lib/report.mjs'

const path = (file) => fileURLToPath(new URL(`peers/${file}`, import.meta.url))

const K = 10
const RESAMPLES = 100_000
const HALF_LIFE = 200

await main(async () => {
  const program = await environment()
  const folder = mkdtempSync(join(tmpdir(), 'tastespace-cross-check-'))
  try {
    await write(folder)
    const { stdout } = await promisify(execFile)(program, [path('cross_check.py'), folder], { maxBuffer: 1 << 26 })
    const checks = stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))
    const off = checks.filter(({ difference, tolerance }) => !(difference <= tolerance))
    const rows = checks.map((check) => [
      check.name,
      check.library,
      check.difference.toExponential(1),
      check.tolerance.toExponential(1),
      off.includes(check) ? 'OFF' : 'agrees',
    ])
    process.stdout.write(`${table([['check', 'library', 'largest difference', 'allowed', ''], ...rows])}\n`)
    process.stdout.write(`${checks.length - off.length} of ${checks.length} checks agree\n`)
    if (off.length > 0 || checks.length === 0) process.exitCode = 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

/** The Python of the environment, which is made if it is missing or has another list. */
async function environment() {
  const folder = cached('python-cross-check')
  const [program, stamp] = [join(folder, 'bin', 'python'), join(folder, 'complete')]
  const hash = hashOf(['bench/peers/cross_check.txt'])
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return program
  rmSync(folder, { recursive: true, force: true })
  await work('Making an environment for Python', 'python3', ['-m', 'venv', folder])
  const pip = ['-m', 'pip', 'install', '--no-deps', '--no-cache-dir', '-r', path('cross_check.txt')]
  await work('Installing the libraries to check against', program, pip)
  writeFileSync(stamp, hash)
  return program
}

/** Trains the models and writes what they answer. */
async function write(folder) {
  const data = await Dataset.synthetic({ users: 300, items: 200, ratings: 12_000, seed: 1 })
  const { train, test } = await data.split({ by: 'per-user', fractions: [0.7, 0, 0.3], min: 5 })
  await train.save(join(folder, 'train.csv'))
  await test.save(join(folder, 'test.csv'))
  const models = {}
  for (const [name, kind, options] of [
    ['ials', 'ials', { factors: 16, weighting: 'log' }],
    ['ease', 'ease', {}],
    ['bias', 'bias', {}],
    ['biased-mf', 'biased-mf', { factors: 8 }],
    ['pop', 'pop', {}],
    ['pop-decay', 'pop', { halfLife: HALF_LIFE }],
  ]) {
    const model = await createModel(kind, options)
    await model.fit(train, { epochs: 5, seed: 1 })
    const metrics = await model.evaluate(test, { k: [K], perUser: true })
    await model.save(join(folder, `${name}.safetensors`))
    models[name] = { model, metrics }
  }
  const [users, items] = [await train.userIds(), await train.itemIds()]
  const pairs = users.flatMap((user) => items.slice(0, 40).map((item) => [user, item]))
  const answers = { k: K, halfLife: HALF_LIFE, resamples: RESAMPLES, users, items, pairs, models: {} }
  for (const [name, { model, metrics }] of Object.entries(models)) {
    const { perUser, values } = metrics
    answers.models[name] = {
      options: (await model.info()).options,
      values,
      users: perUser.users,
      rows: [...perUser.rows],
      perUser: Object.fromEntries(Object.entries(perUser.values).map(([metric, of]) => [metric, [...of]])),
      predictions: [...(await model.predict(pairs))],
      intervals: await confidenceIntervals(metrics, { resamples: RESAMPLES }),
    }
  }
  for (const name of ['ials', 'ease']) {
    const lists = await models[name].model.recommend(users, { k: items.length })
    answers.models[name].lists = lists.map((list) => list.map(({ item, score }) => [item, score]))
  }
  const history = items.slice(3, 12).map((item, place) => ({ item, rating: (place % 5) + 1 }))
  const folded = await models.ials.model.recommendFor(history, { k: items.length, seen: 'include' })
  answers.folded = { history, scores: folded.map(({ item, score }) => [item, score]) }
  answers.tests = {
    ranking: await pairedTests(models.ials.metrics, models.ease.metrics, { resamples: RESAMPLES }),
    rating: await pairedTests(models.bias.metrics, models['biased-mf'].metrics, { resamples: RESAMPLES }),
  }
  writeFileSync(join(folder, 'answers.json'), JSON.stringify(answers))
}
