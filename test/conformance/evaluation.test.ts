import {
  type CompareRun,
  compare,
  confidenceIntervals,
  createModel,
  createModelByName,
  Dataset,
  describe,
  type EvaluateOptions,
  type PerUserMetrics,
  pairedTests,
} from 'tastespace'
import { expect, test } from 'vitest'

const { models } = await describe()
const data = await Dataset.synthetic({ users: 80, items: 50, ratings: 1600 })
const { train, validation, test: held } = await data.split({ by: 'leave-one-out', validation: true })

async function measured(kind: string, options = {}): Promise<PerUserMetrics> {
  const model = await createModelByName(kind, options)
  await model.fit(train, { epochs: 5 })
  return model.evaluate(held, { perUser: true, negatives: 20 })
}

function average(values: Iterable<number>): number {
  const all = [...values]
  return all.reduce((sum, value) => sum + value, 0) / all.length
}

test.each(models)('$kind: metrics are the averages of the per-user metrics', async ({ kind, task }) => {
  const {
    rows: counted,
    values: metrics,
    perUser: { users, rows, values },
  } = await measured(kind)
  expect(users).toHaveLength(rows.length)
  expect(await held?.userIds()).toEqual(expect.arrayContaining([...users]))
  expect([...rows].reduce((sum, rows) => sum + rows, 0)).toBe(counted)
  const [name, others] = task === 'rating' ? ['mae', ['rmse']] : ['hr@10/20neg', ['ndcg@10', 'auc', 'mrr/20neg']]
  expect(average(values[name] ?? [])).toBeCloseTo(metrics[name] ?? Number.NaN, 12)
  expect(Object.keys(values)).toEqual(expect.arrayContaining(others))
  expect(Object.keys(values)).not.toContain('coverage@10')
})

test.each(models)('$kind: evaluate returns the requested metrics of the tasks that it has', async (of) => {
  const model = await createModel(of.kind)
  await model.fit(train, { epochs: 1 })
  const namesOf = async (options: EvaluateOptions) => Object.keys((await model.evaluate(data, options)).values)
  expect(await namesOf({ metrics: ['recall@7'] })).toEqual(['recall@7'])
  const lists = await namesOf({ task: 'ranking', k: [10] })
  expect(lists).toEqual(expect.arrayContaining(['ndcg@10', 'auc', 'coverage@10']))
  expect(lists).not.toContain('trec-map@10')
  const { values } = await model.evaluate(data, { metrics: ['map@3', 'trec-map@3'] })
  expect(values['trec-map@3']).toBeLessThanOrEqual(values['map@3'] ?? 0)
  const refused = (options: EvaluateOptions, error: object) =>
    expect(model.evaluate(data, options)).rejects.toMatchObject(error)
  const { kind } = of
  await refused({ metrics: ['best'] }, { code: 'config/unknown-metric', details: { kind, metric: 'best' } })
  if (of.task === 'ranking') {
    await refused({ metrics: ['rmse'] }, { code: 'config/unknown-metric', details: { kind, metric: 'rmse' } })
    await refused({ task: 'rating' }, { code: 'model/unsupported' })
    return
  }
  expect(await namesOf({ metrics: ['mae'] })).toEqual(['mae'])
  expect(await namesOf({})).toEqual(['rmse', 'mae'])
  await refused({ metrics: ['rmse', 'ndcg@10'] }, { code: 'config/out-of-range' })
  await refused({ task: 'ranking', metrics: ['rmse'] }, { code: 'config/unknown-metric' })
})

test.each(models)('$kind: any metric of its task can select the epoch', async ({ kind, task }) => {
  for (const metric of task === 'rating' ? ['mae'] : ['recall@5', 'gini@3', 'mrr/9neg']) {
    const model = await createModel(kind)
    const { history, epochs } = await model.fit(train, { validation, metric, epochs: 4, patience: 4 })
    const values = history.map(({ validation }) => validation?.values[metric] ?? Number.NaN)
    const best = /mae|gini/.test(metric) ? Math.min(...values) : Math.max(...values)
    expect(history.map(({ metric }) => metric)).toEqual([metric, metric, metric, metric])
    // Or none, if no epoch is better than the biases that a model starts from.
    expect([history[0]?.start ? 0 : Number.NaN, values.indexOf(best) + 1]).toContain(epochs)
  }
  const foreign = task === 'rating' ? 'hr@10' : 'mae'
  await expect((await createModel(kind)).fit(train, { metric: foreign })).rejects.toMatchObject({
    code: 'config/unknown-metric',
    message: expect.stringContaining(`unknown metric '${foreign}' for ${kind}: expected`),
  })
})

