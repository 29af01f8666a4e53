import { CML, Dataset, ItemKNN } from 'tastespace'
import { expect, test } from 'vitest'

const rows = (prefix: string, items: number) =>
  Array.from({ length: 400 }, (_, row) => ({
    user: `u${row % 40}`,
    item: `${prefix}${(row * 7 + Math.floor(row / 40)) % items}`,
  }))

test('an answer that is asked when a training on other data begins is that of one of the two models, never a mixture', async () => {
  const data = [await Dataset.fromRows(rows('a', 12)), await Dataset.fromRows(rows('b', 60))] as const
  for (const model of [await ItemKNN.create(), await CML.create({ factors: 8 })]) {
    const lists: string[] = []
    for (const each of data) {
      await model.fit(each, { epochs: 1 })
      lists.push(JSON.stringify(await model.recommend('u1', { k: 5 })))
    }
    // At every turn between the start of a training and its first epoch.
    for (let turns = 0; turns < 40; turns++) {
      const [from, to] = turns % 2 === 0 ? data : [data[1], data[0]]
      await model.fit(from, { epochs: 1 })
      const training = model.fit(to, { epochs: 1 })
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      const answer = JSON.stringify(await model.recommend('u1', { k: 5 }))
      await training
      expect(lists).toContain(answer)
    }
  }
})
