import { createModel, Dataset, KINDS, loadModel } from 'tastespace'
import { expect, test } from 'vitest'

const data = await Dataset.synthetic({ users: 60, items: 40, ratings: 900, seed: 3 })

test.each(KINDS)('%s: half precision ranks almost alike, and lists of all users are those of each', async (kind) => {
  const model = await createModel(kind)
  await model.fit(data, { epochs: 2 })
  const half = await loadModel(await model.toBytes({ precision: 'half' }))
  const users = await model.userIds()
  const [before, after] = [await model.recommend(users, { k: 1 }), await half.recommend(users, { k: 1 })]
  const same = before.filter(([best], user) => best?.item === after[user]?.[0]?.item)
  expect(same.length).toBeGreaterThanOrEqual(0.95 * users.length)

  const ids = await model.itemIds()
  const lists: (string | undefined)[][] = []
  // So many items that there are several pieces.
  for await (const { from, items, scores, ends } of model.recommendAll({ k: 3000, seen: 'include' })) {
    expect(from).toBe(lists.length)
    expect(scores.length).toBe(items.length)
    for (const [place, end] of ends.entries()) {
      lists.push(Array.from(items.subarray(ends[place - 1] ?? 0, end), (item) => ids[item]))
    }
  }
  const each = await model.recommend(users, { k: 3000, seen: 'include' })
  expect(lists).toEqual(each.map((list) => list.map(({ item }) => item)))
})

test('the strongest weights are stored where there are weights between items', async () => {
  const ease = await createModel('ease')
  await ease.fit(data)
  const few = await loadModel(await ease.toBytes({ weights: 5 }))
  expect((await few.toBytes()).length).toBeLessThan((await ease.toBytes()).length)
  expect(await loadModel(await ease.toBytes({ weights: 39 })).then((all) => all.recommend('1'))).toEqual(
    await ease.recommend('1'),
  )
  const cml = await createModel('cml')
  await cml.fit(data, { epochs: 1 })
  await expect(cml.toBytes({ weights: 5 })).rejects.toMatchObject({ code: 'model/unsupported' })
  await expect(ease.toBytes({ weights: 0 })).rejects.toMatchObject({ code: 'config/out-of-range' })
  // @ts-expect-error There are two precisions.
  await expect(ease.toBytes({ precision: 'quarter' })).rejects.toMatchObject({ code: 'config/out-of-range' })
})

test('recommendAll reads options as recommend does, and stops where its reader does', async () => {
  const pop = await createModel('pop')
  const all = async (options: object) => {
    for await (const _ of pop.recommendAll(options)) return
  }
  await expect(all({})).rejects.toMatchObject({ code: 'model/not-fitted' })
  await pop.fit(data)
  await all({})
  await expect(all({ k: 0 })).rejects.toMatchObject({ code: 'config/out-of-range' })
  await expect(all({ size: 3 })).rejects.toMatchObject({ code: 'config/unknown-key' })
})

test('explainFor says what each item of a history adds', async () => {
  const ease = await createModel('ease')
  await ease.fit(data)
  const history = [{ item: '3' }, { item: '17' }, { item: '30' }]
  const best = await ease.recommendFor(history, { k: 2 })
  const explained = await ease.explainFor(
    history,
    best.map(({ item }) => item),
  )
  explained.forEach(({ parts, items }, place) => {
    expect(parts[0]?.value).toBe(best[place]?.score)
    const sum = items.reduce((sum, { value }) => sum + value, 0)
    expect(sum).toBeCloseTo(best[place]?.score ?? 0, 5)
  })
  expect(await ease.explainFor(history, best[0]?.item ?? '')).toEqual(explained[0])
  await expect(ease.explainFor([{ item: 'none' }], '3')).rejects.toMatchObject({ code: 'model/unknown-item' })
  await expect(ease.explainFor(history, 'none')).rejects.toMatchObject({ code: 'model/unknown-item' })
})
