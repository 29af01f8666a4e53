import { type AnyModel, createModel, Dataset, describe, type HistoryItem, type Kind, loadModel } from 'tastespace'
import { expect, test } from 'vitest'

const { models } = await describe()
const data = await Dataset.synthetic({ users: 60, items: 40, ratings: 900 })

async function fitted(kind: Kind): Promise<AnyModel> {
  const model = await createModel(kind)
  await model.fit(data, { epochs: 3 })
  return model
}

test.each(models)('$kind: a batch call returns the same results as single calls', async ({ kind }) => {
  const model = await fitted(kind)
  const users = ['1', '17', '60']
  expect(await model.recommend(users, { k: 4 })).toEqual(
    await Promise.all(users.map((user) => model.recommend(user, { k: 4 }))),
  )
  const histories: HistoryItem[][] = [[{ item: '1' }, { item: 2, rating: 1 }], [{ item: '7', rating: 5 }]]
  const candidates = [
    ['3', '4', '5'],
    ['6', '8'],
  ]
  for (const options of [{ k: 4 }, { k: 4, candidates }]) {
    const each = histories.map((history, index) =>
      model.recommendFor(history, 'candidates' in options ? { ...options, candidates: candidates[index] } : options),
    )
    expect(await model.recommendFor(histories, options)).toEqual(await Promise.all(each))
  }
  const pairs = [
    ['1', '2'],
    ['3', '4'],
  ] as const
  expect(await model.explain(pairs)).toEqual(await Promise.all(pairs.map(([user, item]) => model.explain(user, item))))
  expect(await model.recommend([])).toEqual([])
  expect(await model.explain([])).toEqual([])
})

test.each(models)('$kind: recommendArrays returns the same lists as recommend', async ({ kind }) => {
  const model = await fitted(kind)
  const [users, items] = [await model.userIds(), await model.itemIds()]
  const lists = await model.recommend(users, { k: 7, exclude: ['3'] })
  for (const asked of [Uint32Array.from(users.keys()), users]) {
    const { items: indices, scores, ends } = await model.recommendArrays(asked, { k: 7, exclude: ['3'] })
    const before = (user: number) => lists.slice(0, user + 1).flat().length
    expect([...ends]).toEqual(users.map((_, user) => before(user)))
    expect(Array.from(indices, (index) => items[index])).toEqual(lists.flat().map(({ item }) => item))
    expect([...scores]).toEqual(lists.flat().map(({ score }) => score))
  }
  const beyond = model.recommendArrays(Uint32Array.of(60))
  await expect(beyond).rejects.toMatchObject({ code: 'model/unknown-user', details: { index: 60 } })
})

test.each(models)('$kind: similar items and users are sorted and leave out the query', async ({ kind }) => {
  const model = await fitted(kind)
  if ('similarItems' in model) {
    const [first = [], second = []] = await model.similarItems(['7', '8'], { k: 39 })
    expect(first).toEqual(await model.similarItems(7, { k: 39 }))
    expect(second.map(({ item }) => item)).not.toContain('8')
    for (const list of [first, second]) {
      expect(list.length).toBeGreaterThan(0)
      const scores = list.map(({ score }) => score)
      expect(scores).toEqual([...scores].sort((a, b) => b - a))
    }
    await expect(model.similarItems('nothing')).rejects.toMatchObject({ code: 'model/unknown-item' })
  }
  if ('similarUsers' in model) {
    const [first = [], second = []] = await model.similarUsers(['7', '8'], { k: 59 })
    expect(first).toEqual(await model.similarUsers('7', { k: 59 }))
    expect(first.map(({ user }) => user)).not.toContain('7')
    expect(second).toHaveLength(59)
    await expect(model.similarUsers('nobody')).rejects.toMatchObject({ code: 'model/unknown-user' })
  }
  if ('itemVectors' in model) {
    const { ids, vectors, dimension } = await model.itemVectors()
    expect([ids.length, vectors.length]).toEqual([40, 40 * dimension])
  }
  // A class lacks the methods that its kind does not support.
  const abilities = ['similarItems', 'similarUsers', 'itemVectors', 'userVectors', 'slots']
  if (kind === 'pop' || kind === 'bias') expect(abilities.filter((ability) => ability in model)).toEqual([])
})

test.each(models)('$kind: itemRows counts the training rows of each item, also after saving', async ({ kind }) => {
  const model = await fitted(kind)
  const ids = await model.itemIds()
  const counts = new Map<string, number>()
  let csv = ''
  for await (const part of data.toCSV()) csv += new TextDecoder().decode(part)
  for (const line of csv.trimEnd().split('\n').slice(1)) {
    const item = line.split(',')[1] ?? ''
    counts.set(item, (counts.get(item) ?? 0) + 1)
  }
  const expected = ids.map((id) => counts.get(id) ?? 0)
  expect([...(await model.itemRows())]).toEqual(expected)
  const loaded = await loadModel(await model.toBytes({ history: false }))
  expect([...(await loaded.itemRows())]).toEqual(expected)
  expect(await loaded.features()).toEqual([])
  await expect((await createModel(kind)).itemRows()).rejects.toMatchObject({ code: 'model/not-fitted' })
})
