import { readFileSync } from 'node:fs'
import { Bias, BiasedMF, Dataset, describe as describeEngine, GLocalK, type Parts } from 'tastespace'
import { expect, test } from 'vitest'

async function fixture(name: string) {
  return Dataset.fromBytes(new Uint8Array(readFileSync(new URL(`../fixtures/${name}`, import.meta.url))))
}

/** The test RMSE with defaults, after early stopping. */
async function error({
  train,
  validation,
  trainAndValidation,
  test,
}: Pick<Required<Parts>, 'train' | 'validation' | 'trainAndValidation' | 'test'>) {
  const model = await BiasedMF.create()
  await model.fit(train, { validation, refitOn: trainAndValidation })
  return (await model.evaluate(test)).values.rmse
}

test('on 1,500 ratings, training does not stop before the embeddings are fitted', async () => {
  const data = await fixture('r1500.csv')
  const parts = await data.split({ by: 'random', test: 0.2, validation: true })
  // Damped biases have .88.
  expect(await error(parts)).toBeLessThanOrEqual(0.78)
})

test('thumbs up and down are predicted', async () => {
  const data = await fixture('thumbs.csv')
  const parts = await data.split({ by: 'random', test: 0.1, validation: true })
  expect(await error(parts)).toBeLessThanOrEqual(0.35)
})

test('a given patience applies from the first epoch, and the last epoch says so', async () => {
  const data = await fixture('r1500.csv')
  const { train, validation } = await data.split({ by: 'random', test: 0.2, validation: true })
  const model = await BiasedMF.create()
  const { epochs, history, stopped } = await model.fit(train, { validation, patience: 5 })
  expect(stopped).toBe('patience')
  // The error of the epochs falls for a while, but not below that of the start.
  expect(epochs).toBe(0)
  expect(history.length).toBeGreaterThan(5)
  expect(history.map(({ last }) => last)).toEqual(history.map((_, place) => place === history.length - 1))
})

test('the description of a kind says when its patience applies', async () => {
  const { models } = await describeEngine()
  const after = Object.fromEntries(models.map(({ kind, patienceAfter }) => [kind, patienceAfter]))
  expect(after).toMatchObject({ 'biased-mf': 5_000_000, cml: 0, 'glocal-k': 0 })
})

/** A number that looks random: the finalizer of MurmurHash3. */
function noise(place: number): number {
  let bits = Math.imul(place + 1, 0x9e3779b1)
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

test.each([
  ['glocal-k', () => GLocalK.create({ hidden: [20], center: 'biases' })],
  ['biased-mf', () => BiasedMF.create()],
  ['biased-mf, implicit', () => BiasedMF.create({ implicit: true })],
  ['biased-mf, als', () => BiasedMF.create({ optimizer: 'als' })],
])(
  'where no epoch of %s is better than the biases by more than noise, they are the model: epoch 0',
  async (_, create) => {
    // Ratings without any structure.
    const rows = Array.from({ length: 600 }, (_, row) => ({
      user: `u${(row * 7) % 60}`,
      item: `i${(row * 13 + Math.floor(row / 60)) % 47}`,
      rating: 1 + (noise(row) % 5),
    }))
    const train = await Dataset.fromRows(rows)
    const model = await create()
    const report = await model.fit(train, { patience: 3 })
    expect(report).toMatchObject({ epochs: 0, refit: true, stopped: 'patience' })
    expect(new Set(report.history.map(({ phase, bestEpoch }) => `${phase} ${bestEpoch}`))).toEqual(new Set(['fit 0']))
    expect(report.validation).toEqual(report.history[0]?.start)

    const biases = await Bias.create()
    await biases.fit(train, { epochs: 1 })
    const pairs: [string, string][] = [
      ['u1', 'i3'],
      ['u7', 'i46'],
      ['u59', 'i0'],
    ]
    const [ours, theirs] = await Promise.all([model, biases].map((each) => each.predict(pairs)))
    expect(ours).toEqual(theirs)
  },
)

test('the form that glocal-k chose for its training part is the form of the final model', async () => {
  // 600 rows would be dense enough for the form of the paper; the training part is not.
  const rows = Array.from({ length: 630 }, (_, row) => ({
    user: `u${row % 30}`,
    item: `i${((row % 30) + 7 * Math.floor(row / 30)) % 30}`,
    rating: 1 + (((row * 2654435761) % 97) % 5),
  }))
  const train = await Dataset.fromRows(rows)
  const model = await GLocalK.create({ hidden: [20] })
  expect(await model.info()).toMatchObject({ options: { center: 'auto' } })
  const { epochs } = await model.fit(train, { patience: 3 })
  expect(await model.info()).toMatchObject({
    fitted: true,
    options: { center: 'biases' },
    training: { epochs, rows: 630 },
  })

  const dense = await GLocalK.create({ hidden: [20] })
  await dense.fit(train, { epochs: 1 })
  expect(await dense.info()).toMatchObject({ options: { center: 'none' } })
})
