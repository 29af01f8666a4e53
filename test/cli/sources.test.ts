import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { beforeAll, expect, test } from 'vitest'
import { ended, run, start, temporaryFolder } from './support.ts'

const folder = temporaryFolder()
const QUERY = "select user_id as user, item_id as item, stars as rating from 'ratings.parquet'"

beforeAll(async () => {
  const instance = await DuckDBInstance.create(join(folder, 'shop.duckdb'))
  const connection = await instance.connect()
  await connection.run(
    'create table ratings as select i % 30 as user_id, (i * 7) % 41 as item_id, (i % 5 + 1)::float as stars from range(900) as t(i)',
  )
  await connection.run(`copy ratings to '${join(folder, 'ratings.parquet')}' (format parquet)`)
  connection.closeSync()
  instance.closeSync()
})

test('train, info, convert and compare take Parquet files', async () => {
  const info = await run(folder, 'data', 'info', 'ratings.parquet', '--json')
  expect(JSON.parse(info.stdout), info.stderr).toMatchObject({
    file: 'ratings.parquet',
    rows: 900,
    users: 30,
    items: 41,
  })
  const train = await run(
    folder,
    'train',
    'ratings.parquet',
    '--model',
    'bias',
    '--out',
    'm.st',
    '--json',
    '--split',
    'random:0.2',
  )
  expect(train.code, train.stderr).toBe(0)
  expect(train.stderr).toContain('Read ratings.parquet: 900 ratings')
  const convert = await run(
    folder,
    'data',
    'convert',
    'ratings.parquet',
    '--out',
    'copy.csv',
    '--columns',
    'rating=none',
  )
  expect(convert.code, convert.stderr).toBe(0)
})

test('a query stands in for the file', async () => {
  const info = await run(folder, 'data', 'info', '--sql', `${QUERY} where stars >= 3`, '--json')
  expect(JSON.parse(info.stdout), info.stderr).toMatchObject({ file: null, rows: 540, users: 18 })
  const train = await run(folder, 'train', '--sql', QUERY, '--model', 'ease', '--out', 'e.st')
  expect(train.code, train.stderr).toBe(0)
  expect(train.stderr).toContain('Read the query: 900 ratings')
  const evaluated = await run(folder, 'evaluate', 'm.st', '--sql', QUERY, '--json')
  expect(evaluated.code, evaluated.stderr).toBe(0)
  const fromDatabase = await run(folder, 'data', 'info', '--sql', 'from ratings', '--database', 'shop.duckdb', '--json')
  expect(JSON.parse(fromDatabase.stdout), fromDatabase.stderr).toMatchObject({ rows: 900 })
})

test('a wrong query fails with the message of DuckDB', async () => {
  const { code, stderr } = await run(folder, 'data', 'info', '--sql', 'select nothing from ratings')
  expect(code).toBe(1)
  expect(stderr).toContain('DuckDB refuses the query: Catalog Error')
})

test('Parquet on standard input is refused with advice', async () => {
  const child = start(folder, ['data', 'info', '-'])
  const result = ended(child)
  if (child.stdin) createReadStream(join(folder, 'ratings.parquet')).pipe(child.stdin)
  const { code, stderr } = await result
  expect(code).toBe(1)
  expect(stderr).toContain('is a Parquet file')
  expect(stderr).toContain('give a path')
})
