import { TastespaceError } from '../errors.ts'
import type { Catalogue } from './catalogue.ts'
import { isTastespaceError } from './failure.ts'
import type { ServableModel } from './model.ts'

/** The similarity of two items of a pool, by their positions in it, 0 to 1. */
export type Similarities = (a: number, b: number) => number

/** Similarities among the items of a pool, which are given by their indices. */
export type Similarity = (pool: ArrayLike<number>) => Similarities

/**
 * How similar the items of a model are: the cosine of their embeddings, centred as for similar items; of a model without
 * embeddings the overlap of their genres, features and columns.
 *
 * @throws `model/unsupported` for items with neither
 */
export async function similarityOf(model: ServableModel, catalogue: Catalogue): Promise<Similarity> {
  return (await byEmbeddings(model)) ?? byValues(catalogue, model.kind)
}

async function byEmbeddings(model: ServableModel): Promise<Similarity | undefined> {
  try {
    const embeddings = await model.itemVectors?.()
    if (!embeddings) return undefined
    const { vectors, dimension, rows } = embeddings
    const mean = meanOf(vectors, dimension, rows)
    return (pool) => cosines(pool, vectors, mean)
  } catch (error) {
    if (isTastespaceError(error) && error.code === 'model/unsupported') return undefined
    throw error
  }
}

/** The mean embedding over all training interactions. */
function meanOf(vectors: Float32Array, dimension: number, rows: Uint32Array): Float64Array {
  const mean = new Float64Array(dimension)
  let total = 0
  rows.forEach((count, item) => {
    total += count
    for (let at = 0; at < dimension; at++) mean[at] = (mean[at] ?? 0) + count * (vectors[item * dimension + at] ?? 0)
  })
  return mean.map((sum) => (total === 0 ? 0 : sum / total))
}

function cosines(pool: ArrayLike<number>, vectors: Float32Array, mean: Float64Array): Similarities {
  const dimension = mean.length
  const units = new Float64Array(pool.length * dimension)
  for (let place = 0; place < pool.length; place++) {
    const from = (pool[place] ?? 0) * dimension
    let norm = 0
    for (let at = 0; at < dimension; at++) norm += ((vectors[from + at] ?? 0) - (mean[at] ?? 0)) ** 2
    const scale = norm === 0 ? 0 : 1 / Math.sqrt(norm)
    for (let at = 0; at < dimension; at++) {
      units[place * dimension + at] = ((vectors[from + at] ?? 0) - (mean[at] ?? 0)) * scale
    }
  }
  return (a, b) => {
    let product = 0
    for (let at = 0; at < dimension; at++) {
      product += (units[a * dimension + at] ?? 0) * (units[b * dimension + at] ?? 0)
    }
    return Math.max(0, product)
  }
}

/** The Jaccard index of the values of items. */
function byValues({ fields }: Catalogue, kind: string): Similarity {
  if (fields.size === 0) {
    const message = `${kind} models have no embeddings and the items have no genres, features or columns: diversity needs one of them`
    throw new TastespaceError('model/unsupported', message, { kind, what: 'diversity' })
  }
  return (pool) => {
    const sets = Array.from(
      pool,
      (item) => new Set([...fields].flatMap(([name, { of }]) => (of[item] ?? []).map((value) => `${name}\n${value}`))),
    )
    return (a, b) => {
      const [one, other] = [sets[a], sets[b]]
      if (!one || !other) return 0
      let shared = 0
      for (const value of one) if (other.has(value)) shared++
      const all = one.size + other.size - shared
      return all === 0 ? 0 : shared / all
    }
  }
}
