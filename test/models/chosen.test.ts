// An option whose value validation chooses.
import { createModel, Dataset, describe as describeAll, type EpochReport, IALS } from 'tastespace'
import { beforeAll, expect, test } from 'vitest'

let data: Dataset
beforeAll(async () => {
  data = await Dataset.synthetic({ users: 300, items: 120, ratings: 5000, seed: 3 })
})

async function choice() {
  const { models } = await describeAll()
  const { chosen } = models.find(({ kind }) => kind === 'ials') ?? {}
  if (!chosen) throw new Error('ials chooses nothing')
  return chosen
}

/** The validation metric of a model with each value. */
async function fittedWith(metric: string, train: Dataset, validation: Dataset): Promise<number[]> {
  const { option, values } = await choice()
  const fitted = []
  for (const value of values) {
    const model = await createModel('ials', { [option]: value })
    const { validation: metrics } = await model.fit(train, { validation, metric, seed: 1 })
    fitted.push(metrics?.values[metric] ?? Number.NaN)
  }
  return fitted
}

test('fit keeps the value that is best on validation, and trains with it on all rows', async () => {
  const { option, values } = await choice()
  const { train, validation, trainAndValidation } = await data.split({ by: 'leave-one-out', validation: true })
  const fitted = await fittedWith('ndcg@10', train, validation)
  const best = values[fitted.indexOf(Math.max(...fitted))]

  const seen: EpochReport[] = []
  const model = await IALS.create()
  const report = await model.fit(train, {
    validation,
    seed: 1,
    refitOn: trainAndValidation,
    onEpoch: (epoch) => void seen.push(epoch),
  })
  expect(report).toMatchObject({ chosen: { [option]: best }, refit: true })
  expect(report.validation?.values['ndcg@10']).toBe(Math.max(...fitted))
  expect(await model.info()).toMatchObject({ options: { [option]: best } })
  expect([...new Set(seen.map((epoch) => epoch.choice?.[option]))]).toEqual([...values, undefined])
  expect(seen.filter(({ phase }) => phase === 'refit')).toHaveLength(report.epochs)

  // The bits of a model that was given the value.
  const given = await IALS.create({ [option]: best })
  await given.fit(train, { validation, seed: 1, refitOn: trainAndValidation })
  expect(await model.toBytes()).toEqual(await given.toBytes())
})

test('of a metric that is better when smaller, fit keeps the smallest', async () => {
  const { option, values } = await choice()
  const { train, validation } = await data.split({ by: 'leave-one-out', validation: true })
  const fitted = await fittedWith('gini@10', train, validation)
  const { chosen } = await (await IALS.create()).fit(train, { validation, metric: 'gini@10', seed: 1 })
  expect(chosen).toEqual({ [option]: values[fitted.indexOf(Math.min(...fitted))] })
})

test.each([{ penalty: 1 }, { epochs: 2 }])('nothing is chosen with %j', async ({ penalty, epochs }) => {
  const model = await IALS.create({ penalty })
  const report = await model.fit(data, { epochs })
  expect(report.chosen).toBeUndefined()
  expect(await model.info()).toMatchObject({ options: { penalty: penalty ?? 0.6 } })
})

test('training that is aborted keeps the best so far', async () => {
  const { option, values } = await choice()
  const controller = new AbortController()
  const model = await IALS.create()
  const report = await model.fit(data, {
    signal: controller.signal,
    onEpoch: (epoch) => {
      if (epoch.choice?.[option] === values[1] && epoch.epoch === 2) controller.abort()
    },
  })
  expect(report).toMatchObject({ stopped: 'aborted', refit: false })
  expect(values.slice(0, 2)).toContain(report.chosen?.[option])
  expect(await model.info()).toMatchObject({ options: report.chosen })
})

test('a model that is disposed of during training ends it', async () => {
  const model = await IALS.create()
  const fit = model.fit(data, { onEpoch: () => model.dispose() })
  await expect(fit).rejects.toMatchObject({ code: 'disposed' })
})
