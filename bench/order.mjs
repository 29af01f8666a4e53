// Sequential models on data whose times tie: each user's rows of equal times in their order in the file, and in random order. What a
// model loses by the shuffle came from the order of the file, and not from the clock.
//
//   node bench/order.mjs ratings.csv --models attrec,sasrec --seeds 1,2
//
// Each user's last row is the test, the one before it validation: epochs are chosen on validation, and the model is trained again on both.
// Results are kept in the cache, so that a stopped run goes on.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createModel, Dataset } from '../dist/index.mjs'
import { remembered } from './lib/remembered.mjs'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    models: { type: 'string', default: 'attrec,sasrec' },
    seeds: { type: 'string', default: '1,2' },
    orders: { type: 'string', default: 'file,shuffled' },
    epochs: { type: 'string', default: '100' },
    patience: { type: 'string', default: '10' },
  },
})

/** The rows of a data set in random order (Fisher–Yates, with the generator mulberry32): times decide where they differ. */
async function shuffled(data, seed) {
  const parts = []
  for await (const part of data.toCSV()) parts.push(Buffer.from(part))
  const [header, ...rows] = Buffer.concat(parts).toString().trimEnd().split('\n')
  let state = seed
  const random = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  for (let last = rows.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    ;[rows[last], rows[other]] = [rows[other], rows[last]]
  }
  const folder = await mkdtemp(join(tmpdir(), 'order-'))
  try {
    const file = join(folder, 'ratings.csv')
    await writeFile(file, [header, ...rows, ''].join('\n'))
    return await Dataset.fromFile(file)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function measure(data, kind, seed) {
  const { train, validation, test } = await data.split({ by: 'leave-one-out', validation: true })
  const both = await data.split({ by: 'leave-one-out' })
  const model = await createModel(kind)
  const limits = { epochs: Number(values.epochs), patience: Number(values.patience) }
  const { epochs, history } = await model.fit(train, { ...limits, seed, validation, refitOn: both.train })
  const again = history.filter(({ phase }) => phase === 'refit')
  const secondsPerEpoch = again.reduce((sum, { seconds }) => sum + seconds, 0) / again.length
  const found = await model.evaluate(test, { k: [10] })
  for (const resource of [train, validation, test, both.train, both.test, model]) resource.dispose()
  return { epochs, secondsPerEpoch, ndcg: found.values['ndcg@10'], hr: found.values['hr@10'] }
}

const once = remembered('order', ['bench/order.mjs'])
const file = await Dataset.fromFile(positionals[0])
for (const order of values.orders.split(',')) {
  for (const seed of values.seeds.split(',').map(Number)) {
    const data = order === 'file' ? file : await shuffled(file, seed)
    for (const kind of values.models.split(',')) {
      const key = [positionals[0], order, seed, kind, values.epochs, values.patience]
      const { epochs, secondsPerEpoch, ndcg, hr } = await once(key, () => measure(data, kind, seed))
      const numbers = `NDCG@10 ${ndcg.toFixed(4)}, HR@10 ${hr.toFixed(4)}, ${epochs} epochs of ${secondsPerEpoch.toFixed(2)} s`
      console.log(`${order}, seed ${seed}, ${kind}: ${numbers}`)
    }
  }
}
process.exit(0)
