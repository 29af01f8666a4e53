import { readFileSync } from 'node:fs'
import { BiasedMF, createModel, Dataset, EASE } from 'tastespace'
import { expect, test } from 'vitest'

const thumbs = readFileSync(new URL('../fixtures/thumbs.csv', import.meta.url))

test.each(['ease', 'item-knn', 'bpr', 'cml', 'lrml'] as const)(
  '%s with defaults recommends liked items first',
  async (kind) => {
    const data = await Dataset.fromBytes(new Uint8Array(thumbs))
    const model = await createModel(kind)
    await model.fit(data)
    const list = await model.recommend('0', { k: 3 })
    expect(list.every(({ item }) => Number(item) < 10)).toBe(true)
    const info = await model.info()
    const { ratings, positives } = (info.fitted && info.feedback) || { ratings: 0, positives: 0 }
    expect(positives).toBeLessThan(ratings)
  },
)

const rated = (ratings: readonly number[]) =>
  Dataset.fromRows(ratings.map((rating, row) => ({ user: row % 5, item: row % 7, rating })))

test('only dislikes are refused by ranking models', async () => {
  const model = await EASE.create()
  await expect(model.fit(await rated([-1, -1, -2]))).rejects.toMatchObject({ code: 'dataset/no-positives' })
})

test('counts are refused by rating models, unless the range is declared', async () => {
  const plays = [1, 2, 1, 5, 3, 9000, 7, 2, 1, 40]
  const counts = await rated(plays)
  expect((await counts.info()).ratings?.counts).toBe(true)
  const model = await BiasedMF.create()
  await expect(model.fit(counts, { epochs: 1 })).rejects.toMatchObject({ code: 'dataset/counts' })
  const rows = plays.map((rating, row) => ({ user: row % 5, item: row % 7, rating }))
  const declared = await Dataset.fromRows(rows, { ratingRange: [0, 10_000] })
  expect((await declared.info()).ratings?.counts).toBe(false)
})

test('duplicates become the last, the sum, the count or the highest rating', async () => {
  const rows = [4, 1, 3].map((rating) => ({ user: 'ann', item: 'x', rating }))
  for (const [duplicates, mean] of [
    ['last', 3],
    ['sum', 8],
    ['count', 3],
    ['max', 4],
  ] as const) {
    const { ratings, duplicates: dropped } = await (await Dataset.fromRows(rows, { duplicates })).info()
    expect([ratings?.mean, dropped]).toEqual([mean, 2])
  }
  const implicit = await Dataset.fromColumns({ user: ['a', 'a'], item: [1, 1] }, { duplicates: 'sum' })
  expect((await implicit.info()).ratings?.mean).toBe(2)
  const file = await Dataset.fromBytes('user,item,rating\na,x,2\na,x,5\na,x,1\n', { duplicates: 'max' })
  expect((await file.info()).ratings?.mean).toBe(5)
})

test('few rows train a model in one step without a validation part', async () => {
  const data = await rated([1, 2, 3])
  const ease = await EASE.create()
  expect(await ease.fit(data)).toMatchObject({ epochs: 1, refit: false })
  const factors = await BiasedMF.create()
  await expect(factors.fit(data)).rejects.toMatchObject({
    code: 'split/too-few-rows',
    message: expect.stringContaining('with epochs, fit trains on all rows'),
  })
})
