import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { Dataset } from 'tastespace'
import { afterAll, beforeAll, expect, test } from 'vitest'

let folder = ''
const path = (name: string) => join(folder, name)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tastespace-sql-'))
  const instance = await DuckDBInstance.create(path('shop.duckdb'))
  const connection = await instance.connect()
  await connection.run(
    'create table ratings as select (i % 50)::integer as customer, (i * 7 % 40)::bigint as product, (i % 5 + 1)::float as stars, i as moment from range(1000) as t(i)',
  )
  for (const [from, to] of [
    [0, 500],
    [500, 1000],
  ]) {
    await connection.run(
      `copy (select customer as user, product as item, stars as rating, moment as time from ratings where moment >= ${from} and moment < ${to})
      to '${path(`part-${from}.parquet`)}' (format parquet)`,
    )
  }
  connection.closeSync()
  instance.closeSync()
})

afterAll(() => rmSync(folder, { recursive: true }))

test('a query over files gives the rows of the query', async () => {
  const rows: number[] = []
  const query = `select user, item, rating, time from '${folder}/*.parquet' where rating >= 3 order by time; -- the better half`
  const data = await Dataset.fromSQL(query, { onProgress: (read) => rows.push(read) })
  const { times, ratings, rows: kept, duplicates } = await data.info()
  expect(kept + duplicates).toBe(600)
  expect(rows).toEqual([600])
  expect(times).toEqual([802, 999])
  expect(ratings?.range).toEqual([3, 5])
})

test('a query over the tables of a database gives the same as over the files', async () => {
  const query = 'select customer, product, stars, moment as timestamp from ratings'
  const of = async (data: Dataset) => {
    const { source: _, ...info } = await data.info()
    return [info, await data.userIds(), await data.itemIds()]
  }
  const database = path('shop.duckdb')
  const fromDatabase = await Dataset.fromSQL(query, { database })
  const fromFiles = await Dataset.fromSQL(`from '${folder}/*.parquet'`)
  expect(await of(fromDatabase)).toEqual(await of(fromFiles))
  const chosen = await Dataset.fromSQL('select moment as a, customer as b, product as c from ratings', {
    database,
    columns: { user: 'b', item: 'c', time: 'a' },
  })
  expect((await chosen.info()).ratings).toBeNull()
})

test('a database is not changed', async () => {
  await expect(Dataset.fromSQL('drop table ratings', { database: path('shop.duckdb') })).rejects.toMatchObject({
    code: 'sql/not-a-query',
  })
})

test('wrong queries are refused with the message of DuckDB', async () => {
  const refused = (query: string, error: object) => expect(Dataset.fromSQL(query), query).rejects.toMatchObject(error)
  await refused('selct 1', { code: 'sql/failed', message: expect.stringContaining('selct') })
  await refused("select * from 'none.parquet'", {
    code: 'sql/failed',
    message: expect.stringContaining('none.parquet'),
  })
  await refused('select who from (select 1 as user)', { code: 'sql/failed', message: expect.stringContaining('who') })
  await refused('select 1 as user; select 2', { code: 'sql/not-a-query', details: { reason: 'it has 2 statements' } })
  await refused('create table a (b integer)', { code: 'sql/not-a-query' })
  await refused('select $1 as user, 2 as item', { code: 'sql/not-a-query' })
  await refused(';', { code: 'sql/failed' })
  await refused(' ', { code: 'config/bad-argument' })
  // An error after the first rows.
  const late = "select i as user, i as item, (if(i = 300000, 'x', '1'))::double as rating from range(400000) as t(i)"
  await refused(late, { code: 'sql/failed', message: expect.stringContaining('x') })
})

test('a query without the columns is refused with those that it has', async () => {
  const asking = Dataset.fromSQL('select 1 as who, 2 as item')
  await expect(asking).rejects.toMatchObject({
    code: 'data/missing-column',
    message: expect.stringMatching(/no column has a name for user; the columns are who, item; .*select who as user/s),
    details: { wanted: 'user', found: ['who', 'item'] },
  })
})

test('types, nulls and names that occur twice', async () => {
  await expect(Dataset.fromSQL("select 'a' as user, {'b': 1} as item")).rejects.toMatchObject({
    code: 'data/bad-column',
  })
  await expect(Dataset.fromSQL('select 1 as user, null::integer as item')).rejects.toMatchObject({
    code: 'data/bad-row',
    details: { row: 1, wanted: 'item' },
  })
  const data = await Dataset.fromSQL('select 1 as user, 2 as item, 3 as item, true as rating')
  expect([await data.itemIds(), (await data.info()).ratings?.mean]).toEqual([['2'], 1])
  const empty = await Dataset.fromSQL('select 1 as user, 2 as item where false')
  expect((await empty.info()).rows).toBe(0)
})

test('a file that is no database is refused', async () => {
  writeFileSync(path('text.duckdb'), 'user,item\n1,2\n'.repeat(1000))
  for (const database of [path('text.duckdb'), path('none.duckdb')]) {
    await expect(Dataset.fromSQL('select 1 as user, 2 as item', { database })).rejects.toMatchObject({
      code: 'sql/bad-database',
    })
  }
})
