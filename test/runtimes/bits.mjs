// Trains every case of the bits test in this runtime and prints the cases whose model file has other bytes, as JSON.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createEngine, createModelByName, Dataset } from 'tastespace'

const bits = JSON.parse(readFileSync(new URL('bits.json', import.meta.url), 'utf8'))
const engine = await createEngine({ threads: 2 })
const wrong = []
for (const { kind, options, more, sha256 } of bits.cases) {
  const train = await Dataset.synthetic({ ...bits.data, ...more, engine })
  const model = await createModelByName(kind, options, { engine })
  await model.fit(train, { epochs: bits.epochs, seed: bits.seed })
  const found = createHash('sha256')
    .update(await model.toBytes())
    .digest('hex')
  if (found !== sha256) wrong.push({ kind, options, found, sha256 })
  model.dispose()
  train.dispose()
}
const { build, threads } = engine
engine.dispose()
console.log(JSON.stringify({ cases: bits.cases.length, build, threads, wrong }))
