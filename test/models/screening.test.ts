import { BPR, CML, Dataset } from 'tastespace'
import { expect, test } from 'vitest'
import { withEngine } from '../engine/support.ts'

const [users, items, factors] = [200, 5000, 32]
const column = (value: (row: number) => number) => Array.from({ length: items }, (_, row) => value(row))
const columns = { user: column((row) => row % users), item: column((row) => row) }

// The first call is too small to pay for the table of integers; the second makes it.
test.each([BPR, CML])('lists by way of integers are those without, in half the memory of the vectors', (kind) =>
  withEngine({ threads: 2 }, async (engine) => {
    const data = await Dataset.fromColumns(columns, { engine })
    const model = await kind.create({ factors }, { engine })
    await model.fit(data, { epochs: 1 })
    const ids = await model.userIds()
    const before = await model.recommend(ids.slice(0, 20), { k: 12 })
    const { usedBytes } = await engine.usage()
    const all = await model.recommend(ids, { k: 12 })
    const table = (await engine.usage()).usedBytes - usedBytes
    expect(table).toBeGreaterThan(items * factors * 2)
    expect(table).toBeLessThan(items * factors * 2 * 1.2)
    expect(all.slice(0, 20)).toEqual(before)
    expect(await model.recommend(ids[3] ?? '', { k: 12 })).toEqual(before[3])
    await model.dispose()
    expect((await engine.usage()).usedBytes).toBeLessThan(usedBytes)
  }),
)
