import { createHash } from 'node:crypto'
import { createEngine, createModelByName, Dataset } from 'tastespace'
import { expect, test } from 'vitest'
import { bits } from '../fixtures/bits.ts'
import { startEngine } from './support.ts'

test('engines that train concurrently give correct results while another engine crashes', async () => {
  const engines = await Promise.all([
    createEngine({ threads: 1 }),
    createEngine({ threads: 2 }),
    createEngine({ threads: 3 }),
    createEngine({ build: 'st' }),
  ])
  const faulty = await startEngine({ threads: 2 })
  const digests = Promise.all(
    engines.map(async (engine) => {
      const digests: string[] = []
      for (const { kind, options, more } of bits.cases) {
        const train = await Dataset.synthetic({ ...bits.data, ...more, engine })
        const model = await createModelByName(kind, options, { engine })
        await model.fit(train, { epochs: bits.epochs, seed: bits.seed })
        digests.push(
          createHash('sha256')
            .update(await model.toBytes())
            .digest('hex'),
        )
      }
      return digests
    }),
  )
  await expect(faulty.call('injectFault', 'trap', true)).rejects.toMatchObject({ code: 'engine/crashed' })
  const expected = bits.cases.map(({ sha256 }) => sha256)
  expect(await digests).toEqual(engines.map(() => expected))
  for (const engine of engines) engine.dispose()
})
