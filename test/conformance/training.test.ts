import { type AnyModel, BiasedMF, createModel, Dataset, describe, type Kind } from 'tastespace'
import { expect, test } from 'vitest'

const { models } = await describe()
const data = await Dataset.synthetic({ users: 60, items: 40, ratings: 900 })

async function fitted(kind: Kind): Promise<AnyModel> {
  const model = await createModel(kind)
  await model.fit(data, { epochs: 2 })
  return model
}

/** Predictions that change with the parameters of the model. */
function answers(model: AnyModel): Promise<Float32Array> {
  return model.predict([
    ['1', '2'],
    ['3', '4'],
    ['5', '6'],
  ])
}

test.each(models)('$kind: an abort after an epoch keeps that epoch, and one before keeps the old model', async (of) => {
  const model = await createModel(of.kind)
  const controller = new AbortController()
  const onEpoch = () => controller.abort()
  const report = await model.fit(data, { epochs: 9, signal: controller.signal, onEpoch })
  expect(report).toMatchObject({ stopped: 'aborted', epochs: 1 })
  const before = await answers(model)
  const reason = new Error('no more')
  for (const train of [
    () => model.fit(data, { epochs: 1, signal: AbortSignal.abort(reason) }),
    () => model.continueFit(data, { epochs: 1, signal: AbortSignal.abort(reason) }),
  ]) {
    await expect(train()).rejects.toBe(reason)
    expect(await answers(model)).toEqual(before)
  }
})

test.each(models)('$kind: rejected training leaves the fitted model unchanged', async ({ kind }) => {
  const model = await fitted(kind)
  const before = await answers(model)
  const failure = new Error('a callback failed')
  const onEpoch = () => {
    throw failure
  }
  await expect(model.fit(data, { epochs: 2, seed: 7, onEpoch })).rejects.toBe(failure)
  await expect(model.continueFit(data, { epochs: 2, seed: 7, onEpoch })).rejects.toBe(failure)
  expect(await answers(model)).toEqual(before)
  expect(await model.info()).toMatchObject({ training: { seed: 0 } })
})

test.each(models)('$kind: continueFit trains further epochs and adds new users and items', async ({ kind }) => {
  const model = await fitted(kind)
  const { history } = await model.continueFit(data, { epochs: 2 })
  expect(history.map(({ phase, epoch }) => [phase, epoch])).toEqual([
    ['continue', 1],
    ['continue', 2],
  ])
  const more = await Dataset.fromColumns({
    user: ['new', 'new', '1'],
    item: ['1', 'newer', 'newer'],
    rating: [5, 1, 3],
    time: [1, 2, 3],
  })
  await model.continueFit(more, { epochs: 1 })
  expect(await model.info()).toMatchObject({ users: 61, items: 41 })
  const list = await model.recommend('new', { k: 100 })
  expect(list).toHaveLength(39)
  expect(list.map(({ item }) => item)).not.toContain('newer')
  await expect(model.continueFit(data, {})).rejects.toMatchObject({ code: 'config/missing' })
})

test('training that diverges keeps the model', async () => {
  const model = await BiasedMF.create({ optimizer: 'sgd', learningRate: 1, learningRateDecay: 1, penalty: 0 })
  const small = await Dataset.synthetic({ users: 12, items: 8, ratings: 40 })
  let epochs = 0
  const diverged = { code: 'model/diverged' }
  await expect(model.fit(small, { epochs: 200, onEpoch: () => void epochs++ })).rejects.toMatchObject(diverged)
  await expect(answers(model)).rejects.toMatchObject({ code: 'model/not-fitted' })
  await model.fit(small, { epochs: 1 })
  const before = await answers(model)
  await expect(model.continueFit(small, { epochs: 200 })).rejects.toMatchObject(diverged)
  expect(await answers(model)).toEqual(before)
  expect(epochs).toBeLessThan(200)
})

test('an abort stops a running epoch of continueFit, which rejects as fit does', async () => {
  const large = await Dataset.synthetic({ users: 20_000, items: 2000, ratings: 1_000_000 })
  const model = await BiasedMF.create({ factors: 256 })
  await model.fit(large, { epochs: 1 })
  const before = await answers(model)
  const controller = new AbortController()
  const further = model.continueFit(large, { epochs: 1, signal: controller.signal })
  while (model.progress === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  const reason = new Error('enough')
  controller.abort(reason)
  await expect(further).rejects.toBe(reason)
  expect(await answers(model)).toEqual(before)
  model.dispose()
  large.dispose()
})

test('a model rejects a second training while the first is running', async () => {
  const model = await fitted('biased-mf')
  const busy = { code: 'model/busy' }
  const first = model.fit(data, { epochs: 3 })
  await expect(model.fit(data, { epochs: 1 })).rejects.toMatchObject(busy)
  await expect(model.continueFit(data, { epochs: 1 })).rejects.toMatchObject(busy)
  expect(await first).toMatchObject({ epochs: 3, stopped: 'epochs' })
  // After the first has ended, the model can be trained again.
  expect(await model.continueFit(data, { epochs: 1 })).toMatchObject({ stopped: 'epochs' })
})

test.each(['fit', 'refit', 'continue'] as const)(
  'a model that is disposed of during %s stays disposed',
  async (when) => {
    // Not a kind that may choose epoch 0, which is trained again in no epoch.
    const model = await fitted('bpr')
    const onEpoch = ({ phase }: { phase: string }) => {
      if (phase === when) model.dispose()
    }
    const { train, validation } = await model.validationSplit(data)
    const options = { epochs: 3, validation, onEpoch }
    const training =
      when === 'continue' ? model.continueFit(train, options) : model.fit(train, { ...options, refitOn: data })
    await expect(training).rejects.toMatchObject({ code: 'disposed' })
    await expect(answers(model)).rejects.toMatchObject({ code: 'disposed' })
    await expect(model.fit(data)).rejects.toMatchObject({ code: 'disposed' })
  },
)

test('a signal ends an evaluation, and the model answers as before', async () => {
  const many = await Dataset.synthetic({ users: 3000, items: 2000, ratings: 60_000 })
  const model = await createModel('pop')
  await model.fit(many)
  const reason = new Error('no more')
  const controller = new AbortController()
  setTimeout(() => controller.abort(reason), 50)
  // Longer than any test may take.
  const evaluation = model.evaluate(many, { negatives: 1_000_000, signal: controller.signal })
  await expect(evaluation).rejects.toBe(reason)
  await expect(model.evaluate(many, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  expect(await model.evaluate(many, { k: [10] })).toMatchObject({ rows: expect.any(Number) })
  // @ts-expect-error: no signal
  await expect(model.evaluate(many, { signal: 1 })).rejects.toMatchObject({ code: 'config/bad-argument' })
})

test('an abort while the first epoch is validated keeps that epoch, which may have taken hours', async () => {
  const many = await Dataset.synthetic({ users: 20_000, items: 20_000, ratings: 400_000 })
  const { train, validation } = await many.split({ by: 'random', test: 0, validation: true })
  const model = await createModel('pop')
  const controller = new AbortController()
  // The epoch takes milliseconds, its validation far longer than any test may take.
  const slow = { validation, validationUsers: 'all', metric: 'hr@10/20000neg' } as const
  setTimeout(() => controller.abort(), 1500)
  const fit = await model.fit(train, { epochs: 1, ...slow, signal: controller.signal })
  expect(fit).toMatchObject({ stopped: 'aborted', epochs: 1 })
  expect(fit.validation).toBeUndefined()
  expect(await model.info()).toMatchObject({ fitted: true, training: { epochs: 1 } })
})
