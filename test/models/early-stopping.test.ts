import { readFileSync } from 'node:fs'
import { BiasedMF, Dataset, describe as describeEngine } from 'tastespace'
import { expect, test } from 'vitest'

async function fixture(name: string) {
  return Dataset.fromBytes(new Uint8Array(readFileSync(new URL(`../fixtures/${name}`, import.meta.url))))
}

test.each([
  // Damped biases have .88.
  ['r1500.csv', 0.2, 0.78],
  ['thumbs.csv', 0.1, 0.35],
])('on the few ratings of %s, training does not stop before the embeddings are fitted', async (name, share, atMost) => {
  const { train, validation, trainAndValidation, test } = await (await fixture(name)).split({
    by: 'random',
    test: share,
    validation: true,
  })
  const model = await BiasedMF.create()
  await model.fit(train, { validation, refitOn: trainAndValidation })
  expect((await model.evaluate(test)).values.rmse).toBeLessThanOrEqual(atMost)
})

test('a given patience applies from the first epoch, and the last epoch says so', async () => {
  const { train, validation } = await (await fixture('r1500.csv')).split({
    by: 'random',
    test: 0.2,
    validation: true,
  })
  const model = await BiasedMF.create()
  const { epochs, history, stopped } = await model.fit(train, { validation, patience: 5 })
  expect(stopped).toBe('patience')
  expect(history).toHaveLength(epochs + 5)
  expect(history.map(({ last }) => last)).toEqual(history.map((_, place) => place === epochs + 4))
})

test('the description of a kind says when its patience applies', async () => {
  const { models } = await describeEngine()
  const after = Object.fromEntries(models.map(({ kind, patienceAfter }) => [kind, patienceAfter]))
  expect(after).toMatchObject({ 'biased-mf': 5_000_000, cml: 0, 'glocal-k': 0 })
})
