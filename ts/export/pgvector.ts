import { checkPath } from '../arguments.ts'
import { type Model, type RankingVectors, writeFile } from '../index.ts'
import { type Content, checkText, contentOf, decimal, listsOf, reportOf, seenBy } from './content.ts'
import { type Checked, checkExport, type ExportReport, PGVECTOR_KEYS, type PgvectorOptions } from './options.ts'
import { pieces } from './pieces.ts'

/** Nearest items that an HNSW index looks for, before those that the user has seen are left out. */
const NEAREST = 400

/**
 * Writes a script for `psql` that loads a model into PostgreSQL with the extension pgvector: tables of users, items and what
 * users have seen, and a function `tastespace_recommend(user, k)` that returns what `model.recommend` does. It replaces the
 * tables of an earlier export in one transaction. Models without ranking vectors are loaded as lists.
 *
 * @example
 * import { loadModel } from 'tastespace'
 * import { toPgvector } from 'tastespace/export'
 *
 * const model = await loadModel('cml.safetensors')
 * await toPgvector(model, 'cml.sql') // then: psql -f cml.sql "$DATABASE_URL"
 *
 * @throws `model/not-fitted`, `export/zero-byte`, `config/…`, `file/…`
 */
export async function toPgvector(
  model: Model,
  path: string | URL,
  options: PgvectorOptions = {},
): Promise<ExportReport> {
  const checked = checkExport('toPgvector', options, PGVECTOR_KEYS)
  checkPath('toPgvector', path)
  const content = await contentOf('toPgvector', model, checked)
  await writeFile(path, pieces(script(content, checked)))
  return reportOf(content, [String(path)])
}

async function* script(content: Content, options: Checked): AsyncGenerator<string> {
  const { prefix, hnsw } = options
  const { vectors, seen, model, userIds, itemIds } = content
  const tables = vectors ? ['items', 'users', 'seen'] : ['items', 'lists']
  yield `-- A tastespace model (${model.kind}, ${userIds.length} users, ${itemIds.length} items) for PostgreSQL with pgvector.
-- Load:   psql -f THIS_FILE "$DATABASE_URL"
-- Query:  select * from ${prefix}_recommend('USER', 10);
${vectors ? explained(vectors) : ''}
\\set ON_ERROR_STOP on
set client_min_messages = warning;
begin;
${vectors ? 'create extension if not exists vector;\n' : ''}${tables.map((table) => `drop table if exists ${prefix}_${table}_new;\n`).join('')}`
  yield* vectors ? vectorTables(content, vectors, options) : listTables(content, options)
  if (vectors) {
    const note = seen ? '' : '-- Empty: fill it with items that are not recommended to a user.\n'
    const key = 'primary key (user_index, item_index)'
    yield `\n${note}create table ${prefix}_seen_new (user_index integer, item_index integer, ${key});\n`
    if (seen) {
      yield `copy ${prefix}_seen_new from stdin;\n`
      for (const user of userIds.keys()) {
        // A user may have interacted with an item more than once.
        for (const item of new Set(seenBy(seen, user))) yield `${user}\t${item}\n`
      }
      yield '\\.\n'
    }
    if (hnsw) yield `\ncreate index on ${prefix}_items_new using hnsw (v ${OPERATORS[vectors.metric].index});\n`
  }
  yield '\n-- The new tables take the place of the old ones.\n'
  for (const table of tables) {
    yield `drop table if exists ${prefix}_${table};\nalter table ${prefix}_${table}_new rename to ${prefix}_${table};\n`
  }
  yield `\n${vectors ? exact(prefix, vectors) : fromLists(prefix)}`
  if (vectors && hnsw) yield `\n${approximate(prefix, vectors)}`
  yield `\ncommit;\n${tables.map((table) => `analyze ${prefix}_${table};\n`).join('')}`
}

async function* vectorTables(content: Content, vectors: RankingVectors, { prefix, onProgress }: Checked) {
  const { dimension, users, items, bases } = vectors
  const row = (all: Float32Array, place: number) =>
    `[${Array.from(all.subarray(place * dimension, (place + 1) * dimension), decimal).join()}]`
  yield `
create table ${prefix}_items_new (
  index integer primary key,
  item_id text not null unique,
  title text,
  v vector(${dimension}) not null
);
create table ${prefix}_users_new (
  index integer primary key,
  user_id text not null unique,
  base real not null,
  v vector(${dimension}) not null
);

copy ${prefix}_items_new from stdin;
`
  for (const [place, id] of content.itemIds.entries()) {
    yield `${place}\t${escaped(id, 'the item')}\t${title(content, place)}\t${row(items, place)}\n`
  }
  yield `\\.\n\ncopy ${prefix}_users_new from stdin;\n`
  for (const [place, id] of content.userIds.entries()) {
    yield `${place}\t${escaped(id, 'the user')}\t${decimal(bases[place] ?? 0)}\t${row(users, place)}\n`
    if (place % 4096 === 4095) onProgress({ done: place + 1, total: content.userIds.length })
  }
  yield '\\.\n'
}

