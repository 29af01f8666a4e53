import type { Ranking } from './ranking.ts'
import type { Similarity } from './similarity.ts'

/**
 * Maximal marginal relevance (Carbonell and Goldstein 1998): the `k` items of a pool that are chosen one after the other by
 * `λ · relevance − (1 − λ) · similarity to the most similar chosen item`. Relevance is the score, scaled to 0..1 over the pool.
 */
export function diverse(pool: Ranking, k: number, lambda: number, similarity: Similarity): Ranking {
  const { items, scores } = pool
  const similar = similarity(items)
  const [high, low] = [scores[0] ?? 0, scores.at(-1) ?? 0]
  const relevance = scores.map((score) => (high > low ? (score - low) / (high - low) : 1))
  const nearest = new Float64Array(items.length)
  const left = Array.from(items, (_, place) => place)
  const chosen: number[] = []
  while (chosen.length < k && left.length > 0) {
    let best = 0
    let most = Number.NEGATIVE_INFINITY
    left.forEach((place, at) => {
      const value = lambda * (relevance[place] ?? 0) - (1 - lambda) * (nearest[place] ?? 0)
      if (value > most) [best, most] = [at, value]
    })
    const [place = 0] = left.splice(best, 1)
    chosen.push(place)
    for (const other of left) nearest[other] = Math.max(nearest[other] ?? 0, similar(place, other))
  }
  return { items: chosen.map((place) => items[place] ?? 0), scores: chosen.map((place) => scores[place] ?? 0) }
}
