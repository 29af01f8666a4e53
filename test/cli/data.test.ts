import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { put, run, shell, shellWords, strangers, temporaryFolder } from './support.ts'

const folder = temporaryFolder()

test('data make writes the same ratings for the same seed', async () => {
  const sizes = ['--users', '50', '--items', '40', '--ratings', '700', '--genres', '3']
  const { code, stdout } = await run(folder, 'data', 'make', '--out', 'a.csv', ...sizes, '--json')
  expect(code).toBe(0)
  const { bytes, ...made } = JSON.parse(stdout)
  expect(made).toEqual({ out: 'a.csv', rows: 700, users: 50, items: 40, seed: 0 })
  const text = readFileSync(join(folder, 'a.csv'), 'utf8')
  expect(text).toMatch(/^user,item,rating,timestamp\n\d+,\d+,[1-5],\d+\n/)
  expect([text.length, text.trimEnd().split('\n').length]).toEqual([bytes, 701])
  await run(folder, 'data', 'make', '--out', 'b.csv', ...sizes)
  await run(folder, 'data', 'make', '--out', 'c.csv', ...sizes, '--seed', '1')
  expect(readFileSync(join(folder, 'b.csv'), 'utf8')).toBe(text)
  expect(readFileSync(join(folder, 'c.csv'), 'utf8')).not.toBe(text)
})

const SMALL = 'user,item,rating,timestamp\nann,x,4,1e9\nann,y,2,1000086400\nbob,x,4,1000172800\nbob,x,5,1000172801\n'

test('data info describes a file', async () => {
  put(folder, 'small.csv', SMALL)
  const { stdout } = await run(folder, 'data', 'info', 'small.csv', '--json')
  expect(JSON.parse(stdout)).toMatchObject({
    file: 'small.csv',
    rows: 3,
    users: 2,
    items: 2,
    density: 0.75,
    duplicates: 1,
    ratings: { range: [2, 5] },
    times: [1e9, 1000172801],
  })
})

test('data info prints a histogram of the ratings', async () => {
  const { stdout, stderr } = await run(folder, 'data', 'info', 'small.csv')
  expect(stdout).toContain(
    [
      '2  ████████████████████████████████████████  1  33 %',
      '4  ████████████████████████████████████████  1  33 %',
    ].join('\n'),
  )
  expect(stdout).toMatch(/^users +2 {2}1 to 2 rows each, median 1\.5, mean 1\.5$/m)
  expect(stdout).toMatch(/^from +2001-09-09$/m)
  expect(stderr).toContain('dropped 1 row that a later row of the same user and item replaces')
})

test('accepts --columns and --format', async () => {
  put(folder, 'odd.txt', 'who;what;stars\na;b;3\nc;d;4\n')
  const words = ['--format', 'semicolon', '--columns', 'user=who,item=2,rating=stars', '--json']
  const { stdout } = await run(folder, 'data', 'info', 'odd.txt', ...words)
  expect(JSON.parse(stdout)).toMatchObject({ rows: 2, ratings: { mean: 3.5 } })
})

test('data make writes titles and genres that other commands can read', async () => {
  const words = ['data', 'make', '--users', '50', '--items', '40', '--ratings', '700', '--genres', '3', '--json']
  const { stdout } = await run(folder, ...words, '--out', 'd.jsonl.gz', '--items-out', 'items.csv')
  expect(JSON.parse(stdout)).toMatchObject({ out: 'd.jsonl.gz', itemsOut: 'items.csv', rows: 700 })
  const items = readFileSync(join(folder, 'items.csv'), 'utf8').trimEnd().split('\n')
  expect(items).toHaveLength(41)
  expect(items[0]).toBe('item,title,genres')
  expect(items[1]).toMatch(/^\d+,[^,]+,[^,]+$/)
  const rows = gunzipSync(readFileSync(join(folder, 'd.jsonl.gz')))
    .toString()
    .trimEnd()
    .split('\n')
  expect(Object.keys(JSON.parse(rows[0] ?? ''))).toEqual(['user', 'item', 'rating', 'timestamp'])
  const train = ['train', 'd.jsonl.gz', '--model', 'bias', '--out', 'm.st', '--items', 'items.csv']
  expect((await run(folder, ...train)).code).toBe(0)
  const [, id, title] = /^(\d+),([^,]+),/.exec(items[1] ?? '') ?? []
  const listed = await run(folder, 'recommend', 'm.st', '--user', '1', '--k', '40', '--exclude', 'none', '--json')
  expect(JSON.parse(listed.stdout).users[0].items).toContainEqual({ item: id, title, score: expect.any(Number) })
})

