import type { ModelInfo, RecommendedArrays, RecommendedUsers, RecommendOptions } from './answers.ts'

/** The methods of a model that are needed here. */
interface Recommending {
  info(): Promise<ModelInfo>
  recommendArrays(users: Uint32Array, options: RecommendOptions): Promise<RecommendedArrays>
}

/** Approximate number of items, and largest number of users, of a piece: enough work for many threads. */
const ITEMS_AT_ONCE = 65_536
const USERS_AT_ONCE = 4096

/** The lists of all users, some users at a time. The engine computes the next piece while the caller reads one. */
export async function* recommendAll(model: Recommending, options: RecommendOptions): AsyncGenerator<RecommendedUsers> {
  const info = await model.info()
  const users = info.fitted ? info.users : 0
  // An invalid `k` is refused by the engine.
  const k = typeof options.k === 'number' && options.k >= 1 ? options.k : 10
  const batch = Math.max(1, Math.min(Math.ceil(ITEMS_AT_ONCE / k), USERS_AT_ONCE))
  const piece = (from: number) => {
    const indices = Uint32Array.from({ length: Math.min(batch, users - from) }, (_, place) => from + place)
    const next = model.recommendArrays(indices, options)
    // After the caller stops reading, its error is nobody's.
    next.catch(() => {})
    return next
  }
  // Without users too, so that the options are checked.
  let next = piece(0)
  for (let from = 0; from < users; from += batch) {
    const answer = await next
    if (from + batch < users) next = piece(from + batch)
    yield { from, ...answer }
  }
  await next
}
