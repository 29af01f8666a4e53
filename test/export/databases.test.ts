// Real databases answer as `recommend` does.
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { getLoadablePath } from 'sqlite-vec'
import { type AnyModel, KINDS } from 'tastespace'
import { toParquet, toPgvector, toSqliteVec } from 'tastespace/export'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Answered, difference, folder, trained } from './support.ts'

const BY = {
  cml: 'distance',
  attrec: 'distance',
  sasrec: 'inner-product',
  'biased-mf': 'inner-product',
  bpr: 'inner-product',
  ials: 'inner-product',
} as const
const LISTS = ['lrml', 'ease'] as const

const models = new Map<string, AnyModel>()
beforeAll(async () => {
  for (const kind of [...Object.keys(BY), ...LISTS]) models.set(kind, await trained(kind))
})

/** Compares the lists of all users with those of a database. */
async function expectSameLists(model: AnyModel, ask: (user: string) => Promise<Answered>): Promise<void> {
  const users = await model.userIds()
  const expected = await model.recommend(users, { k: 10 })
  for (const [place, user] of users.entries()) {
    expect(difference(expected[place] ?? [], await ask(user)), `user ${user}`).toBeUndefined()
  }
}

test('every kind either has ranking vectors or is written as lists', async () => {
  const kinds = await Promise.all(
    KINDS.map(async (kind) => {
      const model = models.get(kind) ?? (await trained(kind))
      const { by } = await toPgvector(model, join(folder, 'any.sql'))
      return [kind, by]
    }),
  )
  const expected = KINDS.map((kind) => [kind, BY[kind as keyof typeof BY] ?? 'lists'])
  expect(kinds).toEqual(expected)
})

describe('PostgreSQL with pgvector', () => {
  let database: PGlite
  beforeAll(async () => {
    database = await PGlite.create({ extensions: { vector } })
  })

  /** Runs a script as `psql` does. */
  async function load(path: string): Promise<void> {
    const script = (await readFile(path, 'utf8')).replaceAll(/^\\set .*\n/gm, '')
    const parts = script.split(/^(copy \S+) from stdin;\n((?:.*\n)*?)\\\.\n/m)
    for (let at = 0; at < parts.length; at += 3) {
      await database.exec(parts[at] ?? '')
      const [copy, rows] = [parts[at + 1], parts[at + 2]]
      if (copy !== undefined) await database.query(`${copy} from '/dev/blob'`, [], { blob: new Blob([rows ?? '']) })
    }
  }

  async function ask(user: string, by = 'tastespace_recommend'): Promise<Answered> {
    const { rows } = await database.query<{ item_id: string; title: string; score: number }>(
      `select * from ${by}($1, 10)`,
      [user],
    )
    return rows.map(({ item_id: item, title, score }) => ({ item, title, score }))
  }

  test.each([...Object.keys(BY), ...LISTS])('%s', async (kind) => {
    const model = models.get(kind) as AnyModel
    // With an index, which the exact query must not use.
    await toPgvector(model, join(folder, 'model.sql'), { hnsw: true })
    await load(join(folder, 'model.sql'))
    await expectSameLists(model, ask)
    if (kind in BY) await expectSameLists(model, (user) => ask(user, 'tastespace_recommend_approximate'))
    expect(await ask('nobody')).toEqual([])
  })

  test('with a prefix, beside the tables of others, and again', async () => {
    const model = models.get('cml') as AnyModel
    for (const _ of ['first', 'again']) {
      await toPgvector(model, join(folder, 'films.sql'), { prefix: 'films', seen: false })
      await load(join(folder, 'films.sql'))
    }
    const users = await model.userIds()
    const expected = await model.recommend(users[0] ?? '', { k: 10, seen: 'include' })
    expect(difference(expected, await ask(users[0] ?? '', 'films_recommend'))).toBeUndefined()
    const { rows } = await database.query<{ n: number }>(
      "select count(*)::int as n from pg_tables where tablename like 'films%' or tablename like '%_new'",
    )
    expect(rows).toEqual([{ n: 3 }])
  })
})

const run = promisify(execFile)
const sqlite = await run('sqlite3', ['--version']).then(
  () => true,
  () => false,
)

describe.skipIf(!sqlite)('SQLite with sqlite-vec', () => {
  test.each([...Object.keys(BY), ...LISTS])('%s', async (kind) => {
    const model = models.get(kind) as AnyModel
    const [script, database] = [join(folder, `${kind}.sql`), join(folder, `${kind}.db`)]
    await toSqliteVec(model, script)
    await run('bash', ['-c', `sqlite3 -bail '${database}' < '${script}'`])
    const query = (await readFile(script, 'utf8')).match(/^-- {3}.*\n/gm)?.map((line) => line.slice(5)) ?? []
    const users = await model.userIds()
    // One process answers all: it prints a JSON list for each user, and the place of those without any.
    const asked = users.map((user, place) => {
      const text = `'${user.replaceAll("'", "''")}'`
      const one = query.join('').replaceAll(':user', text).replaceAll(':k', '10').replace(';', '')
      return `select json_group_array(json_object('item', item_id, 'title', title, 'score', score)) as list, ${place} from (${one});`
    })
    const file = join(folder, `${kind}-queries.sql`)
    await writeFile(file, `.load ${getLoadablePath().replace(/\.\w+$/, '')}\n.mode json\n${asked.join('\n')}\n`)
    const { stdout } = await run('bash', ['-c', `sqlite3 -bail '${database}' < '${file}'`], { maxBuffer: 1 << 26 })
    const answers = stdout
      .trim()
      .split(/\n(?=\[)/)
      .map((line) => JSON.parse(JSON.parse(line)[0].list))
    const next = answers[Symbol.iterator]()
    await expectSameLists(model, async () => next.next().value)
  })
})

describe('DuckDB on Parquet', () => {
  test.each([...Object.keys(BY), ...LISTS])('%s', async (kind) => {
    const model = models.get(kind) as AnyModel
    const parquet = join(folder, `${kind}-parquet`)
    await toParquet(model, parquet)
    const query = (await readFile(join(parquet, 'recommend.sql'), 'utf8')).replaceAll(
      /'(\w+\.parquet)'/g,
      `'${parquet}/$1'`,
    )
    const database = await (await DuckDBInstance.create()).connect()
    await expectSameLists(model, async (user) => {
      const answer = await database.runAndReadAll(query, { user, k: 10 })
      return answer.getRowObjects().map(({ item_id, title, score }) => ({
        item: String(item_id),
        title: title === null || title === undefined ? null : String(title),
        score: Number(score),
      }))
    })
    database.closeSync()
  })
})
