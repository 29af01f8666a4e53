import { TastespaceError } from '../errors.ts'
import type { Catalogue } from './catalogue.ts'
import type { Context } from './context.ts'
import { clipped } from './issues.ts'
import type { ItemsAnswer, ItemsRequest } from './schemas.ts'

/** The indices of items by their ids. Unknown ids are an error, or left out. */
export function indicesOf(
  catalogue: Catalogue,
  ids: readonly (string | number)[],
  unknown: 'error' | 'skip' = 'error',
): number[] {
  return ids.flatMap((id) => {
    const index = catalogue.indexOf(String(id))
    if (index !== undefined) return index
    if (unknown === 'skip') return []
    throw unknownItem(catalogue, String(id))
  })
}

/** The index of an item. */
export function indexOf(catalogue: Catalogue, id: string | number): number {
  const index = catalogue.indexOf(String(id))
  if (index === undefined) throw unknownItem(catalogue, String(id))
  return index
}

function unknownItem({ ids }: Catalogue, id: string): TastespaceError {
  const message = `unknown item '${clipped(id)}': the model knows ${ids.length} items; /items finds ids by titles, and "unknown": "skip" leaves unknown items out`
  return new TastespaceError('model/unknown-item', message, { id: clipped(id), known: ids.length })
}

/** `/items`: a search by title or id, items by their ids, or a part of the list of all. */
export async function items(
  { served }: Context,
  { query, ids, offset = 0, k = 10, unknown }: ItemsRequest,
): Promise<ItemsAnswer> {
  if (ids && query !== undefined) {
    const message = 'the request has query and ids: it has to have one of them, or neither for the list of all items'
    throw new TastespaceError('config/conflict', message, { keys: ['query', 'ids'] })
  }
  const { model, catalogue } = served
  const described = (index: number, exact?: boolean) => ({
    ...catalogue.item(index),
    ...(exact !== undefined && { exact }),
    interactions: catalogue.rows[index] ?? 0,
    values: catalogue.valuesOf(index),
  })
  const total = catalogue.ids.length
  if (ids) return { total, items: indicesOf(catalogue, ids, unknown).map((index) => described(index)) }
  if (query === undefined) {
    const listed = Math.max(0, Math.min(k, total - offset))
    return { total, items: Array.from({ length: listed }, (_, at) => described(offset + at)) }
  }
  const found = await model.find(query, { k, near: true })
  return { total, items: found.map(({ item, exact }) => described(indexOf(catalogue, item), exact)) }
}
