import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Bias,
  BiasedMF,
  createEngine,
  createModel,
  Dataset,
  describe,
  type EpochReport,
  type Kind,
  loadModel,
  type ModelKinds,
  type ScoredItem,
} from 'tastespace'
import { expect, test } from 'vitest'

const { models } = await describe()
const data = await Dataset.synthetic({ users: 60, items: 40, ratings: 900 })

async function fitted<K extends Kind>(kind: K): Promise<ModelKinds[K]> {
  const model = await createModel(kind)
  await model.fit(data, { epochs: 3 })
  return model
}

test.each(models)('$kind: fit reports each epoch with validation metrics, and keeps the best', async ({ kind }) => {
  const { train, validation } = await data.split({ by: 'random', validation: true })
  const model = await createModel(kind)
  const seen: EpochReport[] = []
  const report = await model.fit(train, {
    epochs: 5,
    patience: 6,
    validation,
    onEpoch: (epoch) => void seen.push(epoch),
  })
  expect(seen).toEqual(report.history)
  expect(seen.map((epoch) => epoch.epoch)).toEqual([1, 2, 3, 4, 5])
  expect(seen.at(-1)).toMatchObject({ phase: 'fit', epochs: 5 })
  expectVisits(kind, seen.at(-1), 729)
  expect(report).toMatchObject({ refit: false, stopped: 'epochs' })
  expect(await model.evaluate(validation)).toMatchObject(report.validation ?? {})
  // Few validation rows do not show that an epoch is better than the biases that a model starts from.
  const best = report.epochs === 0 ? seen[0]?.start : seen[report.epochs - 1]?.validation
  expect(report.validation).toEqual(best)
  if (report.epochs === 0) return
  const { metric = '' } = seen[0] ?? {}
  const values = seen.map((epoch) => epoch.validation?.values[metric] ?? Number.NaN)
  expect(best?.values[metric]).toBe(metric === 'rmse' ? Math.min(...values) : Math.max(...values))
})

/** An epoch visits every row once. With L-BFGS it visits every row once per loss evaluation, so several times. */
function expectVisits(kind: string, epoch: EpochReport | undefined, rows: number) {
  const visits = (epoch?.rows ?? 0) / rows
  if (kind === 'glocal-k') expect(visits).toBeGreaterThan(1)
  else expect(visits).toBe(1)
  expect(visits % 1).toBe(0)
}

const [oneStep, manyEpochs] = [true, false].map((one) => models.filter(({ epochs }) => (epochs === 1) === one))

test.each(oneStep ?? [])('$kind: by default fit computes the model once, on all rows', async ({ kind }) => {
  const model = await createModel(kind)
  const report = await model.fit(data)
  expect(report).toMatchObject({ epochs: 1, refit: false, stopped: 'epochs' })
  expect([report.validation, report.history.length]).toEqual([undefined, 1])
  expect(await model.info()).toMatchObject({ training: { epochs: 1, rows: 900 } })
  // A metric asks for validation.
  const { task } = await model.info()
  const asked = await model.fit(data, { metric: task === 'rating' ? 'mae' : 'recall@10' })
  expect(asked).toMatchObject({ refit: true, validation: { rows: 90 } })
})

test.each(manyEpochs ?? [])(
  '$kind: by default fit selects the epochs on a tenth of the rows or on last rows, and refits on all',
  async ({ kind, sequential }) => {
    const model = await createModel(kind)
    const report = await model.fit(data, { patience: 2 })
    expect(report.refit).toBe(true)
    // The last row of each user if the model is sequential, else a tenth of the rows.
    expect(report.validation?.rows).toBe(sequential ? 60 : 90)
    const again = report.history.filter((epoch) => epoch.phase === 'refit')
    expect(again).toHaveLength(report.epochs)
    if (again.length > 0) expectVisits(kind, again[0], 900)
    expect(await model.info()).toMatchObject({ fitted: true, training: { epochs: report.epochs, seed: 0, rows: 900 } })
  },
)

