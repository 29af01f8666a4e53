import { Dataset, IALS, loadModel, Popularity } from 'tastespace'
import { afterAll, beforeAll, expect, test } from 'vitest'

let data: Dataset
beforeAll(async () => {
  data = await Dataset.synthetic({ users: 60, items: 40, ratings: 900 })
})
afterAll(() => data.dispose())

const day = 86_400
const clicks = () =>
  Dataset.fromRows([
    { user: 'a', item: 'old', time: 1e9 },
    { user: 'b', item: 'old', time: 1e9 },
    { user: 'a', item: 'new', time: 1e9 + 10 * day },
  ])

test('popularity decays with age: halfLife is in days', async () => {
  const scores = async (halfLife?: number) => {
    const model = await Popularity.create({ halfLife })
    await model.fit(await clicks())
    return [
      ...(await model.predict([
        ['a', 'old'],
        ['a', 'new'],
      ])),
    ]
  }
  expect(await scores()).toEqual([2, 1])
  expect(await scores(5)).toEqual([0.5, 1])
})

test('halfLife needs times, and a positive value; a model with it is not continued', async () => {
  const without = await Dataset.fromRows([
    { user: 'a', item: 'x' },
    { user: 'b', item: 'x' },
  ])
  for (const Kind of [Popularity, IALS]) {
    const model = await Kind.create({ halfLife: 30 })
    await expect(model.fit(without, { epochs: 1 })).rejects.toMatchObject({
      code: 'dataset/needs-timestamps',
      message: expect.stringContaining('leave out the option halfLife'),
    })
    await expect(Kind.create({ halfLife: 0 })).rejects.toMatchObject({ code: 'config/out-of-range' })
    await model.fit(data, { epochs: 1 })
    await expect(model.continueFit(data, { epochs: 1 })).rejects.toMatchObject({ code: 'model/unsupported' })
  }
})

test('an item without a rating has the mean weight of training, also after loading', async () => {
  const model = await IALS.create({ weighting: 'linear', confidence: 5 })
  await model.fit(data, { epochs: 3 })
  const first = async (loaded: IALS, rating?: number) =>
    (
      await loaded.recommendFor(
        [
          { item: '1', rating },
          { item: '2', rating },
        ],
        { k: 3 },
      )
    ).map(({ score }) => score)
  const loaded = (await loadModel(await model.toBytes())) as IALS
  const missing = await first(model)
  expect(await first(loaded)).toEqual(missing)
  const [lowest = 0, middle = 0, highest = 0] = [await first(model, 1), missing, await first(model, 5)].map(
    ([top]) => top,
  )
  expect(lowest).toBeLessThan(middle)
  expect(middle).toBeLessThan(highest)
})

test('continueFit on new interactions keeps what the others taught', async () => {
  const more = await Dataset.fromRows([
    { user: '1', item: '7', rating: 5, time: 2e9 },
    { user: 'new', item: '7', rating: 5, time: 2e9 },
  ])
  const model = await IALS.create()
  await model.fit(data, { epochs: 20 })
  const scores = async () => [
    ...(await model.predict(Array.from({ length: 40 }, (_, item) => ['1', String(item + 1)] as const))),
  ]
  const before = await scores()
  await model.continueFit(more, { epochs: 1 })
  const moved = (await scores()).map((score, item) => Math.abs(score - (before[item] ?? 0)))
  expect(Math.max(...moved.filter((_, item) => item !== 6))).toBeLessThan(0.3)
  const bare = (await loadModel(await model.toBytes({ history: false }))) as IALS
  await expect(bare.continueFit(more, { epochs: 1 })).rejects.toMatchObject({ code: 'model/no-history' })
})
