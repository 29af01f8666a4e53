import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Dataset, Popularity, readHistory } from 'tastespace'
import { expect, test } from 'vitest'

const TITLES: Readonly<Record<string, string>> = {
  1: 'Toy Story (1995)',
  2: 'Toy Story 2 (1999)',
  3: 'Matrix, The (1999)',
  4: "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)",
  5: 'Seven (a.k.a. Se7en) (1995)',
  6: 'City of Lost Children, The (Cité des enfants perdus, La) (1995)',
  7: 'Emma (1996)',
  8: 'Emma (1996)',
  9: 'Solaris (Solyaris) (1972)',
  10: 'Solaris (2002)',
  11: 'Star Wars: Episode IV - A New Hope (1977)',
  12: 'Die Hard (1988)',
  13: 'Lock, Stock & Two Smoking Barrels (1998)',
  14: 'Kill Bill: Vol. 1 (2003)',
  15: 'Kill Bill: Vol. 2 (2004)',
  16: 'Spider-Man (2002)',
  17: "Avventura, L' (Adventure, The) (1960)",
  18: 'Sherlock: Unaired Pilot (2010)',
  19: 'Rocky II (1979)',
  20: 'Boot, Das (Boat, The) (1981)',
  21: '*batteries not included (1987)',
  Heat: 'Thief (1981)',
  30: 'Heat (1995)',
}

const items = new TextEncoder().encode(
  `movieId,title,genres\n${Object.entries(TITLES)
    .map(([id, title]) => `${id},"${title}",Drama|Crime`)
    .join('\n')}\n`,
)
const rows = Object.keys(TITLES).map((item) => ({ user: 'ann', item, rating: 1 + (item.length % 2) * 4 }))

async function model() {
  const data = await Dataset.fromRows(rows, { items })
  const popular = await Popularity.create()
  await popular.fit(data)
  return popular
}
const popular = await model()

const found = async (text: string) => (await popular.find(text)).map(({ item }) => item)
const match = async (title: string, year?: number) => {
  const row = { line: 1, title, ...(year !== undefined && { year }) }
  const { matched, ambiguous, unmatched } = await popular.matchHistory({ service: 'table', scale: null, rows: [row] })
  if (matched[0]) return matched[0].item
  return ambiguous[0] ? ambiguous[0].candidates.map(({ item }) => item) : unmatched.length > 0 ? null : undefined
}

test.each([
  ['the matrix', 1999, '3'],
  ['THE MATRIX (1999)', undefined, '3'],
  ['Matrix', 1998, '3'],
  ['the matrix 1999', undefined, '3'],
  ['Amélie', 2001, '4'],
  ["Le fabuleux destin d'Amélie Poulain", 2001, '4'],
  ['Se7en', 1995, '5'],
  ['La cite des enfants perdus', 1995, '6'],
  ['Cité des enfants perdus', 1995, '6'],
  ['Lock Stock and Two Smoking Barrels', 1998, '13'],
  ['Kill Bill Volume 1', 2003, '14'],
  ['Spiderman', 2002, '16'],
  ["L'avventura", 1960, '17'],
  ['Star Wars', 1977, '11'],
  ['Rocky 2', 1979, '19'],
  ['The Boat', 1981, '20'],
  ['Kill Bill', 2003, '14'],
  ['batteries not included', 1987, '21'],
])('%s, %s is item %s', async (title, year, item) => {
  expect(await match(title, year)).toBe(item)
})

test.each([
  ['Emma', 1996, ['7', '8']],
  ['Solaris', undefined, ['9', '10']],
  ['Sherlock', 2010, ['18']],
  ['Kill Bill', undefined, ['14', '15']],
])('%s, %s is ambiguous', async (title, year, items) => {
  expect(await match(title, year)).toEqual(items)
})

test.each([
  ['The Matrix', 2021],
  ['Hard', undefined],
  ['Hard', 2012],
  ['Toy', 1995],
  ['Solaris', 1980],
  ['Story', undefined],
  ['Rocky', 1976],
])('%s, %s is none of the items', async (title, year) => {
  expect(await match(title, year)).toBeNull()
})

test('a title chooses between years', async () => {
  expect([await match('Solaris', 2002), await match('Solyaris', 1972)]).toEqual(['10', '9'])
})

test('find lists items by parts of their titles, and ids come first', async () => {
  expect(await found('toy st')).toEqual(['1', '2'])
  expect(await found('kill bill')).toEqual(['14', '15'])
  expect((await popular.find('Heat'))[0]).toEqual({ item: 'Heat', title: 'Thief (1981)', exact: true })
  expect((await popular.find('heat'))[0]).toEqual({ item: '30', title: 'Heat (1995)', exact: true })
  expect(await popular.find('Toy Stroy')).toEqual([])
  expect(await popular.find('Toy Stroy', { near: true, k: 1 })).toMatchObject([{ item: '1', exact: false }])
  await expect(popular.find('x', { k: 0 })).rejects.toMatchObject({ code: 'config/bad-argument' })
})

test('a title in place of an id is an error that names the item', async () => {
  await expect(popular.recommendFor([{ item: 'toy story' }])).rejects.toMatchObject({
    code: 'model/unknown-item',
    message: expect.stringMatching(/Did you mean item 1, Toy Story \(1995\)\?/),
    details: { found: '1' },
  })
})

test('titles and genres stay with the model', async () => {
  expect(await popular.title(3)).toBe('Matrix, The (1999)')
  await expect(popular.title('nothing')).rejects.toMatchObject({ code: 'model/unknown-item' })
  expect((await popular.genres())[0]).toEqual(['Drama', 'Crime'])
})

test('titles are read anew after another training', async () => {
  const own = await model()
  expect(await own.find('toy story', { k: 1 })).toMatchObject([{ item: '1' }])
  await own.fit(
    await Dataset.fromRows([{ user: 'ann', item: 'x' }], {
      items: new TextEncoder().encode('item,title\nx,Toy Story (1995)\n'),
    }),
  )
  expect(await own.find('toy story')).toEqual([{ item: 'x', title: 'Toy Story (1995)', exact: true }])
})

const folder = join(process.env.TASTESPACE_DATA ?? '../shared/data', 'ml-latest-small')
const awkward = new URL('../fixtures/awkward-titles.csv', import.meta.url)

test.skipIf(!existsSync(folder))(
  'titles in awkward spellings are found among those of MovieLens, none wrongly',
  async () => {
    const data = await Dataset.fromFile(join(folder, 'ratings.csv'), { items: join(folder, 'movies.csv') })
    const films = await Popularity.create()
    await films.fit(data, { epochs: 1 })
    const expected = new Map(
      readFileSync(awkward, 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .map((line, index) => [index + 2, line.split(',').at(-1)]),
    )
    let right = 0
    const history = await readHistory(awkward)
    for (const row of history.rows) {
      const { matched } = await films.matchHistory({ ...history, rows: [row] })
      const [item] = matched
      if (item) expect([row.title, item.item]).toEqual([row.title, expected.get(row.line)])
      if (item) right++
    }
    expect(right / history.rows.length).toBeGreaterThanOrEqual(0.95)
  },
)
