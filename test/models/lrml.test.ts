import { Dataset, LRML, loadModel } from 'tastespace'
import { expect, test } from 'vitest'

const SIZES = { users: 300, items: 120, ratings: 9000, choice: 3, tags: 30, seed: 2 }
const OPTIONS = { factors: 16, slots: 6, negatives: 4, batchSize: 1000 }

test('slots are described by items, words and pairs, also after loading', async () => {
  const data = await Dataset.synthetic(SIZES)
  const model = await LRML.create(OPTIONS)
  await model.fit(data, { epochs: 10, seed: 1 })
  const [users, items] = [await data.userIds(), await data.itemIds()]
  const slots = await model.slots({ k: 3 })
  expect(slots.map(({ slot }) => slot).toSorted()).toEqual([1, 2, 3, 4, 5, 6])
  expect(slots.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 4)
  for (const slot of slots) {
    expect([slot.items.length, slot.words.length, slot.pairs.length]).toEqual([3, 3, 3])
    for (const { item, value } of slot.items)
      expect([items.includes(item), value > 0 && value <= 1]).toEqual([true, true])
    for (const { name, times } of slot.words) expect([name.length > 0, times > 0]).toEqual([true, true])
    const [{ user = '', item = '', value = 0 } = {}] = slot.pairs
    expect(users).toContain(user)
    const { weights } = await model.explain(user, item)
    expect(weights[0]?.columns[slot.slot - 1]).toEqual({ name: `slot ${slot.slot}` })
    expect(weights[0]?.values[0]?.[slot.slot - 1]).toBeCloseTo(value, 5)
  }
  const loaded = await loadModel(await model.toBytes())
  const unaware = await loadModel(await model.toBytes({ history: false }))
  if (loaded.kind !== 'lrml' || unaware.kind !== 'lrml') throw new Error('they are of another kind')
  expect(await loaded.slots({ k: 3 })).toEqual(slots)
  await expect(unaware.slots()).rejects.toMatchObject({ code: 'model/unsupported' })
  await expect(model.slots({ k: 0 })).rejects.toMatchObject({ code: 'config/out-of-range', details: { key: 'k' } })
})

test('a score is the sum of the score without the relation and the contribution of the relation', async () => {
  const data = await Dataset.synthetic(SIZES)
  const model = await LRML.create({ ...OPTIONS, preset: 'paper', relation: 'own' })
  await model.fit(data, { epochs: 3 })
  const [item = ''] = (await model.similarItems('7', { k: 1 })).map(({ item }) => item)
  const { parts, nearest, weights } = await model.explain('1', item)
  expect(parts.map(({ name }) => name)).toEqual(['withoutRelation', 'relation'])
  const [score = Number.NaN] = await model.predict([['1', item]])
  expect(parts.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(score, 4)
  expect(nearest.length).toBeGreaterThan(0)
  expect(weights[0]?.values[0]?.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5)
})

test('recommendFor ignores the order of the history, leaves out its items, and accepts an empty one', async () => {
  const model = await LRML.create(OPTIONS)
  await model.fit(await Dataset.synthetic(SIZES), { epochs: 5 })
  const liked = (await model.similarItems('7', { k: 4 })).map(({ item }) => ({ item }))
  const recommended = await model.recommendFor(liked, { k: 5 })
  expect(recommended).toEqual(await model.recommendFor(liked.toReversed(), { k: 5 }))
  expect(recommended.some(({ item }) => liked.some((row) => row.item === item))).toBe(false)
  expect(await model.recommendFor([], { k: 5 })).toHaveLength(5)
})
