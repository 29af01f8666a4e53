// Models fit to ship: what half precision and fewer weights cost, in bytes and in held-out metrics.
//
//   node bench/shipping.mjs [FOLDER OF DATA SETS]     may run on a busy machine: it takes no times
import { join } from 'node:path'
import { createModel, Dataset, describe, loadModel } from 'tastespace'

const [, , folder = process.env.TASTESPACE_DATA ?? '../shared/data'] = process.argv
/** Enough for the metrics of every kind to be those of a trained model. */
const EPOCHS = 20

const megabytes = (bytes) => (bytes.length / 1e6).toFixed(2)

/** The metric of a saved model on held-out ratings. */
async function measured(bytes, test) {
  const model = await loadModel(bytes)
  const { values } = await model.evaluate(test, { k: [10] })
  model.dispose()
  return values['ndcg@10'] ?? values.rmse
}

function line(...cells) {
  console.log(`| ${cells.join(' | ')} |`)
}

async function precision() {
  const data = await Dataset.fromFile(join(folder, 'ml-100k/u.data'))
  const { train, test } = await data.split({ by: 'random', test: 0.1, seed: 1 })
  line('kind', 'metric', 'single', 'half', 'MB', 'MB, half')
  for (const { kind, task, epochs } of (await describe()).models) {
    const model = await createModel(kind)
    await model.fit(train, { epochs: Math.min(epochs, EPOCHS) })
    const [single, half] = [await model.toBytes(), await model.toBytes({ precision: 'half' })]
    const values = [await measured(single, test), await measured(half, test)].map((value) => value.toFixed(5))
    line(kind, task === 'rating' ? 'RMSE' : 'NDCG@10', ...values, megabytes(single), megabytes(half))
    model.dispose()
  }
}

async function weights() {
  const data = await Dataset.fromFile(join(folder, 'ml-latest-small/ratings.csv'))
  const { train, test } = await data.split({ by: 'random', test: 0.2, seed: 1 })
  line('kind', 'weights', 'precision', 'NDCG@10', 'MB')
  for (const kind of ['ease', 'item-knn']) {
    const model = await createModel(kind)
    await model.fit(train)
    for (const options of [{}, { precision: 'half' }, ...[500, 200, 100, 50, 20].map((weights) => ({ weights }))]) {
      const bytes = await model.toBytes(options)
      const ndcg = (await measured(bytes, test)).toFixed(4)
      line(kind, options.weights ?? 'all', options.precision ?? 'single', ndcg, megabytes(bytes))
    }
    const bytes = await model.toBytes({ weights: 200, precision: 'half' })
    line(kind, 200, 'half', (await measured(bytes, test)).toFixed(4), megabytes(bytes))
    model.dispose()
  }
}

await weights()
await precision()
process.exit()
