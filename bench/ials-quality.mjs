// iALS and implicit's ALS, tuned alike: `node bench/ials-quality.mjs [--sets NAME;NAME] [--no-record]`.
//
// For each data set and library: a small grid of the weight of all pairs, the L2 regularization and the weights of the positives, each
// after three numbers of epochs, by NDCG@10 on the validation part. The best setting is trained again on training and validation
// and measured on test, where both libraries have the same users, with an interval each and a paired test. Both take conjugate
// gradient with three steps, 64 factors and one seed. Results are kept in the cache, one line each, so that a stopped run goes on.
// Nothing is timed.
import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { confidenceIntervals, createModel, Dataset, pairedTests } from '../dist/index.mjs'
import { Failure, main } from '../scripts/lib/command.mjs'
import { root } from '../scripts/lib/root.mjs'
import { cached } from './lib/cache.mjs'
import { dataFolder } from './lib/data.mjs'
import { SETUP } from './lib/engines.mjs'
import { facts } from './lib/machine.mjs'
import { python } from './lib/python.mjs'
import { keep } from './lib/record.mjs'
import { remembered } from './lib/remembered.mjs'
import { table } from './lib/report.mjs'

const perUser = { by: 'per-user', fractions: [0.6, 0.2, 0.2], min: 5 }

const SETS = {
  'ml-100k, last item': { file: 'ml-100k/u.data', split: { by: 'leave-one-out', validation: true } },
  'citeulike-t, per user': { file: 'citeulike-t/users.dat', split: perUser },
  'hetrec-lastfm, per user': { file: 'hetrec-lastfm/user_artists.dat', split: perUser, counts: true },
}

const PEER = ['harness', 'implicit_als', 'implicit_quality'].map((name) => `bench/peers/${name}.py`)
const EPOCHS = [5, 15, 30]
const SEED = 1

/** Settings: those of counts have logarithmic weights too. */
const grid = ({ counts }) =>
  [0.01, 0.03, 0.1, 0.3].flatMap((unobservedWeight) =>
    [0.15, 0.6, 2.4].flatMap((penalty) =>
      (counts ? ['none', 'log'] : ['none']).map((weighting) => ({
        factors: 64,
        unobservedWeight,
        penalty,
        penaltyExponent: 0.25,
        weighting,
      })),
    ),
  )

const LIBRARIES = { ials: ours, implicit: theirs }

await main(async () => {
  const { values: flags } = parseArgs({ options: { sets: { type: 'string' }, 'no-record': { type: 'boolean' } } })
  if (!python()) throw new Failure(`implicit is not installed: ${SETUP} installs it`)
  const once = remembered('ials-quality', ['bench/ials-quality.mjs', ...PEER])
  const names = Object.keys(SETS).filter((name) => !flags.sets || flags.sets.split(';').includes(name))
  const [lines, rows] = [[], []]
  for (const name of names) {
    const parts = await load(name, SETS[name])
    const tuned = {}
    for (const [library, measure] of Object.entries(LIBRARIES)) {
      const measured = (phase, settings, epochs) =>
        once([name, library, phase, settings, epochs], async () => {
          const found = await measure(parts, phase, settings, epochs)
          process.stderr.write(`${name}  ${library}  ${phase}  ${nameOf(settings)}\n`)
          // The values of users are kept for the test only.
          return phase === 'validation' ? means(found) : found
        })
      let best = { value: -1 }
      for (const settings of grid(SETS[name])) {
        for (const [epochs, value] of Object.entries(await measured('validation', settings, EPOCHS))) {
          lines.push([name, library, 'validation', nameOf(settings), epochs, value].join(';'))
          if (value > best.value) best = { value, settings, epochs: Number(epochs) }
        }
      }
      const found = await measured('test', best.settings, [best.epochs])
      const perUser = aligned(found, best.epochs)
      const { 'ndcg@10': interval } = await confidenceIntervals(perUser)
      lines.push([name, library, 'test', nameOf(best.settings), best.epochs, interval.estimate].join(';'))
      tuned[library] = { ...best, perUser, interval }
    }
    const { 'ndcg@10': paired } = await pairedTests(tuned.ials.perUser, tuned.implicit.perUser)
    for (const [library, { settings, epochs, value, interval }] of Object.entries(tuned)) {
      const shown = [interval.estimate, interval.low, interval.high].map((number) => number.toFixed(4))
      const p = library === 'ials' ? paired.p.toFixed(3) : ''
      rows.push([
        name,
        library,
        nameOf(settings),
        epochs,
        value.toFixed(4),
        `${shown[0]} [${shown[1]}, ${shown[2]}]`,
        p,
      ])
    }
  }
  const head = ['data', 'library', 'chosen', 'epochs', 'validation', 'test NDCG@10 [95 %]', 'p of the difference']
  const text = `iALS and implicit's ALS, tuned alike\n\n${table([head, ...rows])}`
  process.stdout.write(`${text}\n`)
  if (flags['no-record']) return
  const { commit, node } = facts()
  const base = keep(
    'ials-quality',
    'set;library;part;settings;epochs;ndcg@10',
    lines,
    `${text}\n\ncommit: ${commit}\nnode: ${node}`,
  )
  process.stderr.write(`Kept: ${relative(root, base)}.csv, .txt\n`)
})

