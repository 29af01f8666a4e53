import { beforeAll, expect, test } from 'vitest'
import { put, run, temporaryFolder } from './support.ts'

const folder = temporaryFolder()
const CSV = `user,item,rating\n${Array.from({ length: 60 }, (_, row) => `u${row % 12},${(row * 5 + Math.floor(row / 12)) % 12},${1 + (row % 5)}`).join('\n')}\n`
const TITLES = [
  ...['Toy Story (1995)', 'Matrix, The (1999)', 'Emma (1996)', 'Emma (1996)', 'Heat (1995)', 'Amélie (2001)'],
  ...Array.from({ length: 6 }, (_, film) => `Film ${film} (200${film})`),
]

beforeAll(async () => {
  put(folder, 'ratings.csv', CSV)
  put(folder, 'items.csv', `item,title\n${TITLES.map((title, item) => `${item},"${title}"`).join('\n')}\n`)
  const words = ['--model', 'ease', '--items', 'items.csv', '--epochs', '1', '--out', 'm.st', '--json']
  const { code, stderr } = await run(folder, 'train', 'ratings.csv', ...words)
  expect([code, stderr]).toEqual([0, expect.stringContaining('100 % of 60 ratings count as positive')])
  expect(stderr).toContain('--positive-threshold')
})

test('an export is matched to the items of the model, and the rest is reported', async () => {
  put(
    folder,
    'export.csv',
    'Date,Name,Year,Letterboxd URI,Rating\n2020-01-01,the matrix,1999,x,5\n2020-01-02,Emma,1996,x,3\n2020-01-03,Amelie,2001,x,0.5\n2020-01-04,Unheard of,2001,x,2\n',
  )
  const words = ['recommend', 'm.st', '--history', '@export.csv', '--k', '3']
  const { code, stdout, stderr } = await run(folder, ...words, '--json')
  expect(code).toBe(0)
  const { history, matching, items } = JSON.parse(stdout)
  expect(history).toEqual([
    { item: '1', rating: 5, title: 'Matrix, The (1999)' },
    { item: '5', rating: 1, title: 'Amélie (2001)' },
  ])
  expect(items.length).toBe(3)
  expect(matching).toMatchObject([
    {
      file: 'export.csv',
      service: 'letterboxd',
      rows: 4,
      matched: 2,
      ambiguous: [{ candidates: [{ item: '2' }, { item: '3' }] }],
    },
  ])
  expect(matching[0].unmatched).toMatchObject([{ title: 'Unheard of' }])
  expect(stderr).toContain('a history of letterboxd, 4 rows; 2 items matched, 1 ambiguous, 1 not in the model')
  expect(stderr).toContain("not in the model: 'Unheard of (2001)'")
})

test('an export without an item of the model is an error', async () => {
  put(folder, 'none.csv', 'Title,Date\nUnheard of,1/1/20\n')
  const { code, stderr } = await run(folder, 'recommend', 'm.st', '--history', '@none.csv')
  expect([code, stderr]).toEqual([1, expect.stringContaining("none of the 1 row of none.csv, such as 'Unheard of'")])
})

test('a list of ids in a file works, and items may be titles in quotes', async () => {
  put(folder, 'list.txt', '1=5\n5=2\n')
  const list = JSON.parse((await run(folder, 'recommend', 'm.st', '--history', '@list.txt', '--json')).stdout)
  const words = ['recommend', 'm.st', '--history', '"Matrix, The (1999)"=5,amelie=2', '--json']
  const titles = JSON.parse((await run(folder, ...words)).stdout)
  expect(titles.history).toEqual(list.history)
  expect(titles.items).toEqual(list.items)
})

test('titles stand for ids, near misses are suggested, and ambiguous titles list their items', async () => {
  const by = async (...words: string[]) => run(folder, ...words)
  const similar = JSON.parse((await by('similar', 'm.st', '--item', 'toy story', '--json')).stdout)
  expect(similar.item).toBe('0')
  const explained = JSON.parse((await by('explain', 'm.st', '--user', 'u1', '--item', 'Heat (1995)', '--json')).stdout)
  expect(explained).toMatchObject({ item: '4', title: 'Heat (1995)' })
  const near = await by('similar', 'm.st', '--item', 'Toy Stroy (1995)')
  expect([near.code, near.stderr]).toEqual([1, expect.stringContaining('Did you mean item 0, Toy Story (1995)?')])
  const several = await by('recommend', 'm.st', '--user', 'u1', '--filter', 'Emma (1996)')
  expect(several.code).toBe(1)
  expect(several.stderr).toContain('item 2, Emma (1996); item 3, Emma (1996)')
})

test('--unknown skip goes on past unknown users and items and names them', async () => {
  const words = ['recommend', 'm.st', '--user', 'nobody', '--user', 'u1', '--filter', 'sold-out,1', '--k', '2']
  expect((await run(folder, ...words)).code).toBe(1)
  const { code, stdout, stderr } = await run(folder, ...words, '--unknown', 'skip', '--json')
  expect([code, stderr]).toEqual([0, 'Skipped 1 unknown item: sold-out\nSkipped 1 unknown user: nobody\n'])
  const { users, skipped } = JSON.parse(stdout)
  expect(skipped).toEqual({ users: ['nobody'], items: ['sold-out'] })
  expect([users[0].items, users[1].items.length]).toEqual([[], 2])
})

test('--duplicates sum adds up the ratings of several rows', async () => {
  put(folder, 'twice.csv', 'user,item,rating\na,x,1\na,x,2\nb,y,1\n')
  const { stdout, stderr } = await run(folder, 'data', 'info', 'twice.csv', '--duplicates', 'sum', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ rows: 2, ratings: { mean: 2 } })
  expect(stderr).toContain('combined 1 row with a later row of the same user and item: sum')
})
