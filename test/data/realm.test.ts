import { runInNewContext } from 'node:vm'
import { Dataset, loadModel, Popularity, readHistory } from 'tastespace'
import { expect, test } from 'vitest'

/** A value as a test runner or a sandbox makes it: of classes that are not ours. */
const foreign = (expression: string) => runInNewContext(expression)

test('bytes of another realm are read', async () => {
  const bytes = foreign(`Uint8Array.from('user,item\\na,x\\nb,x\\nb,y\\n', (c) => c.charCodeAt(0))`)
  expect(bytes instanceof Uint8Array).toBe(false)
  expect(await (await Dataset.fromBytes(bytes)).info()).toMatchObject({ rows: 3 })
  async function* chunks() {
    yield bytes
  }
  expect(await (await Dataset.fromStream(chunks())).info()).toMatchObject({ rows: 3 })
})

test('columns, dates and models of another realm are read', async () => {
  const rows = foreign(`({
    user: new Uint32Array([0, 1, 1]), item: ['x', 'x', 'y'], rating: new Float32Array([1, 2, 3]),
    time: [new Date(0), new Date(1e12), new Date(2e12)],
  })`)
  const data = await Dataset.fromColumns(rows)
  expect(await data.info()).toMatchObject({ rows: 3, users: 2 })
  const early = await data.filter({ until: foreign('new Date(1.5e12)') })
  expect(await early.info()).toMatchObject({ rows: 2 })
  const model = await Popularity.create()
  await model.fit(data)
  const bytes = await model.toBytes()
  const loaded = await loadModel(foreign('(values) => Uint8Array.from(values)')([...bytes]))
  const { items } = await loaded.recommendArrays(foreign('new Uint32Array([0])'))
  expect([...items]).toEqual([1])
})

test('a history of another realm is read', async () => {
  const bytes = foreign(`Uint8Array.from('Name,Year,Rating\\nAlien,1979,5\\n', (c) => c.charCodeAt(0))`)
  expect((await readHistory(bytes)).rows).toHaveLength(1)
})