test('intervals contain their estimates, are wider at a higher level, and are reproducible', async () => {
  const popular = await measured('pop')
  const narrow = await confidenceIntervals(popular, { level: 0.8 })
  const wide = await confidenceIntervals(popular, { level: 0.99 })
  expect(Object.keys(narrow)).toEqual(Object.keys(popular.perUser.values))
  for (const name of ['ndcg@10', 'auc', 'mrr/20neg']) {
    const [inner, outer] = [narrow[name], wide[name]]
    if (!inner || !outer) throw new Error(`there is no ${name}`)
    expect(inner.estimate).toBeCloseTo(popular.values[name] ?? Number.NaN, 12)
    expect([outer.low, inner.low, inner.estimate, inner.high, outer.high]).toEqual(
      [outer.low, inner.low, inner.estimate, inner.high, outer.high].sort((a, b) => a - b),
    )
    expect(outer.high - outer.low).toBeGreaterThan(inner.high - inner.low)
  }
  expect(await confidenceIntervals(popular, { level: 0.8 })).toEqual(narrow)
  const rated = await confidenceIntervals(await measured('bias'), {})
  expect(Object.keys(rated)).toEqual(['rmse', 'mae'])
})

test('a paired test finds no difference between equal runs, and rejects runs that do not match', async () => {
  const [few, many] = [await measured('biased-mf', { factors: 2 }), await measured('biased-mf', { factors: 32 })]
  const same = await pairedTests(few, few)
  expect(same.rmse).toEqual({ difference: 0, p: 1 })
  const [there, back] = [await pairedTests(few, many), await pairedTests(many, few)]
  expect(there.mae?.difference).toBeCloseTo((few.values.mae ?? 0) - (many.values.mae ?? 0), 12)
  expect(there.mae?.p).toBe(back.mae?.p)
  expect(there.mae?.p).toBeGreaterThan(0)
  await expect(pairedTests(few, await measured('pop'))).rejects.toMatchObject({ code: 'config/unequal-runs' })
  await expect(pairedTests(few, [many, many])).rejects.toMatchObject({ code: 'config/unequal-runs' })
  await expect(confidenceIntervals(few, { level: 2 })).rejects.toMatchObject({ code: 'config/out-of-range' })
})

test('item and user vectors reproduce the scores', async () => {
  const model = await createModel('biased-mf', { factors: 4, mean: false })
  await model.fit(train, { epochs: 3 })
  const [items, users] = [await model.itemVectors(), await model.userVectors()]
  expect(items).toMatchObject({ dimension: 4, metric: 'inner-product', ids: await model.itemIds() })
  expect([...items.rows].reduce((sum, rows) => sum + rows, 0)).toBe((await train.info()).rows)
  const [user, item] = [3, 7]
  const row = (of: typeof items, place: number) => of.vectors.subarray(place * of.dimension, (place + 1) * of.dimension)
  const product = row(items, item).reduce((sum, value, factor) => sum + value * (row(users, user)[factor] ?? 0), 0)
  const score = product + (items.biases[item] ?? 0) + (users.biases[user] ?? 0)
  const [predicted = 0] = await model.predict([[users.ids[user] ?? '', items.ids[item] ?? '']])
  expect(Math.min(Math.max(score, 1), 5)).toBeCloseTo(predicted, 5)
  // The vectors are copies: further training does not change them.
  const before = items.vectors.slice()
  await model.continueFit(train, { epochs: 1 })
  expect(items.vectors).toEqual(before)
  const popular = await createModel('pop')
  await popular.fit(train, { epochs: 1 })
  expect('itemVectors' in popular).toBe(false)
})

