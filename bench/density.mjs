// CML and iALS at several densities: the training rows of real data are thinned out at random, the test rows stay.
//
//   node bench/density.mjs [--models cml,ials] [--shares 1,0.5,0.25,0.1] [--seeds 1,2]
//
// Each user's random fifth is for test. Default options; epochs are chosen on validation rows that `fit` holds out of the training rows,
// and NDCG@10 is measured on test once. Results are kept in the cache, so that a stopped run goes on.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createModelByName, Dataset } from '../dist/index.mjs'
import { dataFolder } from './lib/data.mjs'
import { remembered } from './lib/remembered.mjs'

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: 'cml,ials' },
    data: {
      type: 'string',
      default: 'ml-100k/u.data,ml-latest-small/ratings.csv,hetrec-lastfm/user_artists.dat,douban/train.tsv',
    },
    shares: { type: 'string', default: '1,0.5,0.25,0.1' },
    seeds: { type: 'string', default: '1,2' },
  },
})
const [models, seeds, shares] = [values.models, values.seeds, values.shares].map((list) => list.split(','))

const once = remembered('density', ['bench/density.mjs'])
console.log(`| data | training rows | a user | ${models.map((kind) => `\`${kind}\``).join(' | ')} |`)
console.log(`|---|---|---|${models.map(() => '---|').join('')}`)
for (const file of values.data.split(',')) {
  const data = await Dataset.fromFile(join(dataFolder, file))
  const { train, test } = await data.split({ by: 'per-user', fractions: [0.8, 0, 0.2], min: 5, seed: 1 })
  for (const share of shares.map(Number)) {
    const kept = share < 1 ? (await train.split({ by: 'random', test: 1 - share, seed: 1 })).train : train
    const { rows, users } = await kept.info()
    const means = []
    for (const kind of models) {
      let sum = 0
      for (const seed of seeds.map(Number)) {
        sum += await once([file, share, kind, seed], async () => {
          const model = await createModelByName(kind)
          await model.fit(kept, { seed })
          const { values } = await model.evaluate(test, { task: 'ranking', k: [10] })
          model.dispose()
          return values['ndcg@10']
        })
      }
      means.push((sum / seeds.length).toFixed(4))
    }
    console.log(`| ${file} | ${rows} | ${(rows / users).toFixed(0)} | ${means.join(' | ')} |`)
  }
}
process.exit(0)