async function* listTables(content: Content, options: Checked) {
  const { prefix } = options
  yield `
create table ${prefix}_items_new (index integer primary key, item_id text not null unique, title text);
create table ${prefix}_lists_new (
  user_id text,
  rank integer,
  item_index integer not null,
  score real not null,
  primary key (user_id, rank)
);

copy ${prefix}_items_new from stdin;
`
  for (const [place, id] of content.itemIds.entries()) {
    yield `${place}\t${escaped(id, 'the item')}\t${title(content, place)}\n`
  }
  yield `\\.\n\ncopy ${prefix}_lists_new from stdin;\n`
  for await (const { user, items, scores } of listsOf(content, options)) {
    const id = escaped(content.userIds[user] ?? '', 'the user')
    for (const [place, item] of items.entries()) {
      yield `${id}\t${place + 1}\t${item}\t${decimal(scores[place] ?? 0)}\n`
    }
  }
  yield '\\.\n'
}

const OPERATORS = {
  distance: { by: '<->', index: 'vector_l2_ops' },
  'inner-product': { by: '<#>', index: 'vector_ip_ops' },
} as const

function explained({ metric, clip }: RankingVectors): string {
  const score = metric === 'distance' ? '-((items.v <-> users.v) ^ 2)' : 'users.base - (items.v <#> users.v)'
  return `-- Score:  ${score}${clip ? `, clipped to ${clip[0]}..${clip[1]}` : ''}
`
}

/** The score of an item `i` for a user `u`, as SQL. */
function scoreOf({ metric, clip }: RankingVectors): string {
  const score = metric === 'distance' ? '-((i.v <-> u.v) ^ 2)' : 'u.base - (i.v <#> u.v)'
  return clip ? `least(greatest(${score}, ${clip[0]}), ${clip[1]})` : score
}

function notSeen(prefix: string): string {
  return `i.index not in (select item_index from ${prefix}_seen where user_index = (select index from u))`
}

/** The exact query. Its order is by the score and not by an operator, for which an index on the vectors would answer. */
function exact(prefix: string, vectors: RankingVectors): string {
  return `create or replace function ${prefix}_recommend(user_id text, k integer default 10)
returns table (item_id text, title text, score real)
language sql stable as $$
  with u as (select * from ${prefix}_users where user_id = $1)
  select i.item_id, i.title, ${scoreOf(vectors)} as score
  from u, ${prefix}_items i
  where ${notSeen(prefix)}
  order by score desc, i.index
  limit $2
$$;
`
}

/** The query that uses the index. */
function approximate(prefix: string, vectors: RankingVectors): string {
  return `-- Faster and not exact: it looks only at about ${NEAREST} items that the index finds.
create or replace function ${prefix}_recommend_approximate(user_id text, k integer default 10)
returns table (item_id text, title text, score real)
language sql stable set hnsw.ef_search = ${NEAREST} as $$
  with u as (select * from ${prefix}_users where user_id = $1)
  select i.item_id, i.title, ${scoreOf(vectors)} as score
  from u, (
    select * from ${prefix}_items
    order by v ${OPERATORS[vectors.metric].by} (select v from u)
    limit ${NEAREST}
  ) i
  where ${notSeen(prefix)}
  order by score desc, i.index
  limit $2
$$;
`
}

function fromLists(prefix: string): string {
  return `create or replace function ${prefix}_recommend(user_id text, k integer default 10)
returns table (item_id text, title text, score real)
language sql stable as $$
  select i.item_id, i.title, l.score
  from ${prefix}_lists l join ${prefix}_items i on i.index = l.item_index
  where l.user_id = $1 and l.rank <= $2
  order by l.rank
$$;
`
}

function title({ titles }: Content, place: number): string {
  return titles[place] ? escaped(titles[place], 'the title') : '\\N'
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** A text in the format of COPY. */
function escaped(text: string, what: string): string {
  return checkText(text, what).replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? '')
}
