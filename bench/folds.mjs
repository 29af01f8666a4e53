// Is one validation part enough on few ratings? Held-out RMSE by the number of epochs that is chosen on a tenth of the training ratings, as
// `fit` does it, on the mean of five folds, and on the test part, which is the best that any rule could do.
//
//   node bench/folds.mjs [--models biased-mf,glocal-k] [--seeds 1,2,3]
//
// With folds, epoch 0 counts as an epoch like the others. Results are kept in the cache, so that a stopped run goes on.
import { parseArgs } from 'node:util'
import { createModelByName, Dataset } from '../dist/index.mjs'
import { filesOf, rescaled, thinned } from './lib/data.mjs'
import { remembered } from './lib/remembered.mjs'
import { table } from './lib/report.mjs'

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: 'biased-mf' },
    seeds: { type: 'string', default: '1,2,3,4' },
  },
})

const SETS = {
  '1,500 ratings of MovieLens 100K': (seed) => thinned('ml-100k', 1_500, seed),
  '3,000 ratings of MovieLens 100K': (seed) => thinned('ml-100k', 3_000, seed),
  '3,000 ratings of MovieLens latest small': (seed) => thinned('ml-latest-small', 3_000, seed),
  '5,300 ratings from 1 to 100': (seed) => rescaled('ml-latest-small', 5_300, seed),
  '10,000 ratings of MovieLens 100K': (seed) => thinned('ml-100k', 10_000, seed),
  '26,000 ratings of MovieLens latest small': (seed) => thinned('ml-latest-small', 26_000, seed),
}

const FOLDS = 5

const once = remembered('folds', ['bench/folds.mjs'])
for (const kind of values.models.split(',')) {
  const rows = [['', 'seed', 'bias', 'a tenth', 'epochs', `${FOLDS} folds`, 'epochs', 'best on test', 'epochs']]
  for (const [name, source] of Object.entries(SETS)) {
    for (const seed of values.seeds.split(',').map(Number)) {
      const found = await once([kind, name, seed], () => compare(kind, source(seed), seed))
      const cells = ['tenth', 'folds', 'best'].flatMap((rule) => [found[rule].rmse.toFixed(4), found[rule].epochs])
      rows.push([name, seed, found.bias.toFixed(4), ...cells])
    }
  }
  console.log(`${kind}\n\n${table(rows)}\n`)
}
process.exit(0)

function lowest(values) {
  return values.indexOf(Math.min(...values))
}

async function compare(kind, source, seed) {
  const files = await filesOf(source)
  const [all, held] = await Promise.all([files.train, files.test].map((file) => Dataset.fromFile(file)))
  const { train, test } = await all.split({ by: 'file', test: held })
  const curves = []
  for (let fold = 0; fold < FOLDS; fold++) {
    const parts = await train.split({ by: 'kfold', folds: FOLDS, fold, seed })
    curves.push(await curve(kind, parts.train, parts.test, seed))
  }
  const length = Math.min(...curves.map((values) => values.length))
  const mean = Array.from({ length }, (_, epoch) => curves.reduce((sum, values) => sum + values[epoch], 0) / FOLDS)
  const onTest = await curve(kind, train, test, seed)
  const chosen = lowest(mean)
  return {
    bias: onTest[0],
    tenth: await fitted(kind, train, test, { seed }),
    folds: { epochs: chosen, rmse: onTest[Math.min(chosen, onTest.length - 1)] },
    best: { epochs: lowest(onTest), rmse: Math.min(...onTest) },
  }
}

/** The RMSE on `validation` before the first epoch and after each. */
async function curve(kind, train, validation, seed) {
  const model = await createModelByName(kind)
  const { history } = await model.fit(train, { validation, seed, patience: 1000 })
  model.dispose()
  return [history[0].start.values.rmse, ...history.map((epoch) => epoch.validation.values.rmse)]
}

async function fitted(kind, train, test, options) {
  const model = await createModelByName(kind)
  const { epochs } = await model.fit(train, options)
  const { rmse } = (await model.evaluate(test)).values
  model.dispose()
  return { epochs, rmse }
}
