import { CML, Dataset, ItemKNN } from 'tastespace'
import { expect, test } from 'vitest'

const rows = (prefix: string, items: number) =>
  Array.from({ length: 400 }, (_, row) => ({
    user: `u${row % 40}`,
    item: `${prefix}${(row * 7 + Math.floor(row / 40)) % items}`,
  }))

test('answers that are asked while a model is trained on other data have the items of one of the two, never a mixture', async () => {
  const small = await Dataset.fromRows(rows('a', 12))
  const large = await Dataset.fromRows(rows('b', 60))
  for (const model of [await ItemKNN.create(), await CML.create({ factors: 8 })]) {
    await model.fit(small, { epochs: 2 })
    for (let round = 0; round < 40; round++) {
      const answers: Promise<string[]>[] = []
      const training = model.fit(round % 2 === 0 ? large : small, { epochs: 2 })
      // After a training the names are read anew: their request must not come after the next training.
      for (let turn = 0; turn < round; turn++) await Promise.resolve()
      answers.push(model.recommend('u1', { k: 5 }).then((list) => list.map(({ item }) => item)))
      for (let asked = 0; asked < 5; asked++) {
        answers.push(model.recommend('u1', { k: 5 }).then((list) => list.map(({ item }) => item)))
        answers.push(model.itemIds())
        await new Promise((resolve) => setTimeout(resolve))
      }
      await training
      for (const items of await Promise.all(answers)) {
        expect(new Set(items.map((item) => item[0])).size).toBeLessThanOrEqual(1)
        expect(new Set(items).size).toBe(items.length)
        expect(items).not.toContain('')
      }
    }
  }
})
