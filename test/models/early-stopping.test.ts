import { readFileSync } from 'node:fs'
import { BiasedMF, Dataset, describe as describeEngine, type Parts } from 'tastespace'
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
  expect(history).toHaveLength(epochs + 5)
  expect(history.map(({ last }) => last)).toEqual(history.map((_, place) => place === epochs + 4))
})

test('the description of a kind says when its patience applies', async () => {
  const { models } = await describeEngine()
  const after = Object.fromEntries(models.map(({ kind, patienceAfter }) => [kind, patienceAfter]))
  expect(after).toMatchObject({ 'biased-mf': 5_000_000, cml: 0, 'glocal-k': 0 })
})