test('data convert round-trips between CSV and JSON Lines, with and without gzip', async () => {
  for (const [from, to] of [
    ['a.csv', 'e.jsonl.gz'],
    ['e.jsonl.gz', 'e.csv.gz'],
    ['e.csv.gz', 'e.jsonl'],
    ['e.jsonl', 'e.csv'],
  ] as const) {
    const { code, stdout } = await run(folder, 'data', 'convert', from, '--out', to, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ out: to, rows: 700, users: 50, items: 40 })
  }
  expect(readFileSync(join(folder, 'e.csv'), 'utf8')).toBe(readFileSync(join(folder, 'a.csv'), 'utf8'))
})

test('filters keep the matching rows', async () => {
  const convert = (...words: string[]) => run(folder, 'data', 'convert', 'small.csv', '--out', 'f.csv', ...words)
  const kept = async (...words: string[]) => {
    expect(await convert(...words)).toMatchObject({ code: 0 })
    return readFileSync(join(folder, 'f.csv'), 'utf8')
  }
  expect(await kept('--positive-threshold', '4')).toBe('user,item,timestamp\nann,x,1000000000\nbob,x,1000172801\n')
  expect(await kept('--from', '2001-09-10', '--until', '2001-09-11')).toMatch(/^.*\nann,y,2,1000086400\n$/)
  expect(await kept('--core', '1')).toMatch(/\nann,x.*\nann,y.*\nbob,x.*\n$/)
  const nothing = await convert('--core', '3')
  expect(nothing.code).toBe(1)
  expect(nothing.stderr).toContain('the filter keeps none')
})

test('reads gzipped standard input with --columns', async () => {
  put(folder, 'in.gz', gzipSync('what,who\nx,ann\ny,ann\n'))
  const info = shellWords('data', 'info', '-', '--columns', 'user=who,item=what', '--json')
  const { code, stdout, stderr } = await shell(folder, `${info} < in.gz`)
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ rows: 2, users: 1, items: 2, ratings: null })
  expect(stderr).toContain('Read standard input: 2 rows, 1 user, 2 items')
  const broken = await shell(folder, `echo user,item,rating,1 | ${shellWords('data', 'info', '-')}`)
  expect(broken.code).toBe(1)
  expect(broken.stderr).toContain('standard input')
})

test('reads item features in both layouts', async () => {
  put(folder, 'tags.dat', '2 x y\n1 x\n')
  put(folder, 'ours.dat', 'x old new\ny old\n')
  const info = async (...words: string[]) =>
    JSON.parse((await run(folder, 'data', 'info', 'small.csv', '--json', '--features', ...words)).stdout).features
  expect(await info('tags.dat', '--features-layout', 'feature-rows')).toEqual({ features: 2, items: 2, pairs: 3 })
  expect(await info('ours.dat')).toEqual({ features: 2, items: 2, pairs: 3 })
  const people = await run(folder, 'data', 'info', 'small.csv', '--features', 'ours.dat')
  expect(people.stdout).toMatch(/^features +2 {2}2 items with any, 1\.5 on average$/m)
})

const OTHERS = 'small.csv odd.txt d.jsonl.gz items.csv m.st e.jsonl.gz e.csv.gz e.jsonl in.gz tags.dat ours.dat'.split(
  ' ',
)

test('leaves no other files behind', () => {
  expect(strangers(folder, ...'abcef'.split('').map((name) => `${name}.csv`), ...OTHERS)).toEqual([])
})
