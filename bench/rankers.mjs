// Rating models as rankers: NDCG@10, HR@10 and coverage by the prediction alone (`z` of 0), and by its lower bound with several
// numbers `z` of standard errors. The table has popularity beside them.
//
//   node bench/rankers.mjs --models bias,biased-mf --z 0,1,2,3,6
//
// `z` is no option of a model. The spread of the ratings, which the margin is proportional to, is scaled in the model file.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createModel, Dataset, loadModel } from '../dist/index.mjs'
import { dataFolder } from './lib/data.mjs'
import { remembered } from './lib/remembered.mjs'

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: 'bias,biased-mf,biased-mf+implicit,glocal-k' },
    z: { type: 'string', default: '0,3' },
    data: { type: 'string', default: 'ml-latest-small/ratings.csv,ml-100k/u.data' },
    splits: { type: 'string', default: 'per-user:0.8,0,0.2,leave-one-out' },
    seed: { type: 'string', default: '1' },
  },
})

/** The standard errors of the library. */
const OWN_Z = 3

/** The file of a model whose margins are those of another `z`. */
function withZ(bytes, z) {
  const file = Buffer.from(bytes)
  const length = Number(file.readBigUInt64LE(0))
  const { __metadata__: metadata, ...tensors } = JSON.parse(file.subarray(8, 8 + length).toString())
  const dataOf = (name) => file.subarray(...tensors[name].data_offsets.map((offset) => 8 + length + offset))
  const spread = dataOf('catalogue.spread')
  for (const place of [0, 4]) spread.writeFloatLE((spread.readFloatLE(place) * z) / OWN_Z, place)
  // The checksum is over the rest of the metadata and all tensors by name.
  const [, stored] = /"checksum":"([0-9a-f]{64})"/.exec(metadata.tastespace)
  const hash = createHash('sha256').update(metadata.tastespace.replace(/"checksum":"[0-9a-f]{64}",?/, ''))
  for (const name of Object.keys(tensors).sort()) {
    const data = dataOf(name)
    hash.update(`\n${name} ${data.length}\n`).update(data)
  }
  const header = file.subarray(8, 8 + length)
  header.write(hash.digest('hex'), header.indexOf(stored))
  return file
}

const METRICS = ['ndcg@10', 'hr@10', 'coverage@10']

function line(model, z, measured) {
  console.log(`| ${[model, z, ...METRICS.map((name) => measured[name].toFixed(4))].join(' | ')} |`)
}

/** The metrics of the lists of a model for each `z`. */
async function measuredBy(zs, { kind, options = {} }, { train, test }) {
  const evaluated = async (model) => {
    const { values: all } = await model.evaluate(test, { task: 'ranking', k: [10] })
    return Object.fromEntries(METRICS.map((name) => [name, all[name]]))
  }
  const model = await createModel(kind, options)
  await model.fit(train, { seed: Number(values.seed) })
  const bytes = await model.toBytes()
  const found = []
  for (const z of zs) {
    const changed = await loadModel(z === OWN_Z ? bytes : withZ(bytes, z))
    found.push(await evaluated(changed))
    changed.dispose()
  }
  model.dispose()
  return found
}

const splits =
  values.splits === 'per-user:0.8,0,0.2,leave-one-out' ? ['per-user:0.8,0,0.2', 'leave-one-out'] : [values.splits]
const zs = values.z.split(',').map(Number)
const once = remembered('rankers', ['bench/rankers.mjs'])
for (const file of values.data.split(',')) {
  const data = await Dataset.fromFile(join(dataFolder, file))
  for (const by of splits) {
    const seed = by === 'leave-one-out' ? {} : { seed: Number(values.seed) }
    const parts = await data.split({ by, ...seed })
    const measured = (wanted, model) =>
      once([file, by, values.seed, model, wanted], () => measuredBy(wanted, model, parts))
    console.log(`\n${file}, ${by}\n\n| model | z | NDCG@10 | HR@10 | coverage@10 |\n|---|---|---|---|---|`)
    const [pop] = await measured([OWN_Z], { kind: 'pop' })
    line('`pop`', '', pop)
    for (const name of values.models.split(',')) {
      const [kind, implicit] = name.split('+')
      const found = await measured(zs, { kind, options: implicit ? { implicit: true } : {} })
      for (const [place, z] of zs.entries())
        line(implicit ? `\`${kind}\`, \`${implicit}\`` : `\`${kind}\``, z, found[place])
    }
  }
}
process.exit(0)
