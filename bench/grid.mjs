// The error of biased MF over latent dimension, optimizer, learning rate and L2 regularization: `node bench/grid.mjs`.
//
// Every point is trained on nine tenths of the training ratings of MovieLens 100K's split u1 until the error on
// the rest has not improved for 20 epochs; the chart shows the best error. The best point of each optimizer is then
// trained on all training ratings for the same number of epochs and evaluated on the test ratings, once. Nothing is timed, so
// the machine may be busy.
import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { BiasedMF, Dataset } from '../dist/index.mjs'
import { main } from '../scripts/lib/command.mjs'
import { root } from '../scripts/lib/root.mjs'
import { dataFolder } from './lib/data.mjs'
import { facts } from './lib/machine.mjs'
import { svg } from './lib/plot.mjs'
import { folder, keep } from './lib/record.mjs'
import { table } from './lib/report.mjs'

const FACTORS = [8, 16, 32, 64, 128]
const PENALTIES = [0.01, 0.03, 0.06, 0.1, 0.2]
/** Learning rates by optimizer: mini-batches sum the gradients of a row, and Adam divides by their size. */
const OPTIMIZERS = {
  sgd: [0.003, 0.007, 0.015, 0.03],
  adam: [0.0003, 0.001, 0.003, 0.01],
  adagrad: [0.01, 0.03, 0.1, 0.3],
}
const EPOCHS = 300

await main(async () => {
  const { values: flags } = parseArgs({ options: { 'no-record': { type: 'boolean' } } })
  const [train, test] = await Promise.all(
    ['ml-100k/u1.base', 'ml-100k/u1.test'].map((file) => Dataset.fromFile(join(dataFolder, file))),
  )
  const whole = await train.split({ by: 'file', test })
  const parts = await whole.train.split({ by: 'random', test: 0.1, seed: 0 })
  const points = []
  const all = Object.entries(OPTIMIZERS).flatMap(([optimizer, rates]) =>
    FACTORS.flatMap((factors) =>
      rates.flatMap((learningRate) => PENALTIES.map((penalty) => ({ optimizer, factors, learningRate, penalty }))),
    ),
  )
  for (const options of all) {
    const { rmse, epochs } = await validated(options, parts)
    points.push({ ...options, rmse, epochs })
    if (process.stderr.isTTY) process.stderr.write(`\r${points.length} of ${all.length}`)
  }
  if (process.stderr.isTTY) process.stderr.write('\n')

  const rows = [['optimiser', 'factors', 'learning rate', 'penalty', 'epochs', 'validation', 'test']]
  for (const optimizer of Object.keys(OPTIMIZERS)) {
    const [best] = points.filter((point) => point.optimizer === optimizer).sort((a, b) => a.rmse - b.rmse)
    const { rmse, epochs, ...options } = best
    const model = await BiasedMF.create(options)
    await model.fit(whole.train, { epochs })
    const tested = (await model.evaluate(whole.test)).values
    model.dispose()
    const { factors, learningRate, penalty } = options
    rows.push([optimizer, factors, learningRate, penalty, epochs, rmse.toFixed(4), tested.rmse.toFixed(4)].map(String))
  }
  const title = `MovieLens 100K, split u1: the best of ${points.length / 3} settings of each optimiser, by RMSE on validation`
  const text = `${title}\n\n${table(rows)}`
  process.stdout.write(`${text}\n`)
  if (flags['no-record']) return

  const columns = 'optimizer,factors,learning_rate,penalty,epochs,validation_rmse'
  const lines = points.map(({ optimizer, factors, learningRate, penalty, epochs, rmse }) =>
    [optimizer, factors, learningRate, penalty, epochs, rmse].join(','),
  )
  const { commit, node } = facts()
  const base = keep('grid-biased-mf', columns, lines, `${text}\n\ncommit: ${commit}\nnode: ${node}`)
  const picture = join(folder, 'grid-biased-mf.svg')
  writeFileSync(picture, await svg(chart(points)))
  process.stderr.write(`Kept: ${relative(root, base)}.csv, .txt; ${relative(root, picture)}\n`)
})

/** The lowest validation error and its epoch; none if training diverges. */
async function validated(options, { train, test }) {
  const model = await BiasedMF.create(options)
  try {
    const { epochs, validation } = await model.fit(train, { epochs: EPOCHS, validation: test, patience: 20 })
    return { rmse: validation.values.rmse, epochs }
  } catch (error) {
    if (error.code !== 'model/diverged') throw error
    return { rmse: Number.NaN, epochs: 0 }
  } finally {
    model.dispose()
  }
}

/** A chart with a row per optimizer, a column per dimension, learning rate on the x axis, and a line per regularization. */
function chart(points) {
  const [low, high] = [0.9, 0.97]
  const values = points
    .filter(({ rmse }) => !Number.isNaN(rmse))
    .map((point) => ({ ...point, rmse: Math.min(point.rmse, high) }))
  const field = (name, type, rest) => ({ field: name, type, ...rest })
  const rows = Object.keys(OPTIMIZERS).map((optimizer) => ({
    hconcat: FACTORS.map((factors, column) => ({
      title: { text: `${optimizer}, ${factors} factors`, fontSize: 11, fontWeight: 'normal', anchor: 'start' },
      width: 120,
      height: 120,
      data: { values: values.filter((point) => point.optimizer === optimizer && point.factors === factors) },
      mark: { type: 'line', point: { size: 18 }, clip: true },
      encoding: {
        x: field('learningRate', 'quantitative', {
          scale: { type: 'log', domain: [OPTIMIZERS[optimizer][0], OPTIMIZERS[optimizer].at(-1)], nice: false },
          axis: { values: OPTIMIZERS[optimizer], format: '~r', grid: false, labelAngle: -45 },
          title: 'learning rate',
        }),
        y: field('rmse', 'quantitative', {
          scale: { domain: [low, high] },
          title: column === 0 ? 'validation RMSE' : null,
          axis: { labels: column === 0, ticks: column === 0, tickCount: 5 },
        }),
        color: field('penalty', 'ordinal', { scale: { scheme: 'viridis' }, title: 'penalty' }),
      },
    })),
  }))
  return {
    title: { text: 'Biased MF on MovieLens 100K: error on validation, at its best epoch', anchor: 'start', offset: 12 },
    vconcat: rows,
    config: { view: { stroke: '#ddd' } },
  }
}
