// The regret of the ranking kinds' default options: `node bench/regret.mjs [--kinds bpr,ease] [--sets …] [--seeds 1,2]`.
//
// For every kind, data set and setting of a small grid: NDCG@10 on the validation part, at its best epoch, mean of the seeds. The regret
// of a setting is its loss against the best of the grid on that data set; a good default has a small worst regret. No test part is
// read. Sequential kinds have few validation rows, and the best of many epochs on them favours settings that vary from epoch to
// epoch. So they are trained as fit does it by itself: it chooses the epochs on rows of the training part, and trains again on all of it.
// Results are kept in the cache, one line each, so that a stopped run goes on.
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

/** Rows of the earlier half of MovieLens 100K, and of the later half of latest small. */
const [until, from] = [882_826_944, 1_181_966_588]

/** Sparse and dense, stars, counts and bare pairs; by user, and by time. */
const SETS = {
  'ml-100k, per user': { file: 'ml-100k/u.data', split: perUser },
  'ml-100k, last item': { file: 'ml-100k/u.data', split: lastOfEach },
  'ml-latest-small, per user': { file: 'ml-latest-small/ratings.csv', split: perUser },
  'ml-latest-small, last item': { file: 'ml-latest-small/ratings.csv', split: lastOfEach },
  'hetrec-lastfm, per user': { file: 'hetrec-lastfm/user_artists.dat', split: perUser },
  'citeulike-t, per user': { file: 'citeulike-t/users.dat', split: perUser },
  'douban, per user': { file: 'douban/train.tsv', split: perUser },
  'ml-100k, a tenth, per user': { file: 'ml-100k/u.data', share: 0.1, split: perUser },
  'ml-latest-small, a tenth, per user': { file: 'ml-latest-small/ratings.csv', share: 0.1, split: perUser },
  'hetrec-lastfm, a third, per user': { file: 'hetrec-lastfm/user_artists.dat', share: 1 / 3, split: perUser },
  'ml-100k, 4 stars, last item': { file: 'ml-100k/u.data', filter: { positiveThreshold: 4 }, split: lastOfEach },
  'ml-latest-small, 4 stars, last item': {
    file: 'ml-latest-small/ratings.csv',
    filter: { positiveThreshold: 4 },
    split: lastOfEach,
  },
  'ml-100k, early half, last item': { file: 'ml-100k/u.data', filter: { until }, split: lastOfEach },
  'ml-latest-small, late half, last item': {
    file: 'ml-latest-small/ratings.csv',
    filter: { from },
    split: lastOfEach,
  },
  'generated, sparse, per user': { make: { users: 5000, items: 3000, ratings: 60000, seed: 1 }, split: perUser },
}

/** Kinds that learn an order, which a random part of the rows for validation does not have. AttRec alone is run on the filtered sets. */
const SEQUENTIAL = ['attrec', 'sasrec']

/** Kinds with more than one seed. With some hundred validation rows, the best setting depends on the seed. */
const SEEDS = { attrec: [1, 2, 3], sasrec: [1, 2, 3] }

/** Sets that a kind is not run on: too many items for EASE, and hours for LRML. */
const LEFT_OUT = {
  ease: ['citeulike-t, per user', 'hetrec-lastfm, a third, per user'],
  lrml: ['citeulike-t, per user'],
}

/** Settings of each kind besides its defaults. Settings that were best on none of the first eight sets are left out. */
const GRIDS = {
  bpr: [0.005, 0.01, 0.04].map((penalty) => ({ penalty })),
  'item-knn': [0, 10, 20, 30, 50, 100].flatMap((shrinkage) =>
    [20, 30, 50, 100, 200].map((neighbours) => ({ neighbours, shrinkage })),
  ),
  ials: [
    { penalty: 0.6 },
    { penalty: 1 },
    { penalty: 1.25 },
    { penalty: 1.5 },
    { penalty: 1, unobservedWeight: 0.1 },
    { penalty: 1.5, unobservedWeight: 0.1 },
  ],
  ease: [100, 500, 1000].map((penalty) => ({ penalty })),
  cml: [1.5, 1.9].map((margin) => ({ margin })),
  lrml: [{ relationRadius: 0.05 }, { temperature: 0.6 }],
  attrec: [{ temperature: 0.4 }, { longTerm: 0.6 }, { learningRate: 0.1 }],
  sasrec: [{ learningRate: 0.003 }],
}

await main(async () => {
  const { values: flags } = parseArgs({
    options: {
      kinds: { type: 'string' },
      sets: { type: 'string' },
      seeds: { type: 'string' },
      'no-record': { type: 'boolean' },
    },
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
        const seeds = flags.seeds?.split(',').map(Number) ?? SEEDS[kind] ?? [1]
        const protocol = SEQUENTIAL.includes(kind) ? ['epochs chosen within'] : []
        let sum = 0
        for (const seed of seeds) {
          sum += await once([set, SETS[set], kind, options, seed, ...protocol], async () => {
            parts ??= await load(SETS[set])
            const found = await validated(kind, options, seed, parts)
            process.stderr.write(`${set}  ${kind} ${JSON.stringify(options)}  ${found.toFixed(4)}\n`)
            return found
          })
        }
        results.set(JSON.stringify([set, kind, options]), sum / seeds.length)
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
  const { split, filter } = SETS[set]
  if (LEFT_OUT[kind]?.includes(set)) return false
  if (kind === 'attrec') return split === lastOfEach
  // SASRec takes an hour on the filtered sets.
  return !filter && (kind !== 'sasrec' || split === lastOfEach)
}

function nameOf(options) {
  const parts = Object.entries(options).map(([key, value]) => `${key} ${value}`)
  return parts.join(', ') || 'defaults'
}

/** Training and validation part. @param {(typeof SETS)[keyof typeof SETS]} set */
async function load({ file, make, share, filter, split }) {
  let data = make ? await Dataset.synthetic(make) : await Dataset.fromFile(join(dataFolder, file))
  if (share) data = (await data.split({ by: 'random', test: 1 - share, seed: 1 })).train
  if (filter) data = await data.filter(filter)
  const { train, validation } = await data.split(split)
  return { train, validation }
}

/** NDCG@10 on validation; 0 if training diverges. */
async function validated(kind, options, seed, { train, validation }) {
  const model = await createModel(kind, options)
  const metric = 'ndcg@10'
  try {
    if (SEQUENTIAL.includes(kind)) {
      await model.fit(train, { metric, seed })
      return (await model.evaluate(validation, { metrics: [metric] })).values[metric]
    }
    const report = await model.fit(train, { validation, metric, seed })
    return report.validation.values[metric]
  } catch (error) {
    if (error.code !== 'model/diverged') throw error
    return 0
  } finally {
    model.dispose()
  }
}