function nameOf({ unobservedWeight, penalty, weighting }) {
  return `α ${unobservedWeight}, λ ${penalty}${weighting === 'none' ? '' : `, ${weighting}`}`
}

/** The mean over users by number of epochs. */
function means({ ndcg }) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length
  return Object.fromEntries(Object.entries(ndcg).map(([epochs, values]) => [epochs, mean(values)]))
}

/** The values of users as `evaluate` returns them, in the order of ids. */
function aligned({ users, ndcg }, epochs) {
  const order = users.map((_, place) => place).sort((a, b) => users[a] - users[b])
  const values = { 'ndcg@10': Float64Array.from(order, (place) => ndcg[epochs][place]) }
  const ids = order.map((place) => `${users[place]}`)
  return {
    rows: users.length,
    cold: 0,
    values: {},
    perUser: { users: ids, rows: new Uint32Array(users.length).fill(1), values },
  }
}

/** The parts of a split, and their files for the peer. */
async function load(name, { file, split }) {
  const parts = await (await Dataset.fromFile(join(dataFolder, file))).split(split)
  const folder = cached('ials-quality', name.replaceAll(/[^a-z0-9]+/g, '-'))
  mkdirSync(folder, { recursive: true })
  const files = {}
  for (const part of ['train', 'validation', 'test', 'trainAndValidation']) {
    files[part] = join(folder, `${part}.csv`)
    await parts[part].save(files[part])
  }
  return { ...parts, files }
}

function partsOf(phase) {
  return phase === 'validation' ? ['train', 'validation'] : ['trainAndValidation', 'test']
}

/** `{ users, ndcg: { epochs: values } }` of our model. */
async function ours(parts, phase, settings, epochs) {
  const [train, held] = partsOf(phase).map((part) => parts[part])
  const model = await createModel('ials', settings)
  const found = { users: [], ndcg: {} }
  let done = 0
  for (const count of epochs) {
    if (done === 0) await model.fit(train, { epochs: count, seed: SEED })
    else await model.continueFit(train, { epochs: count - done, seed: SEED })
    done = count
    const { perUser } = await model.evaluate(held, { metrics: ['ndcg@10'], perUser: true })
    found.users = perUser.users.map(Number)
    found.ndcg[count] = [...perUser.values['ndcg@10']]
  }
  model.dispose()
  return found
}

/** The same of implicit. */
async function theirs({ files }, phase, options, epochs) {
  const { program, env } = python()
  const [train, test] = partsOf(phase).map((part) => files[part])
  const script = fileURLToPath(new URL('peers/implicit_quality.py', import.meta.url))
  const job = { train, test, options, epochs, seed: SEED, threads: 1, cg: true }
  const { stdout } = await promisify(execFile)(program, [script, JSON.stringify(job)], {
    env: { ...process.env, ...env },
    maxBuffer: 1 << 28,
  })
  return JSON.parse(stdout)
}
