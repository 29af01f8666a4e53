import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { put, run, strangers, temporaryFolder } from './support.ts'

const folder = temporaryFolder()

test('data make writes ratings, the same for the same seed', async () => {
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

test('data info tells what is in a file', async () => {
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

test('data info draws a histogram', async () => {
  const { stdout, stderr } = await run(folder, 'data', 'info', 'small.csv')
  expect(stdout).toContain(
    [
      '2  ████████████████████████████████████████  1  33 %',
      '4  ████████████████████████████████████████  1  33 %',
    ].join('\n'),
  )
  expect(stdout).toMatch(/^users +2 {2}1 to 2 rows each, median 1\.5, mean 1\.5$/m)
  expect(stdout).toMatch(/^from +2001-09-09$/m)
  expect(stderr).toContain('left out 1 row that a later one of the same user and item replaces')
})

test('columns and format can be said', async () => {
  put(folder, 'odd.txt', 'who;what;stars\na;b;3\nc;d;4\n')
  const words = ['--format', 'semicolon', '--columns', 'user=who,item=2,rating=stars', '--json']
  const { stdout } = await run(folder, 'data', 'info', 'odd.txt', ...words)
  expect(JSON.parse(stdout)).toMatchObject({ rows: 2, ratings: { mean: 3.5 } })
})

test('nothing is left beside what was asked for', () => {
  expect(strangers(folder, 'a.csv', 'b.csv', 'c.csv', 'small.csv', 'odd.txt')).toEqual([])
})
