import { type AnyModel, TastespaceError } from '../../index.ts'

/** An item with those that are most similar to it. */
export interface Similar {
  readonly title: string
  /** Number of training rows. */
  readonly rows: number
  readonly similar: readonly { readonly title: string; readonly score: number }[]
}

/** Number of popular items, and of items similar to each. */
const [POPULAR, SIMILAR] = [3, 10]

/** The items with the most training rows and those that are similar to them, if the model compares items. */
export async function similarToPopular(model: AnyModel, titleOf: (item: string) => string): Promise<Similar[]> {
  if (!('similarItems' in model)) return []
  const [ids, rows] = [await model.itemIds(), await model.itemRows()]
  const popular = ids
    .map((id, index) => ({ id, rows: rows[index] ?? 0 }))
    .sort((a, b) => b.rows - a.rows)
    .slice(0, POPULAR)
  try {
    const lists = await model.similarItems(
      popular.map(({ id }) => id),
      { k: SIMILAR },
    )
    return popular.map(({ id, rows }, at) => ({
      title: titleOf(id),
      rows,
      similar: (lists[at] ?? []).map(({ item, score }) => ({ title: titleOf(item), score })),
    }))
  } catch (error) {
    if (error instanceof TastespaceError && error.code === 'model/unsupported') return []
    throw error
  }
}