test.each(models)('$kind: predict, recommend and evaluate use external ids', async ({ kind, task }) => {
  const model = await fitted(kind)
  const predictions = await model.predict([
    ['1', '2'],
    [1, 2],
  ])
  expect(predictions[0]).toBe(predictions[1])
  const [first = [], second = []] = await model.recommend(['1', '60'], { k: 5 })
  expect(first).toHaveLength(5)
  expect(second).toHaveLength(5)
  for (const { item, score, title } of first) {
    expect(title).toMatch(/\(\d{4}\)$/)
    const [predicted = Number.NaN] = await model.predict([['1', item]])
    // Rating models rank by a lower bound of the rating.
    if (task === 'rating') expect(score).toBeLessThan(predicted)
    else expect(predicted).toBeCloseTo(score, 5)
  }
  const everything = await model.recommend(['1'], { k: 1000, seen: 'include' })
  expect(everything[0]).toHaveLength(40)
  expect(await model.evaluate(data)).toMatchObject({ rows: 900, cold: 0 })
})

test('similarItems leaves out the item itself, and Bias has no such method', async () => {
  const model = await fitted('biased-mf')
  const similar = await model.similarItems('7', { k: 39 })
  expect(similar).toHaveLength(39)
  expect(similar.map(({ item }) => item)).not.toContain('7')
  expect('similarItems' in (await fitted('bias'))).toBe(false)
})

test.each(models)('$kind: a model loaded from a file or from bytes returns the same results', async ({ kind }) => {
  const model = await fitted(kind)
  const folder = await mkdtemp(join(tmpdir(), 'tastespace-'))
  const path = join(folder, 'model.safetensors')
  await model.save(path)
  expect(await readdir(folder)).toEqual(['model.safetensors'])
  for (const loaded of [await loadModel(path), await loadModel(await model.toBytes())]) {
    expect(loaded.constructor).toBe(model.constructor)
    expect(await loaded.info()).toEqual(await model.info())
    expect(await loaded.recommend(['3'])).toEqual(await model.recommend(['3']))
  }
  const bare = await loadModel(await model.toBytes({ history: false }))
  await expect(bare.recommend(['3'])).rejects.toMatchObject({ code: 'model/no-history' })
  await expect(model.save(join(folder, 'no/such/folder.safetensors'))).rejects.toMatchObject({ code: 'file/not-found' })
  await rm(folder, { recursive: true })
})

test.each(models)('$kind: recommend returns only candidates and leaves out excluded items', async ({ kind }) => {
  const model = await fitted(kind)
  const users = ['3', '4']
  const all = await model.recommend(users, { k: 40 })
  const items = (lists: readonly ScoredItem[][]) => lists.map((list) => list.map(({ item }) => item))
  const kept = (keep: (item: string, user: number) => boolean) =>
    items(all).map((list, user) => list.filter((item) => keep(item, user)))
  const candidates = Array.from({ length: 25 }, (_, index) => index + 1)
  const few = await model.recommend(users, { k: 40, candidates, exclude: [2, '5'] })
  expect(items(few)).toEqual(kept((item) => Number(item) <= 25 && item !== '2' && item !== '5'))
  const each = await model.recommend(users, { k: 40, candidates: [['1', '7', '30'], candidates] })
  expect(items(each)).toEqual(kept((item, user) => (user ? Number(item) <= 25 : /^(1|7|30)$/.test(item))))
  const [listed = []] = await model.recommend(['3'], { k: 40, seen: 'include', exclude: ['7'] })
  expect(listed).toHaveLength(39)
  expect(listed.map(({ item }) => item)).not.toContain('7')
  const unknown = { code: 'model/unknown-item', details: { id: 'nothing' } }
  await expect(model.recommend(['3'], { candidates: ['1', 'nothing'] })).rejects.toMatchObject(unknown)
  await expect(model.recommendFor([{ item: 1 }], { exclude: ['nothing'] })).rejects.toMatchObject(unknown)
  const short = { code: 'config/out-of-range', details: { key: 'candidates' } }
  await expect(model.recommend(users, { candidates: [['1']] })).rejects.toMatchObject(short)
})

