import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { put, run, temporaryFolder } from './support.ts'

const folder = temporaryFolder()

beforeAll(async () => {
  const sizes = ['--users', '40', '--items', '30', '--ratings', '600']
  expect((await run(folder, 'data', 'make', '--out', 'all.csv', ...sizes)).code).toBe(0)
  for (const kind of ['cml', 'ease']) {
    const words = ['train', 'all.csv', '--model', kind, '--epochs', '1', '--out', `${kind}.st`]
    expect((await run(folder, ...words)).code).toBe(0)
  }
})

test.each([
  ['pgvector', 'out.sql', ['out.sql']],
  ['sqlite-vec', 'lite.sql', ['lite.sql']],
  ['csv', 'new/csv', ['new/csv/items.csv', 'new/csv/users.csv', 'new/csv/seen.csv']],
  ['parquet', 'pq', ['pq/items.parquet', 'pq/users.parquet', 'pq/seen.parquet', 'pq/recommend.sql']],
  ['projector', 'tsv', ['tsv/vectors.tsv', 'tsv/metadata.tsv']],
])('--to %s', async (to, out, files) => {
  const { code, stdout, stderr } = await run(folder, 'export', 'cml.st', '--to', to, '--out', out, '--json')
  expect([code, stderr]).toEqual([0, ''])
  const document = JSON.parse(stdout)
  expect(document).toMatchObject({ model: 'cml', to, out, files, by: 'distance', items: 30 })
  for (const file of files) expect(existsSync(join(folder, file))).toBe(true)
  expect(document.bytes).toBeGreaterThan(1000)
})

test('what it prints', async () => {
  const vectors = await run(folder, 'export', 'cml.st', '--to', 'pgvector', '--out', 'out.sql')
  expect(vectors.stdout).toMatch(
    /^40 users and 30 items written to out\.sql as vectors of 64 numbers, compared by distance \([\d.]+ kB\) in [\d.]+ s\n$/,
  )
  const lists = await run(folder, 'export', 'ease.st', '--to', 'csv', '--k', '5', '--out', 'lists')
  expect(lists.stdout).toMatch(/^40 users and 30 items written to lists as lists \([\d.]+ kB\) in [\d.]+ s\n$/)
  const rows = readFileSync(join(folder, 'lists/lists.csv'), 'utf8').trimEnd().split('\n').slice(1)
  expect(new Set(rows.map((row) => row.split(',')[1]))).toEqual(new Set(['1', '2', '3', '4', '5']))
})

test.each([
  [['--to', 'csv', '--out', 'x', '--hnsw'], '--hnsw is not for --to csv: leave it out'],
  [['--to', 'projector', '--out', 'x', '--no-seen'], '--no-seen is not for --to projector: leave it out'],
  [['--out', 'x'], "'export' needs --to <format>"],
  [['--to', 'oracle', '--out', 'x'], 'Allowed choices are pgvector, sqlite-vec, parquet, csv, projector'],
  [['--to', 'csv'], "'export' needs --out <path>"],
  [['--to', 'pgvector', '--out', 'cml.st'], 'an input, which is never written over'],
])('misused: %j', async (words, message) => {
  const { code, stdout, stderr } = await run(folder, 'export', 'cml.st', ...words)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain(message)
})

test('failures', async () => {
  put(folder, 'file', 'x')
  const inFile = await run(folder, 'export', 'cml.st', '--to', 'csv', '--out', 'file/csv')
  expect([inFile.code, inFile.stderr]).toEqual([
    1,
    expect.stringMatching(/^tastespace: .*file\/csv cannot be written: /),
  ])
  const ease = await run(folder, 'export', 'ease.st', '--to', 'projector', '--out', 'x')
  expect([ease.code, ease.stderr]).toEqual([1, expect.stringContaining('embeddings of items')])
  const prefix = await run(folder, 'export', 'cml.st', '--to', 'pgvector', '--out', 'x', '--prefix', 'A B')
  expect([prefix.code, prefix.stderr]).toEqual([2, expect.stringContaining('prefix is "A B"')])
})
