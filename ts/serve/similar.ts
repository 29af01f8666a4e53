import type { Explanation } from 'tastespace'
import { TastespaceError } from '../errors.ts'
import type { Context } from './context.ts'
import { indexOf, indicesOf } from './items.ts'
import type { ExplainRequest, SimilarAnswer, SimilarRequest } from './schemas.ts'

/** `/similar`: the most similar items of each of several items. */
export async function similar(
  { served, batcher, signal }: Context,
  { items, k = 10, unknown }: SimilarRequest,
): Promise<SimilarAnswer> {
  const { model, catalogue } = served
  const indices = indicesOf(catalogue, items, unknown)
  const call = async (ids: readonly string[]) => {
    if (!model.similarItems) {
      const message = `${model.kind} models have no similar items`
      throw new TastespaceError('model/unsupported', message, { kind: model.kind, what: 'similar items' })
    }
    return model.similarItems(ids, { k, unknown: 'skip' })
  }
  const ids = indices.map((index) => catalogue.ids[index] ?? '')
  const lists = await batcher.ask(`similar ${k}`, ids, call, { signal, entries: k })
  return {
    model: model.kind,
    items: indices.map((index, place) => ({ ...catalogue.item(index), similar: [...(lists[place] ?? [])] })),
  }
}

/** `/explain`: why an item has its score for a user. */
export async function explain(
  { served, batcher, signal }: Context,
  { user, item }: ExplainRequest,
): Promise<Explanation & { readonly model: string; readonly user: string; readonly item: string }> {
  const { model, catalogue } = served
  const named = catalogue.item(indexOf(catalogue, item))
  const call = (pairs: readonly (readonly [string, string])[]) => model.explain(pairs)
  const [explanation] = await batcher.ask('explain', [[String(user), named.item] as const], call, { signal })
  if (!explanation) throw new Error('a pair has an explanation')
  return { model: model.kind, user: String(user), ...named, ...explanation }
}
