import { UMAP } from 'umap-js'
import type { Embeddings } from '../../index.ts'
import type { Point } from '../page/content.ts'
import { randomNumbers } from '../random.ts'

/** Largest number of items on the map: those with the most rows. */
export const MOST = 2500

/** Title and genres of an item. */
export interface ItemWords {
  readonly id: string
  readonly title: string
  readonly genres: readonly string[]
}

/**
 * Lays out a model's items in the plane, so that items with similar embeddings are close, by UMAP (McInnes, Healy, Melville
 * 2018) from a fixed seed. Only the items with the most rows, and only items with rows. Distances for models that compare by
 * distance, angles for those that compare by inner product.
 */
export function mapOf({ ids, vectors, rows, dimension, metric }: Embeddings, words: readonly ItemWords[]): Point[] {
  const known = new Map(words.map((item) => [item.id, item]))
  const shown = ids
    .map((id, index) => {
      const { title = '', genres = [] } = known.get(id) ?? {}
      const vector = vectors.subarray(index * dimension, (index + 1) * dimension)
      return { title: title || id, genres, rows: rows[index] ?? 0, vector }
    })
    .filter(({ rows }) => rows > 0)
    .sort((a, b) => b.rows - a.rows)
    .slice(0, MOST)
  // UMAP needs neighbourhoods.
  const neighbours = Math.min(15, shown.length - 1)
  if (neighbours < 2) return []
  const points = shown.map(({ vector }) => Array.from(metric === 'distance' ? vector : unit(vector)))
  const umap = new UMAP({ nComponents: 2, nNeighbors: neighbours, minDist: 0.15, random: randomNumbers(1) })
  return umap.fit(points).map(([x = 0, y = 0], index) => {
    const { title = '', genres = [], rows = 0 } = shown[index] ?? {}
    return { x: Number(x.toFixed(3)), y: Number(y.toFixed(3)), title, genres, rows }
  })
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector)
  return length > 0 ? vector.map((value) => value / length) : vector
}
