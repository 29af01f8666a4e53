import { CML, Dataset, loadModel, TastespaceError } from 'tastespace'
import { expect, test } from 'vitest'

const SIZES = { users: 300, items: 120, ratings: 9000, choice: 3, tags: 30, cold: 20, seed: 2 }
const OPTIONS = { factors: 16, negatives: 2, margin: 0.5, batchSize: 1000 }

test('items without interactions are recommended by their tags, also after loading', async () => {
  const data = await Dataset.synthetic(SIZES)
  const model = await CML.create(OPTIONS)
  await model.fit(data, { epochs: 10, seed: 1 })
  const known = await data.itemIds()
  const { train } = await data.split({ by: 'random', test: 0.1 })
  expect(await train.itemIds()).toEqual(known)

  const loaded = await loadModel(await model.toBytes())
  if (loaded.kind !== 'cml') throw new Error('it is of another kind')
  for (const one of [model, loaded]) {
    const [all = []] = await one.recommend(['1'], { k: SIZES.items, seen: 'include' })
    expect(all).toHaveLength(SIZES.items)
    // Scores are negative squared distances in a ball of radius 1.
    for (const { score } of all) expect(score <= 0 && score >= -4.001).toBe(true)
    const placed: string[] = []
    for (const { item, score } of all) {
      const { parts, nearest, features } = await one.explain('1', item)
      expect(parts).toHaveLength(1)
      expect(parts[0]?.value).toBeCloseTo(score, 4)
      expect(nearest.length).toBeGreaterThan(0)
      expect(nearest.map(({ distance }) => distance)).toEqual(
        nearest.map(({ distance }) => distance).sort((a, b) => a - b),
      )
      if (features.length > 0) placed.push(item)
    }
    // A cold item with at least one tag has an embedding, and each item has a tag.
    expect(placed).toHaveLength(SIZES.cold)
    const similar = await one.similarItems(placed[0] ?? '', { k: 5 })
    expect(similar).toHaveLength(5)
    const near = await one.similarUsers('1', { k: 3 })
    expect(near.map(({ score }) => score)).toEqual(near.map(({ score }) => score).sort((a, b) => b - a))
  }
})

test('recommendFor ignores the order of the history and leaves out its items', async () => {
  const model = await CML.create(OPTIONS)
  await model.fit(await Dataset.synthetic(SIZES), { epochs: 5 })
  const liked = (await model.similarItems('7', { k: 4 })).map(({ item }) => ({ item }))
  const recommended = await model.recommendFor(liked, { k: 5 })
  expect(recommended).toEqual(await model.recommendFor(liked.toReversed(), { k: 5 }))
  expect(recommended.some(({ item }) => liked.some((row) => row.item === item))).toBe(false)
})

test('conflicting options are rejected', async () => {
  const error = await CML.create({ rankWeight: 'sequential', mining: 'random' }).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(TastespaceError)
  expect(error).toMatchObject({ code: 'config/conflict', details: { key: 'mining' } })
})