test('itemGenres returns the genres of each item', async () => {
  const genres = await data.itemGenres()
  expect(genres).toHaveLength(50)
  expect(new Set(genres.flat()).size).toBeGreaterThan(3)
  expect(await (await Dataset.fromBytes('a,b,3\n')).itemGenres()).toEqual([])
})

test('compare evaluates models by one protocol, the best first, and tests the others against it', async () => {
  const seen: CompareRun[] = []
  const comparison = await compare(data, {
    models: ['pop', 'bias', { kind: 'biased-mf', options: { factors: 4 } }],
    split: 'leave-one-out',
    seeds: [0, 1],
    epochs: 6,
    patience: 2,
    negatives: 20,
    permutations: 500,
    onModel: (run) => void seen.push(run),
  })
  expect(seen.map(({ model, seed, run, runs }) => [model, seed, run, runs])).toEqual([
    ['pop', 0, 1, 6],
    ['pop', 1, 2, 6],
    ['bias', 0, 3, 6],
    ['bias', 1, 4, 6],
    ['biased-mf', 0, 5, 6],
    ['biased-mf', 1, 6, 6],
  ])
  expect(comparison).toMatchObject({ refit: true, seeds: [0, 1], aborted: false })
  const [ranking, rating] = comparison.tables
  expect(ranking).toMatchObject({ task: 'ranking', metric: 'ndcg@10', users: 80 })
  // Every model ranks, and the models to use are the best or tie with it.
  const ranks = ranking?.models.map(({ model, trainedFor }) => `${model} ${trainedFor}`)
  expect(ranks?.sort()).toEqual(['bias rating', 'biased-mf rating', 'pop ranking'])
  for (const { choice, models, metric } of comparison.tables) {
    expect(choice?.best).toBe(models[0]?.model)
    const candidates = models.filter(({ model }) => [choice?.best, ...(choice?.ties ?? [])].includes(model))
    expect(candidates.map(({ model }) => model)).toContain(choice?.model)
    const { seconds } = candidates.find(({ model }) => model === choice?.model) ?? { seconds: Number.NaN }
    expect(seconds).toBe(Math.min(...candidates.map(({ seconds }) => seconds)))
    expect(choice?.reason).toContain(metric)
    // The mean of a tie is close to the best.
    const best = models[0]?.metrics[metric] ?? Number.NaN
    for (const { model, metrics } of models.slice(1)) {
      const value = metrics[metric] ?? Number.NaN
      const isClose = metric === 'rmse' ? value <= 1.01 * best : value >= 0.95 * best
      if (!isClose) expect(choice?.ties).not.toContain(model)
    }
  }
  expect(rating?.moreIsBetter).toEqual({ rmse: false, mae: false })
  const [first, second] = rating?.models ?? []
  if (!first || !second) throw new Error('there are two')
  expect(first.metrics.rmse).toBeLessThanOrEqual(second.metrics.rmse ?? 0)
  expect(rating?.best.rmse).toBe(first.model)
  expect(first.significance.rmse).toBeUndefined()
  expect(second.significance.rmse?.difference).toBeCloseTo((second.metrics.rmse ?? 0) - (first.metrics.rmse ?? 0), 12)
  expect(second.significance.rmse?.corrected).toBe(second.significance.rmse?.p)
  for (const { metrics, intervals, memoryBytes, seconds, epochs, options } of [first, second]) {
    expect(intervals.mae?.low).toBeLessThan(metrics.mae ?? 0)
    expect(memoryBytes).toBeGreaterThan(0)
    expect(seconds).toBeGreaterThan(0)
    expect(epochs).toHaveLength(2)
    expect(options).not.toEqual({})
  }
  // The same model, trained and evaluated without compare.
  const { train, validation, trainAndValidation, test } = await data.split({ by: 'leave-one-out', validation: true })
  const model = await createModel('biased-mf', { factors: 4 })
  const fit = { validation, refitOn: trainAndValidation, epochs: 6, patience: 2 }
  const errors: number[] = []
  for (const seed of [0, 1]) {
    await model.fit(train, { ...fit, seed })
    errors.push((await model.evaluate(test, { exclude: validation })).values.rmse ?? Number.NaN)
  }
  const own = [first, second].find(({ model }) => model === 'biased-mf')?.metrics.rmse ?? 0
  expect(own ** 2).toBeCloseTo(average(errors.map((error) => error ** 2)), 10)
})

