// The regret of the ranking kinds' default options: `node bench/regret.mjs [--kinds bpr,ease] [--sets …]`.
//
// For every kind, data set and setting of a small grid: NDCG@10 on the validation part, at its best epoch. The regret of a setting
// is its loss against the best of the grid on that data set; a good default has a small worst regret. No test part is
// read. Results are kept in the cache, one line each, so that a stopped run goes on. Nothing is timed.
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { createModel, Dataset } from '../dist/index.mjs'
import { main } from '../scripts/lib/command.mjs'
import { root } from '../scripts/lib/root.mjs'
import { dataFolder } from './lib/data.mjs'
import { facts } from './lib/machine.mjs'
import { keep } from './lib/record.mjs'
import { remembered } from './lib/remembered.mjs'
import { table } from './lib/report.mjs'

const perUser = { by: 'per-user', fractions: [0.6, 0.2, 0.2], min: 5 }
const lastOfEach = { by: 'leave-one-out', validation: true }

/** Sparse and dense, stars, counts and bare pairs; by user, and by time. */
const SETS = {
  'ml-100k, per user': { file: 'ml-100k/u.data', split: perUser },
  'ml-100k, last item': { file: 'ml-100k/u.data', split: lastOfEach },
  'ml-latest-small, per user': { file: 'ml-latest-small/ratings.csv', split: perUser },
  'ml-latest-small, last item': { file: 'ml-latest-small/ratings.csv', split: lastOfEach },
  'hetrec-lastfm, per user': { file: 'hetrec-lastfm/user_artists.dat', split: perUser },
  'citeulike-t, per user': { file: 'citeulike-t/users.dat', split: perUser },
  'douban, per user': { file: 'douban/train.tsv', split: perUser },
  'generated, sparse, per user': { make: { users: 5000, items: 3000, ratings: 60000, seed: 1 }, split: perUser },
}

/** Kinds that learn an order, which a random part of the rows for validation does not have. */
const SEQUENTIAL = ['attrec', 'sasrec']

/** Sets that a kind is not run on: too many items for EASE, and hours for LRML. */
const LEFT_OUT = { ease: ['citeulike-t, per user'], lrml: ['citeulike-t, per user'] }

/** Settings of each kind besides its defaults. */
const GRIDS = {
  bpr: [0.0025, 0.005, 0.01, 0.02, 0.04].map((penalty) => ({ penalty })),
  'item-knn': [0, 10, 20, 30, 50, 100].flatMap((shrinkage) =>
    [20, 30, 50, 100, 200].map((neighbours) => ({ neighbours, shrinkage })),
  ),
  ials: [
    ...[0.003, 0.03, 0.1].map((penalty) => ({ penalty })),
    ...[0.03, 0.3, 1].map((unobservedWeight) => ({ unobservedWeight })),
    { factors: 128 },
    { weighting: 'log' },
  ],
  ease: [30, 100, 250, 500, 1000, 2000].map((penalty) => ({ penalty })),
  cml: [0.5, 1, 1.5, 1.9, 2.5].map((margin) => ({ margin })),
  lrml: [
    { temperature: 0.2, relationRadius: 0.3 },
    { relationRadius: 0.05 },
    { relationRadius: 0.3 },
    { temperature: 0.2 },
    { temperature: 0.6 },
    { slots: 1 },
  ],
  attrec: [{ temperature: 0.1 }, { temperature: 0.4 }, { longTerm: 0.1 }, { longTerm: 0.6 }, { learningRate: 0.1 }],
  sasrec: [{ learningRate: 0.001 }, { learningRate: 0.01 }, { dropout: 0.2 }, { dropout: 0.6 }, { factors: 128 }],
}

await main(async () => {
  const { values: flags } = parseArgs({
    options: { kinds: { type: 'string' }, sets: { type: 'string' }, 'no-record': { type: 'boolean' } },
  })
  const kinds = flags.kinds?.split(',') ?? Object.keys(GRIDS)
  const sets = Object.keys(SETS).filter((name) => !flags.sets || flags.sets.split(';').includes(name))
  const once = remembered('regret')
  const results = new Map()
  for (const set of sets) {
    let parts
    for (const kind of kinds) {
      if (!suits(kind, set)) continue
      for (const options of [{}, ...GRIDS[kind]]) {
        const value = await once([set, SETS[set], kind, options], async () => {
          parts ??= await load(SETS[set])
          const found = await validated(kind, options, parts)
          process.stderr.write(`${set}  ${kind} ${JSON.stringify(options)}  ${found.toFixed(4)}\n`)
          return found
        })
        results.set(JSON.stringify([set, kind, options]), value)
      }
    }
  }
  const lines = []
  const tables = kinds.map((kind) => {
    const settings = [{}, ...GRIDS[kind]]
    const own = sets.filter((set) => suits(kind, set))
    const values = settings.map((options) => own.map((set) => results.get(JSON.stringify([set, kind, options]))))
    const best = own.map((_, column) => Math.max(...values.map((row) => row[column])))
    const rows = values.map((row, place) => {
      const regrets = row.map((value, column) => 1 - value / best[column])
      row.forEach((value, column) => {
        lines.push([kind, JSON.stringify(settings[place]).replaceAll(',', ' '), `"${own[column]}"`, value].join(','))
      })
      return [
        nameOf(settings[place]),
        ...row.map((value) => value.toFixed(4)),
        `${(100 * Math.max(...regrets)).toFixed(1)} %`,
      ]
    })
    return `${kind}\n${table([['setting', ...own, 'worst regret'], ...rows])}`
  })
  const text = `NDCG@10 on validation, and the worst regret against the best setting of a set\n\n${tables.join('\n\n')}`
  process.stdout.write(`${text}\n`)
  if (flags['no-record']) return
  const { commit, node } = facts()
  const base = keep('regret', 'kind,options,set,ndcg@10', lines, `${text}\n\ncommit: ${commit}\nnode: ${node}`)
  process.stderr.write(`Kept: ${relative(root, base)}.csv, .txt\n`)
})

function suits(kind, set) {
  const ordered = SETS[set].split === lastOfEach
  return !LEFT_OUT[kind]?.includes(set) && (ordered || !SEQUENTIAL.includes(kind))
}

function nameOf(options) {
  const parts = Object.entries(options).map(([key, value]) => `${key} ${value}`)
  return parts.join(', ') || 'defaults'
}

/** Training and validation part. @param {(typeof SETS)[keyof typeof SETS]} set */
async function load({ file, make, split }) {
  const data = make ? await Dataset.synthetic(make) : await Dataset.fromFile(join(dataFolder, file))
  const { train, validation } = await data.split(split)
  return { train, validation }
}

/** NDCG@10 of the best epoch; 0 if training diverges. */
async function validated(kind, options, { train, validation }) {
  const model = await createModel(kind, options)
  try {
    const report = await model.fit(train, { validation, metric: 'ndcg@10', seed: 1 })
    return report.validation.values['ndcg@10']
  } catch (error) {
    if (error.code !== 'model/diverged') throw error
    return 0
  } finally {
    model.dispose()
  }
}
