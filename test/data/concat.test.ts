import { CML, createEngine, Dataset } from 'tastespace'
import { expect, test } from 'vitest'

/** All bytes as text. */
async function text(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let all = ''
  for await (const piece of pieces) all += decoder.decode(piece, { stream: true })
  return all
}

const older = await Dataset.fromBytes('user,item,rating\n2,a,4\n1,a,3\n1,b,5\n', {
  items: new Blob(['item,title,genres\na,Alien,Horror\nb,Brazil,\n']),
})
const newer = await Dataset.fromBytes('user,item,rating\n1,a,1\n3,c,2\n', {
  items: new Blob(['item,title,genres\nc,Chinatown,Crime\n']),
})

test('joined data sets are the file with all their rows', async () => {
  const both = await Dataset.concat([older, newer])
  const whole = await Dataset.fromBytes('user,item,rating\n2,a,4\n1,a,3\n1,b,5\n1,a,1\n3,c,2\n')
  expect(await text(both.toCSV())).toBe(await text(whole.toCSV()))
  expect(await both.userIds()).toEqual(['1', '2', '3'])
  expect(await both.itemTitles()).toEqual(['Alien', 'Brazil', 'Chinatown'])
  expect(await both.itemGenres()).toEqual([['Horror'], [], ['Crime']])
  const { rows, duplicates, ratings } = await both.info()
  expect([rows, duplicates, ratings?.range]).toEqual([4, 1, [1, 5]])
})

test('models of joined data have the bits of those of one file', async () => {
  const { train, test } = await (await Dataset.synthetic({ users: 60, items: 40, ratings: 1200 })).split({
    by: 'time',
    test: 0.3,
  })
  const joined = await Dataset.concat([train, test])
  const file = await Dataset.fromStream(joined.toCSV())
  const vectors = async (data: Dataset) => {
    const model = await CML.create({ factors: 8 })
    await model.fit(data, { epochs: 2 })
    return (await model.itemVectors()).vectors
  }
  expect(await vectors(joined)).toEqual(await vectors(file))
})

test('a model that is continued keeps the features of items that are not in the new data', async () => {
  const rows = Array.from({ length: 200 }, (_, at) => ({ user: `u${at % 20}`, item: `i${(at * 7) % 30}` }))
  const tags = (items: readonly number[], tag: string) => new Blob(items.map((item) => `i${item} ${tag}\n`))
  const model = await CML.create({ factors: 4 })
  await model.fit(await Dataset.fromRows(rows, { features: tags([0, 1, 2], 'old') }), { epochs: 1 })
  const news = [
    { user: 'u1', item: 'i30' },
    { user: 'u2', item: 'i2' },
    { user: 'u3', item: 'i1' },
  ]
  await model.continueFit(await Dataset.fromRows(news, { features: tags([30, 2], 'new') }), { epochs: 1 })
  const ids = await model.itemIds()
  const features = await model.features()
  const of = (id: string) => features[ids.indexOf(id)]
  expect([of('i0'), of('i1'), of('i2'), of('i30')]).toEqual([['old'], ['old'], ['new'], ['new']])
})

test.each([
  ['last', 1],
  ['sum', 4],
  ['max', 3],
  ['count', 2],
] as const)('duplicates: %s', async (duplicates, rating) => {
  const both = await Dataset.concat([older, newer], { duplicates })
  const rows = (await text(both.toJSONLines())).trim().split('\n')
  expect(rows.map((row) => JSON.parse(row)).find(({ user, item }) => user === '1' && item === 'a')?.rating).toBe(rating)
})

test('what cannot be joined is refused', async () => {
  const implicit = await Dataset.fromRows([{ user: 1, item: 'a' }])
  await expect(Dataset.concat([older, newer, implicit])).rejects.toMatchObject({
    code: 'data/columns-differ',
    message: 'data set 1 has a rating in every row and data set 3 has none: all need it, or none',
    details: { wanted: 'rating', with: 1, without: 3 },
  })
  // @ts-expect-error: no array
  await expect(Dataset.concat(older)).rejects.toMatchObject({ code: 'config/bad-argument' })
  await expect(Dataset.concat([])).rejects.toThrow(/an array of at least one Dataset/)
  // @ts-expect-error: no rule
  await expect(Dataset.concat([older], { duplicates: 'first' })).rejects.toMatchObject({
    message: expect.stringMatching(/duplicates' is "first": expected one of last, sum, count, max/),
  })
  const engine = await createEngine({ threads: 1 })
  const elsewhere = await Dataset.fromBytes('1,a,1\n', { engine })
  await expect(Dataset.concat([older, elsewhere])).rejects.toMatchObject({ code: 'engine/mismatch' })
  engine.dispose()
})
