import type { RecommendedArrays, ScoredItem } from 'tastespace'
import type { Catalogue } from './catalogue.ts'
import type { Boosts } from './filter.ts'

/** Items by their indices, best first, with their scores. */
export interface Ranking {
  readonly items: readonly number[]
  readonly scores: readonly number[]
}

/** The rankings of several users. */
export function rankingsOf({ items, scores, ends }: RecommendedArrays): Ranking[] {
  let start = 0
  return Array.from(ends, (end) => {
    const ranking = { items: Array.from(items.subarray(start, end)), scores: Array.from(scores.subarray(start, end)) }
    start = end
    return ranking
  })
}

/** The first items of a ranking. */
export function first({ items, scores }: Ranking, k: number): Ranking {
  return { items: items.slice(0, k), scores: scores.slice(0, k) }
}

/** The items of a ranking that have the flag 1. */
export function filtered({ items, scores }: Ranking, flags: Uint8Array): Ranking {
  const places = items.flatMap((item, place) => (flags[item] === 1 ? [place] : []))
  return { items: places.map((place) => items[place] ?? 0), scores: places.map((place) => scores[place] ?? 0) }
}

/** A ranking in the order of the boosted scores; equal ones by index. */
export function boosted({ items, scores }: Ranking, { of }: Boosts): Ranking {
  const added = items.map((item, place) => ({ item, score: (scores[place] ?? 0) + (of.get(item) ?? 0) }))
  added.sort((a, b) => b.score - a.score || a.item - b.item)
  return { items: added.map(({ item }) => item), scores: added.map(({ score }) => score) }
}

/** A ranking with ids and titles, as `recommend` returns it. */
export function scoredItems(catalogue: Catalogue, { items, scores }: Ranking): ScoredItem[] {
  return items.map((item, place) => ({ ...catalogue.item(item), score: scores[place] ?? 0 }))
}
