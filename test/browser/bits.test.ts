import type { EngineOptions } from 'tastespace'
import { expect, test } from 'vitest'
import { bits } from '../fixtures/bits.ts'
import { withPage } from './support.ts'

const ENGINES: readonly { isolated: boolean; options: EngineOptions }[] = [
  { isolated: true, options: { build: 'mt', threads: 1 } },
  { isolated: true, options: { build: 'mt', threads: 3 } },
  { isolated: true, options: { build: 'st' } },
  { isolated: false, options: { build: 'st' } },
]

test.each(ENGINES)('every model has the bytes of the native build (isolated: $isolated, engine: $options)', (engine) =>
  withPage({ isolated: engine.isolated }, async (page) => {
    const hashes = await page.evaluate(
      async ({ bits, options }) => {
        const { createEngine, createModelByName, Dataset } = window.tastespace
        const engine = await createEngine(options)
        if (engine.build !== options.build) throw new Error(`the build is ${engine.build}`)
        const hashes: string[] = []
        for (const { kind, options, more } of bits.cases) {
          const train = await Dataset.synthetic({ ...bits.data, ...more, engine })
          const model = await createModelByName(kind, options, { engine })
          await model.fit(train, { epochs: bits.epochs, seed: bits.seed })
          const hash = await crypto.subtle.digest('SHA-256', new Uint8Array(await model.toBytes()))
          hashes.push(Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join(''))
        }
        return hashes
      },
      { bits, options: engine.options },
    )
    expect(hashes).toEqual(bits.cases.map(({ sha256 }) => sha256))
  }),
)
