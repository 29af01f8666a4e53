import { Dataset, EASE } from 'tastespace'
import { expect, test } from 'vitest'

const data = await Dataset.fromRows(
  Array.from({ length: 40 }, (_, row) => ({ user: row % 8, item: (row * 3) % 10, rating: 1 + (row % 5) })),
)
const model = await EASE.create()
await model.fit(data, { epochs: 1 })
const unknown = 'skip'

test('an unknown user gets an empty list and the others get theirs', async () => {
  const lists = await model.recommend(['nobody', 1], { k: 3, unknown, exclude: ['sold-out'] })
  expect(lists).toEqual([[], await model.recommend(1, { k: 3 })])
  expect(await model.recommend('nobody', { unknown })).toEqual([])
  await expect(model.recommend(['nobody', 1])).rejects.toMatchObject({ code: 'model/unknown-user' })
})

test('unknown items are left out of histories, candidates and excluded items', async () => {
  const known = await model.recommendFor([{ item: 1 }], { k: 3 })
  expect(await model.recommendFor([{ item: 1 }, { item: 'gone' }], { k: 3, unknown, exclude: ['x'] })).toEqual(known)
  expect(await model.recommendFor([{ item: 'gone' }], { unknown })).toEqual([])
  const chosen = await model.recommend(1, { candidates: ['gone', 2, 9], unknown, seen: 'include' })
  expect(chosen.map(({ item }) => item).sort()).toEqual(['2', '9'])
})

test('similar lists of unknown ids are empty, and their predictions are not numbers', async () => {
  const [none, some] = await model.similarItems(['gone', 1], { unknown })
  expect([none, (some?.length ?? 0) > 0]).toEqual([[], true])
  const scores = await model.predict(
    [
      [1, 1],
      ['nobody', 1],
      [1, 'gone'],
    ],
    { unknown },
  )
  expect(Array.from(scores, Number.isNaN)).toEqual([false, true, true])
})

test('a rating outside the range of the model is refused', async () => {
  await expect(model.recommendFor([{ item: 1, rating: 9 }])).rejects.toMatchObject({
    code: 'data/rating-out-of-range',
    details: { item: '1', rating: 9, low: 1, high: 5 },
  })
})
