// Models that are saved without their users, for pages and devices of others.
import { createModelByName, Dataset, KINDS, loadModel } from 'tastespace'
import { expect, test } from 'vitest'

const data = await Dataset.synthetic({ users: 60, items: 40, ratings: 900 })
const history = [{ item: '3', rating: 4 }, { item: '17', rating: 5 }, { item: '30' }]

test.each(KINDS.filter((kind) => kind !== 'glocal-k'))('%s recommends to new users as before', async (kind) => {
  const model = await createModelByName(kind)
  await model.fit(data, { epochs: 2 })
  const bytes = await model.toBytes({ users: false })
  expect(bytes.length).toBeLessThan((await model.toBytes({ history: false })).length)
  const bare = await loadModel(bytes)
  expect(await bare.recommendFor(history, { k: 5 })).toEqual(await model.recommendFor(history, { k: 5 }))
  expect(await bare.userIds()).toEqual([])
  await expect(bare.recommend('1')).rejects.toMatchObject({ code: 'model/unknown-user' })
  // It can go on with users of its own.
  if (['bias', 'ease', 'item-knn', 'ials', 'pop'].includes(kind)) return
  await bare.continueFit(data, { epochs: 1 })
  expect(await bare.userIds()).toHaveLength((await data.info()).users)
  expect(await bare.recommend('1', { k: 5, seen: 'include' })).toHaveLength(5)
})

test('glocal-k is refused', async () => {
  const model = await createModelByName('glocal-k')
  await model.fit(data, { epochs: 1 })
  await expect(model.toBytes({ users: false })).rejects.toMatchObject({
    code: 'model/unsupported',
    message: expect.stringContaining('without users'),
  })
})