test.each(models)('$kind: unknown ids and invalid options are rejected with a code', async ({ kind }) => {
  const fresh = await createModel(kind)
  await expect(fresh.recommend(['1'])).rejects.toMatchObject({ code: 'model/not-fitted' })
  const model = await fitted(kind)
  const refused: [() => Promise<unknown>, string][] = [
    [() => model.recommend(['nobody']), 'model/unknown-user'],
    [() => model.predict([['1', 'nothing']]), 'model/unknown-item'],
    [() => model.recommend(['1'], { k: 0 }), 'config/out-of-range'],
    [() => model.recommend(['1'], JSON.parse('{"seen":"most"}')), 'config/bad-argument'],
    [() => model.recommend(['1'], JSON.parse('{"top":3}')), 'config/unknown-key'],
    [() => model.fit(data, { epochs: 0 }), 'config/out-of-range'],
    [() => model.fit(data, { epochs: 1, seed: -1 }), 'config/out-of-range'],
    [() => model.fit(data, JSON.parse('{"epoch":3}')), 'config/unknown-key'],
  ]
  for (const [attempt, code] of refused) await expect(attempt()).rejects.toMatchObject({ code })
  // A rejected fit leaves the model unchanged.
  expect(await model.recommend(['1'])).toHaveLength(1)
})

test('an aborted fit keeps the best epoch, and rejects if there is none', async () => {
  const model = await createModel('biased-mf')
  const controller = new AbortController()
  const report = await model.fit(data, {
    epochs: 1000,
    signal: controller.signal,
    onEpoch: ({ epoch }) => {
      if (epoch === 4) controller.abort()
    },
  })
  expect(report).toMatchObject({ stopped: 'aborted', epochs: 4 })
  expect(await model.info()).toMatchObject({ training: { epochs: 4 } })
  const early = new AbortController()
  early.abort(new Error('no more'))
  await expect((await createModel('biased-mf')).fit(data, { signal: early.signal })).rejects.toThrow('no more')
})

