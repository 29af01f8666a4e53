import type { Model, SeenItems } from '../../index.ts'
import type { Popularity } from '../page/content.ts'

/** Length of the lists. */
const K = 10
/** Users whose lists are made at a time. */
const USERS_AT_ONCE = 4096

/** The popularity of the items that a model recommends to users, and the part of the catalogue that the lists cover. */
export async function popularityOf(
  name: string,
  model: Model,
  { items: seen, ends }: SeenItems,
  users: Uint32Array,
): Promise<Popularity> {
  const rows = await model.itemRows()
  const meanRows = (items: Uint32Array) => items.reduce((sum, item) => sum + (rows[item] ?? 0), 0) / items.length
  const covered = new Set<number>()
  let [recommended, history, lists, histories] = [0, 0, 0, 0]
  for (let from = 0; from < users.length; from += USERS_AT_ONCE) {
    const batch = users.subarray(from, from + USERS_AT_ONCE)
    const { items, ends: listEnds } = await model.recommendArrays(batch, { k: K })
    for (const [place, user] of batch.entries()) {
      const list = items.subarray(listEnds[place - 1] ?? 0, listEnds[place])
      const own = seen.subarray(ends[user - 1] ?? 0, ends[user])
      for (const item of list) covered.add(item)
      if (list.length > 0) [recommended, lists] = [recommended + meanRows(list), lists + 1]
      if (own.length > 0) [history, histories] = [history + meanRows(own), histories + 1]
    }
  }
  return {
    model: name,
    users: users.length,
    k: K,
    coverage: covered.size / Math.max(rows.length, 1),
    recommended: recommended / Math.max(lists, 1),
    history: history / Math.max(histories, 1),
  }
}
