import { createHash } from 'node:crypto'
import { createEngine, createModelByName, Dataset, type EngineOptions } from 'tastespace'
import { expect, test } from 'vitest'
import { bits } from '../fixtures/bits.ts'

const ENGINES: readonly EngineOptions[] = [
  { build: 'mt', threads: 1 },
  { build: 'mt', threads: 2 },
  { build: 'mt', threads: 4 },
  { build: 'st' },
]

test.each(ENGINES)('every model has the same bytes as the native build on %o', async (wanted) => {
  const engine = await createEngine(wanted)
  expect([engine.build, engine.threads]).toEqual([wanted.build, wanted.threads ?? 1])
  for (const { kind, options, more, sha256 } of bits.cases) {
    const train = await Dataset.synthetic({ ...bits.data, ...more, engine })
    const model = await createModelByName(kind, options, { engine })
    await model.fit(train, { epochs: bits.epochs, seed: bits.seed })
    const bytes = await model.toBytes()
    expect(createHash('sha256').update(bytes).digest('hex'), `${kind} ${JSON.stringify(options)}`).toBe(sha256)
  }
  engine.dispose()
})
