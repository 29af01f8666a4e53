import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createEngine, createModel, Dataset, type EngineOptions } from 'tastespace'
import { expect, test } from 'vitest'

interface Fixture {
  readonly data: { users: number; items: number; ratings: number; seed: number }
  readonly seed: number
  readonly epochs: number
  /** Of each kind's file; `crates/models/tests/bits.rs` holds the native build to the same. */
  readonly sha256: Record<string, string>
}

const fixture: Fixture = JSON.parse(readFileSync(new URL('../fixtures/bits.json', import.meta.url), 'utf8'))

const ENGINES: readonly EngineOptions[] = [
  { build: 'mt', threads: 1 },
  { build: 'mt', threads: 2 },
  { build: 'mt', threads: 4 },
  { build: 'st' },
]

test.each(ENGINES)('every model has the native build’s bytes on %o', async (options) => {
  const engine = await createEngine(options)
  expect([engine.build, engine.threads]).toEqual([options.build, options.threads ?? 1])
  const train = await Dataset.synthetic({ ...fixture.data, engine })
  for (const [kind, expected] of Object.entries(fixture.sha256)) {
    const model = await createModel(kind, {}, { engine })
    await model.fit(train, { epochs: fixture.epochs, seed: fixture.seed })
    const bytes = await model.toBytes()
    expect(createHash('sha256').update(bytes).digest('hex'), kind).toBe(expected)
  }
  engine.dispose()
})
