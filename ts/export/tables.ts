import type { RankingVectors } from '../index.ts'
import { type Content, listsOf, seenBy } from './content.ts'
import type { Checked } from './options.ts'

/** A table of an export, as batches of rows. */
export interface ExportTable {
  readonly name: string
  readonly columns: readonly Column[]
  readonly batches: AsyncIterable<Batch>
}

/** A column: numbers, texts (null where there is none) or vectors. */
export interface Column {
  readonly name: string
  readonly type: 'index' | 'number' | 'text' | 'vector'
}

/** Values of each column. A vector is a part of one array. */
export type Batch = readonly (readonly (string | number | null | Float32Array)[])[]

/** Rows of a batch, about; lists and histories are not cut. */
const ROWS = 16_384

/** The tables of an export: items, users and what they have seen, or lists. */
export function tablesOf(content: Content, options: Checked): ExportTable[] {
  const { vectors, seen } = content
  if (!vectors) return [listTable(content, options)]
  const tables = [itemTable(content, vectors), userTable(content, vectors, options)]
  return seen ? [...tables, seenTable(content, seen)] : tables
}

function itemTable({ itemIds, titles }: Content, { items, dimension }: RankingVectors): ExportTable {
  const named = titles.length > 0
  const columns: Column[] = [
    { name: 'index', type: 'index' },
    { name: 'item_id', type: 'text' },
    ...(named ? [{ name: 'title', type: 'text' } as const] : []),
    { name: 'v', type: 'vector' },
  ]
  async function* batches(): AsyncGenerator<Batch> {
    for (const places of ranges(itemIds.length)) {
      const some = [places, places.map((at) => itemIds[at] ?? '')]
      const names = named ? [places.map((at) => titles[at] || null)] : []
      yield [...some, ...names, places.map((at) => row(items, at, dimension))]
    }
  }
  return { name: 'items', columns, batches: batches() }
}

function userTable({ userIds }: Content, { users, bases, dimension }: RankingVectors, options: Checked): ExportTable {
  async function* batches(): AsyncGenerator<Batch> {
    for (const places of ranges(userIds.length)) {
      const [ids, ofUser] = [places.map((at) => userIds[at] ?? ''), places.map((at) => bases[at] ?? 0)]
      yield [places, ids, ofUser, places.map((at) => row(users, at, dimension))]
      options.onProgress({ done: (places.at(-1) ?? 0) + 1, total: userIds.length })
    }
  }
  const columns: Column[] = [
    { name: 'index', type: 'index' },
    { name: 'user_id', type: 'text' },
    { name: 'base', type: 'number' },
    { name: 'v', type: 'vector' },
  ]
  return { name: 'users', columns, batches: batches() }
}

function seenTable({ userIds }: Content, seen: NonNullable<Content['seen']>): ExportTable {
  async function* batches(): AsyncGenerator<Batch> {
    let [users, items]: [number[], number[]] = [[], []]
    for (const user of userIds.keys()) {
      for (const item of new Set(seenBy(seen, user))) {
        users.push(user)
        items.push(item)
      }
      if (items.length < ROWS) continue
      yield [users, items]
      ;[users, items] = [[], []]
    }
    if (items.length > 0) yield [users, items]
  }
  const columns: Column[] = [
    { name: 'user_index', type: 'index' },
    { name: 'item_index', type: 'index' },
  ]
  return { name: 'seen', columns, batches: batches() }
}

function listTable(content: Content, options: Checked): ExportTable {
  const { userIds, itemIds, titles } = content
  const named = titles.length > 0
  const columns: Column[] = [
    { name: 'user_id', type: 'text' },
    { name: 'rank', type: 'index' },
    { name: 'item_id', type: 'text' },
    ...(named ? [{ name: 'title', type: 'text' } as const] : []),
    { name: 'score', type: 'number' },
  ]
  async function* batches(): AsyncGenerator<Batch> {
    let rows: (readonly [user: number, rank: number, item: number, score: number])[] = []
    const batch = (): Batch => [
      rows.map(([user]) => userIds[user] ?? ''),
      rows.map(([, rank]) => rank),
      rows.map(([, , item]) => itemIds[item] ?? ''),
      ...(named ? [rows.map(([, , item]) => titles[item] || null)] : []),
      rows.map(([, , , score]) => score),
    ]
    for await (const { user, items, scores } of listsOf(content, options)) {
      for (const [place, item] of items.entries()) rows.push([user, place + 1, item, scores[place] ?? 0])
      if (rows.length < ROWS) continue
      yield batch()
      rows = []
    }
    if (rows.length > 0) yield batch()
  }
  return { name: 'lists', columns, batches: batches() }
}

/** The places 0 to `count`, some at a time. */
function* ranges(count: number): Generator<number[]> {
  for (let from = 0; from < count; from += ROWS) {
    yield Array.from({ length: Math.min(ROWS, count - from) }, (_, place) => from + place)
  }
}

function row(vectors: Float32Array, at: number, dimension: number): Float32Array {
  return vectors.subarray(at * dimension, (at + 1) * dimension)
}