test('compare validates on as many users as it is told', async () => {
  const samples: unknown[] = []
  const options = { models: ['cml', 'biased-mf'], split: 'leave-one-out', epochs: 2, refit: false } as const
  await compare(data, {
    ...options,
    validationUsers: 10,
    onEpoch: (_, { validationUsers }) => void samples.push(validationUsers),
  })
  const sample = { users: 10, of: 80 }
  expect(samples).toEqual([sample, sample, sample, sample])
  await expect(compare(data, { ...options, validationUsers: 0 })).rejects.toMatchObject({
    code: 'config/wrong-type',
    message: expect.stringContaining('validationUsers'),
  })
})

test('a model that fails has an error in its row, and the others are evaluated', async () => {
  const choices = await Dataset.fromColumns({ user: [1, 1, 1, 2, 2, 2], item: [1, 2, 3, 1, 2, 4] })
  const { tables } = await compare(choices, { models: ['bias', 'pop'], split: { by: 'leave-one-out', order: 'rows' } })
  expect(tables.map(({ task, models }) => [task, models.map(({ model, error }) => [model, error?.code])])).toEqual([
    ['ranking', [['pop', undefined]]],
    ['rating', [['bias', 'dataset/needs-ratings']]],
  ])
  // Without a list of models, compare uses the kinds that suit the data.
  const usual = await compare(choices, { split: { by: 'leave-one-out', order: 'rows' }, epochs: 1 })
  const kinds = models.filter(({ task }) => task === 'ranking').map(({ kind }) => kind)
  expect(usual.tables.flatMap(({ models }) => models.map(({ kind }) => kind)).sort()).toEqual(kinds.sort())
})

test('compare on one task has one table, and refuses models that do not have the task', async () => {
  const options = { split: 'random:0.2', epochs: 1, permutations: 100 } as const
  const models = ['bias', 'pop'] as const
  const ranking = await compare(data, { ...options, models, task: 'ranking' })
  expect(ranking.tables.map(({ task, models }) => [task, models.length])).toEqual([['ranking', 2]])
  const rating = await compare(data, { ...options, models: ['bias'], task: 'rating' })
  expect(rating.tables.map(({ task, choice }) => [task, choice?.model])).toEqual([['rating', 'bias']])
  const refused = compare(data, { ...options, models, task: 'rating' })
  await expect(refused).rejects.toMatchObject({ code: 'model/unsupported', details: { kind: 'pop' } })
})

test('an aborted comparison keeps the results of completed models', async () => {
  const controller = new AbortController()
  const { tables, aborted } = await compare(data, {
    models: ['bias', 'biased-mf'],
    signal: controller.signal,
    onEpoch: ({ model }, { epoch }) => {
      if (model === 'biased-mf' && epoch === 2) controller.abort()
    },
  })
  expect(aborted).toBe(true)
  const told = tables[0]?.models.map(({ model, error, seeds }) => [model, error?.code, seeds])
  expect(told).toEqual([
    ['bias', undefined, [0]],
    ['biased-mf', 'cancelled', []],
  ])
})

test('compare rejects invalid options before training', async () => {
  const refused: [Parameters<typeof compare>[1], string][] = [
    [JSON.parse('{"models":["cnl"]}'), 'config/unknown-kind'],
    [{ models: [{ kind: 'biased-mf', options: { factor: 3 } }] }, 'config/unknown-key'],
    [{ models: ['pop', 'pop'] }, 'config/conflict'],
    [{ seeds: [] }, 'config/bad-argument'],
    [JSON.parse('{"task":"sorting"}'), 'config/bad-argument'],
  ]
  for (const [options, code] of refused) await expect(compare(data, options)).rejects.toMatchObject({ code })
  await expect(compare({ train: data })).rejects.toMatchObject({ code: 'config/missing' })
})
