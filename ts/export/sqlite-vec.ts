import { checkPath } from '../arguments.ts'
import { type Model, type RankingVectors, writeFile } from '../index.ts'
import { type Content, checkText, contentOf, decimal, listsOf, reportOf, seenBy } from './content.ts'
import { euclidean, euclideanDimension } from './euclidean.ts'
import { type Checked, checkExport, type ExportReport, TABLE_KEYS, type TableExportOptions } from './options.ts'
import { pieces } from './pieces.ts'

/** Rows of an `insert` statement. */
const ROWS = 200

/**
 * Writes a script for `sqlite3` that loads a model into SQLite, with vectors as the extension sqlite-vec reads them, and the
 * query that returns what `model.recommend` does. It replaces the tables of an earlier export in one transaction. sqlite-vec
 * has no inner product, so where a model ranks by it, its vectors get one more coordinate. Models without ranking vectors are
 * written as lists.
 *
 * @example
 * import { loadModel } from 'tastespace'
 * import { toSqliteVec } from 'tastespace/export'
 *
 * const model = await loadModel('cml.safetensors')
 * await toSqliteVec(model, 'cml.sql') // then: sqlite3 films.db < cml.sql
 *
 * @throws `model/not-fitted`, `export/zero-byte`, `config/…`, `file/…`
 */
export async function toSqliteVec(
  model: Model,
  path: string | URL,
  options: TableExportOptions = {},
): Promise<ExportReport> {
  const checked = checkExport('toSqliteVec', options, TABLE_KEYS)
  checkPath('toSqliteVec', path)
  const content = await contentOf('toSqliteVec', model, checked)
  await writeFile(path, pieces(script(content, checked)))
  const report = reportOf(content, [String(path)])
  const { vectors } = content
  return vectors ? { ...report, by: 'distance', dimension: euclideanDimension(vectors) } : report
}

async function* script(content: Content, options: Checked): AsyncGenerator<string> {
  const { prefix } = options
  const { vectors, model, userIds, itemIds } = content
  const tables = vectors ? ['items', 'users', 'seen'] : ['items', 'lists']
  yield `-- A tastespace model (${model.kind}, ${userIds.length} users, ${itemIds.length} items) for SQLite${vectors ? ' with sqlite-vec' : ''}.
-- Load:   sqlite3 DATABASE < THIS_FILE
-- Query, with :user and :k:
${comment(vectors ? byVectors(prefix, vectors.clip) : byLists(prefix))}
begin;
${tables.map((table) => `drop table if exists ${prefix}_${table};\n`).join('')}`
  yield* vectors ? vectorTables(content, vectors, options) : listTables(content, options)
  yield 'commit;\n'
}

async function* vectorTables(content: Content, vectors: RankingVectors, { prefix, onProgress }: Checked) {
  const { userIds, itemIds, seen } = content
  const { dimension, users, items, bases, scales } = euclidean(vectors)
  yield `create table ${prefix}_items ("index" integer primary key, item_id text not null unique, title text, v blob not null);
create table ${prefix}_users ("index" integer primary key, user_id text not null unique, base real not null, scale real not null, v blob not null);
create table ${prefix}_seen (user_index integer, item_index integer, primary key (user_index, item_index)) without rowid;
`
  yield* inserted(
    `${prefix}_items`,
    mapped(itemIds, (id, item) => [item, quoted(id), title(content, item), blob(items, item, dimension)]),
  )
  yield* inserted(
    `${prefix}_users`,
    mapped(userIds, (id, user) => {
      if (user % 4096 === 4095) onProgress({ done: user + 1, total: userIds.length })
      const numbers = [decimal(bases[user] ?? 0), decimal(scales[user] ?? 0)]
      return [user, quoted(id), ...numbers, blob(users, user, dimension)]
    }),
  )
  if (!seen) return
  function* pairs() {
    for (const user of userIds.keys()) {
      for (const item of new Set(seenBy(seen as NonNullable<typeof seen>, user))) yield [user, item]
    }
  }
  yield* inserted(`${prefix}_seen`, pairs())
}

async function* listTables(content: Content, options: Checked) {
  const { prefix } = options
  yield `create table ${prefix}_items ("index" integer primary key, item_id text not null unique, title text);
create table ${prefix}_lists (user_id text, rank integer, item_index integer not null, score real not null, primary key (user_id, rank)) without rowid;
`
  yield* inserted(
    `${prefix}_items`,
    mapped(content.itemIds, (id, item) => [item, quoted(id), title(content, item)]),
  )
  async function* rows() {
    for await (const { user, items, scores } of listsOf(content, options)) {
      const id = quoted(content.userIds[user] ?? '')
      for (const [place, item] of items.entries()) yield [id, place + 1, item, decimal(scores[place] ?? 0)]
    }
  }
  yield* inserted(`${prefix}_lists`, rows())
}

/** Statements that insert rows, some at a time. */
async function* inserted(
  table: string,
  rows: Iterable<readonly (string | number)[]> | AsyncIterable<readonly (string | number)[]>,
): AsyncGenerator<string> {
  let count = 0
  for await (const row of rows) {
    yield `${count === 0 ? `insert into ${table} values\n` : ',\n'}(${row.join()})`
    count++
    if (count < ROWS) continue
    yield ';\n'
    count = 0
  }
  if (count > 0) yield ';\n'
}

function* mapped<T, To>(values: readonly T[], to: (value: T, place: number) => To): Generator<To> {
  for (const [place, value] of values.entries()) yield to(value, place)
}

/** The query by distance: exact, since it computes every distance. */
function byVectors(prefix: string, clip: RankingVectors['clip']): string {
  const score = 'u.base - u.scale * vec_distance_l2(i.v, u.v) * vec_distance_l2(i.v, u.v)'
  return `select i.item_id, i.title, ${clip ? `min(max(${score}, ${clip[0]}), ${clip[1]})` : score} as score
from ${prefix}_users u, ${prefix}_items i
where u.user_id = :user
  and i."index" not in (select item_index from ${prefix}_seen where user_index = u."index")
order by score desc, i."index"
limit :k;`
}

function byLists(prefix: string): string {
  return `select i.item_id, i.title, l.score
from ${prefix}_lists l join ${prefix}_items i on i."index" = l.item_index
where l.user_id = :user and l.rank <= :k
order by l.rank;`
}

function comment(sql: string): string {
  return sql.replaceAll(/^/gm, '--   ')
}

function title({ titles }: Content, item: number): string {
  return titles[item] ? quoted(titles[item]) : 'null'
}

/** A text in SQL. */
function quoted(text: string): string {
  return `'${checkText(text, 'the text').replaceAll("'", "''")}'`
}

/** A vector as sqlite-vec stores it: numbers of 32 bits, little-endian. */
function blob(vectors: Float32Array, row: number, dimension: number): string {
  const bytes = new DataView(new ArrayBuffer(4 * dimension))
  for (let at = 0; at < dimension; at++) bytes.setFloat32(4 * at, vectors[row * dimension + at] ?? 0, true)
  const digits = Array.from(new Uint8Array(bytes.buffer), (byte) => byte.toString(16).padStart(2, '0'))
  return `x'${digits.join('')}'`
}