test('an abort stops a running epoch', async () => {
  const engine = await createEngine({ build: 'mt' })
  const large = await Dataset.synthetic({ users: 20_000, items: 2_000, ratings: 1_000_000, engine })
  const model = await createModel('biased-mf', { factors: 512 }, { engine })
  const controller = new AbortController()
  const fit = model.fit(large, { epochs: 1, signal: controller.signal })
  while (model.progress === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  controller.abort(new Error('enough'))
  await expect(fit).rejects.toThrow('enough')
  await expect(model.recommend(['1'])).rejects.toMatchObject({ code: 'model/not-fitted' })
  engine.dispose()
})

test('predict during fit uses the last completed epoch', async () => {
  const model = await createModel('biased-mf')
  let during: Promise<unknown> | undefined
  await model.fit(data, {
    epochs: 6,
    onEpoch: ({ epoch }) => {
      if (epoch === 2) during = model.predict([['1', '1']])
    },
  })
  const twoEpochs = await createModel('biased-mf')
  await twoEpochs.fit(data, { epochs: 2 })
  expect(await during).toEqual(await twoEpochs.predict([['1', '1']]))
})

test('dispose can be called twice, and later calls are rejected', async () => {
  const model = await fitted('bias')
  model.dispose()
  model.dispose()
  await expect(model.recommend(['1'])).rejects.toMatchObject({ code: 'disposed' })
  // A display of the progress may look once more.
  expect(model.progress).toBe(0)
  const gone = await Dataset.fromBytes('a,b,3\n')
  gone.dispose()
  await expect(gone.info()).rejects.toMatchObject({ code: 'disposed' })
})

test('a model stays usable after its data is disposed, and both are freed', async () => {
  const engine = await createEngine({ build: 'st' })
  const usage = async () => {
    const { usedBytes, handles } = await engine.usage()
    return { usedBytes, handles }
  }
  const round = async () => {
    const train = await Dataset.synthetic({ users: 30, items: 20, ratings: 300, engine })
    const model = await createModel('biased-mf', {}, { engine })
    await model.fit(train, { epochs: 1 })
    train.dispose()
    expect(await model.recommend(['1'])).toHaveLength(1)
    model.dispose()
  }
  await round()
  const before = await usage()
  for (let count = 0; count < 50; count++) await round()
  expect(await usage()).toEqual(before)
  engine.dispose()
})

test('data of another engine is rejected', async () => {
  const engine = await createEngine({ build: 'st' })
  const elsewhere = await createModel('bias', {}, { engine })
  await expect(elsewhere.fit(data)).rejects.toMatchObject({ code: 'engine/mismatch' })
  engine.dispose()
})

test('continueFit equals uninterrupted training, and adds new users and items', async () => {
  const whole = await createModel('biased-mf')
  await whole.fit(data, { epochs: 5 })
  const model = await createModel('biased-mf')
  await model.fit(data, { epochs: 2 })
  const report = await model.continueFit(data, { epochs: 3 })
  expect(report.history.map(({ phase }) => phase)).toEqual(['continue', 'continue', 'continue'])
  expect(await model.toBytes()).toEqual(await whole.toBytes())
  const more = await Dataset.fromRows([
    { user: 'new', item: '1', rating: 5, time: 1 },
    { user: 'new', item: 'newer', rating: 1, time: 2 },
  ])
  await model.continueFit(more, { epochs: 1 })
  expect(await model.info()).toMatchObject({ users: 61 })
  const [recommended] = await model.recommend(['new'], { k: 100 })
  expect(recommended?.map(({ item }) => item)).not.toContain('newer')
  expect(recommended).toHaveLength(39)
  await expect(model.continueFit(data, {})).rejects.toMatchObject({ code: 'config/missing' })
})

test.each(models)('$kind: recommends to a new user, and explain sums to the score', async ({ kind, sequential }) => {
  const model = await fitted(kind)
  const recommended = await model.recommendFor([{ item: '1' }, { item: 2, rating: 1 }], { k: 3 })
  expect(recommended).toHaveLength(3)
  const turned = [
    { item: '2', rating: 1 },
    { item: 1, rating: 5 },
  ]
  if (!sequential) expect(await model.recommendFor(turned, { k: 3 })).toEqual(recommended)
  await expect(model.recommendFor([{ item: 'nothing' }])).rejects.toMatchObject({ code: 'model/unknown-item' })
  const { parts, items } = await model.explain('1', '2')
  const sum = parts.reduce((total, { value }) => total + value, 0)
  expect(sum).toBeCloseTo((await model.predict([['1', '2']]))[0] ?? Number.NaN, 4)
  for (const { item, title } of items) expect([item, title]).toEqual([expect.any(String), expect.any(String)])
})

test('similarUsers returns the most similar users first, without the user itself', async () => {
  const model = await fitted('biased-mf')
  const similar = await model.similarUsers('7', { k: 59 })
  expect(similar).toHaveLength(59)
  expect(similar.map(({ user }) => user)).not.toContain('7')
  const scores = similar.map(({ score }) => score)
  expect(scores).toEqual([...scores].sort((a, b) => b - a))
})

test('evaluate folds in unknown users from their given rows', async () => {
  const rows = await Dataset.synthetic({ users: 300, items: 100, ratings: 12_000 })
  let text = ''
  for await (const piece of rows.toCSV()) text += new TextDecoder().decode(piece)
  const lines = text.trim().split('\n').slice(1)
  const part = (keep: (user: number, line: number) => boolean) =>
    Dataset.fromBytes(lines.filter((text, line) => keep(Number(text.split(',')[0]), line)).join('\n'))
  const known = await part((user) => user <= 250)
  const given = await part((user, line) => user > 250 && line % 2 === 0)
  const asked = await part((user, line) => user > 250 && line % 2 === 1)
  const model = await createModel('biased-mf', { factors: 16 })
  await model.fit(known, { epochs: 60 })
  const [cold, folded] = [await model.evaluate(asked), await model.evaluate(asked, { given })]
  expect([cold.cold, folded.cold]).toEqual([cold.rows, 0])
  expect(folded.values.rmse).toBeLessThan((cold.values.rmse ?? 0) - 0.1)
})

test('fit folds in validation users from their given rows', async () => {
  const data = await Dataset.synthetic()
  const { train, validation, validationGiven } = await data.split({ by: 'user', validation: 0.2 })
  const options = { epochs: 3, validation }
  const model = await BiasedMF.create({ factors: 8 })
  const cold = await model.fit(train, options)
  const placed = await model.fit(train, { ...options, validationGiven })
  expect(placed.validation?.values.rmse).toBeLessThan((cold.validation?.values.rmse ?? 0) - 0.05)
  expect(await model.evaluate(validation, { given: validationGiven })).toMatchObject({ ...placed.validation })
})

test('itemTitles returns the title of each item', async () => {
  const data = await Dataset.fromColumns(
    { user: ['a', 'a'], item: ['x', 'y'], rating: [1, 2] },
    { items: new TextEncoder().encode('item,title\ny,Second\n') },
  )
  const model = await Bias.create()
  await model.fit(data, { epochs: 1 })
  expect([await model.itemIds(), await model.itemTitles()]).toEqual([
    ['x', 'y'],
    ['', 'Second'],
  ])
})
