// Queries and options of models, as the engine takes them.
import { badArgument, checkKeys, isRecord, jsonText, keysOf, optionsText } from '../arguments.ts'
import { type Id, idTexts, packIds, unpackTexts } from '../data/ids.ts'
import type { Asked, Ranked, Texts } from '../engine/calls.ts'
import { ask, type EngineObject } from '../engine/handle.ts'
import type {
  Embeddings,
  HistoryItem,
  PredictOptions,
  RecommendOptions,
  ScoredItem,
  ScoredUser,
  SimilarOptions,
} from './answers.ts'
import { listsOf, named } from './names.ts'
import { advised } from './titles/advice.ts'

/** Pairs of a user and an item, as two columns. */
export function packPairs(
  where: string,
  pairs: readonly (readonly [user: Id, item: Id])[],
): [users: Texts, items: Texts] {
  if (!Array.isArray(pairs)) throw badArgument(where, 'pairs', pairs, 'an array of pairs [user, item]')
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2) throw badArgument(where, 'a pair', pair, 'an array [user, item]')
  }
  return [
    packIds(
      where,
      'users',
      pairs.map(([user]) => user),
    ),
    packIds(
      where,
      'items',
      pairs.map(([, item]) => item),
    ),
  ]
}

/** Histories of items with ratings, one after the other. */
export function packHistories(histories: readonly (readonly HistoryItem[])[], where = 'recommendFor'): Asked {
  const all = histories.flatMap((history) => checkHistory(where, history))
  let end = 0
  return {
    ids: packIds(
      where,
      'history',
      all.map(({ item }) => item),
    ),
    ratings: Float32Array.from(all, ({ rating }) => rating ?? Number.NaN),
    ends: Uint32Array.from(histories, ({ length }) => {
      end += length
      return end
    }),
  }
}

function checkHistory(where: string, history: readonly HistoryItem[]): readonly HistoryItem[] {
  if (!Array.isArray(history)) throw badArgument(where, 'a history', history, 'an array of items')
  for (const entry of history) {
    if (!isRecord(entry)) throw badArgument(where, 'an item of the history', entry, 'an object { item, rating }')
    const { rating } = entry
    if (rating === undefined || typeof rating === 'number') continue
    throw badArgument(where, 'the rating of an item', rating, 'a number')
  }
  return history
}

export const RECOMMEND_KEYS = keysOf<RecommendOptions>({
  k: true,
  seen: true,
  exclude: true,
  candidates: true,
  unknown: true,
})

export const PREDICT_KEYS = keysOf<PredictOptions>({ unknown: true })

/** Options of recommendations as the engine takes them: ids as text. */
export function recommendText(where: string, options: RecommendOptions): string {
  return jsonText(where, sentRecommend(where, options))
}

/** Options of recommendations with all ids as text. */
export function sentRecommend(where: string, options: RecommendOptions): object {
  const { k, seen = 'exclude', exclude = [], candidates, unknown } = checkKeys(where, options, RECOMMEND_KEYS)
  if (seen !== 'exclude' && seen !== 'include') throw badArgument(where, 'seen', seen, "'exclude' or 'include'")
  if (candidates !== undefined && !Array.isArray(candidates)) {
    throw badArgument(where, 'candidates', candidates, 'an array of ids, or such an array for each query')
  }
  const each = candidates?.some((one) => Array.isArray(one))
  return {
    k,
    seen,
    unknown,
    exclude: idTexts(where, 'exclude', exclude),
    candidates: each
      ? candidates?.map((one) => idTexts(where, 'candidates', one))
      : candidates && idTexts(where, 'candidates', candidates),
  }
}

/** Ranked items for each of several queries, or the list of one. */
export async function rankedItems(
  model: EngineObject,
  queries: Id | readonly Id[],
  rank: (queries: readonly Id[]) => Promise<Ranked>,
): Promise<ScoredItem[] | ScoredItem[][]> {
  const several = Array.isArray(queries)
  const [ranked, names] = await named(model, advised(model, rank(several ? queries : [queries])))
  const lists = names.ranked(ranked)
  return several ? lists : (lists[0] ?? [])
}

/** The most similar items of several items or of one. */
export function similarItems(
  model: EngineObject,
  items: Id | readonly Id[],
  options: SimilarOptions,
): Promise<ScoredItem[] | ScoredItem[][]> {
  return rankedItems(model, items, (ids) => similar(model, 'similar-items', ids, options))
}

/** The most similar users of several users or of one. */
export async function similarUsers(
  model: EngineObject,
  users: Id | readonly Id[],
  options: SimilarOptions,
): Promise<ScoredUser[] | ScoredUser[][]> {
  const several = Array.isArray(users)
  // Both at once, so that no training comes between them.
  const asked = similar(model, 'similar-users', several ? users : [users], options)
  const [{ items, scores, ends }, names] = await Promise.all([asked, ask(model, 'names', 'users')])
  const ids = unpackTexts(names)
  const lists = listsOf(ends, (place) => ({ user: ids[items[place] ?? 0] ?? '', score: scores[place] ?? 0 }))
  return several ? lists : (lists[0] ?? [])
}

/** The embeddings of the users or items, as a copy. */
export async function embeddings(model: EngineObject, of: 'users' | 'items'): Promise<Embeddings> {
  const [{ values, ...rest }, names] = await Promise.all([ask(model, 'vectors', of), ask(model, 'names', of)])
  return { ids: unpackTexts(names), vectors: values, ...rest }
}

/** The most similar items, or users, of several ids. */
function similar(
  model: EngineObject,
  by: 'similar-items' | 'similar-users',
  ids: readonly Id[],
  options: object,
): Promise<Ranked> {
  const where = by === 'similar-items' ? 'similarItems' : 'similarUsers'
  return ask(model, 'rank', by, { ids: packIds(where, 'ids', ids) }, optionsText(where, options))
}
