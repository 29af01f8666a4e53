import { turned } from './turned.ts'

/** Two orthogonal directions of length one, one after the other. */
export type Axes = Float64Array

export interface Projection {
  /** x and y of each row. */
  readonly xy: Float32Array
  /** Undefined where the map is by UMAP. */
  readonly axes?: Axes | undefined
}

/**
 * The two directions in which vectors differ most, as a map. A live map changes little from one to the next: it is turned to lie
 * on the one before, and starts from its axes.
 */
export function project(vectors: Float32Array, dimension: number, before?: Projection): Projection {
  const rows = vectors.length / dimension
  const mean = meanOf(vectors, dimension)
  const axes = mainAxes(sampleOf(vectors, dimension, mean), dimension, before?.axes)
  const xy = new Float32Array(rows * 2)
  for (let row = 0; row < rows; row++) {
    let [x, y] = [0, 0]
    for (let d = 0; d < dimension; d++) {
      const value = (vectors[row * dimension + d] ?? 0) - at(mean, d)
      x += value * at(axes, d)
      y += value * at(axes, dimension + d)
    }
    xy[row * 2] = x
    xy[row * 2 + 1] = y
  }
  return { xy: before?.xy.length === xy.length ? turned(xy, before.xy) : xy, axes }
}

const at = (values: Float64Array, index: number) => values[index] ?? 0

function meanOf(vectors: Float32Array, dimension: number): Float64Array {
  const mean = new Float64Array(dimension)
  const rows = vectors.length / dimension
  for (let row = 0; row < rows; row++) {
    for (let d = 0; d < dimension; d++) mean[d] = at(mean, d) + (vectors[row * dimension + d] ?? 0) / rows
  }
  return mean
}

/** Rows that are enough to find two directions. */
const SAMPLE = 4000

/** Some of the rows, without their mean. */
function sampleOf(vectors: Float32Array, dimension: number, mean: Float64Array): Float64Array {
  const step = Math.max(1, Math.floor(vectors.length / dimension / SAMPLE))
  const sample = new Float64Array(Math.ceil(vectors.length / dimension / step) * dimension)
  for (let index = 0; index < sample.length; index++) {
    const d = index % dimension
    sample[index] = (vectors[((index - d) / dimension) * step * dimension + d] ?? 0) - at(mean, d)
  }
  return sample
}

/** Rounds from arbitrary axes, and from the axes of the map before. */
const ROUNDS = 60
const MORE_ROUNDS = 8
/** The iteration ends when the plane turns by less in a round; from 0 to 2. */
const STILL = 1e-5

/** The plane of the two leading directions of a sample, by orthogonal iteration; one round costs two passes over the sample. */
function mainAxes(sample: Float64Array, dimension: number, start?: Axes): Axes {
  const known = start?.length === 2 * dimension ? start : undefined
  let axes = known ?? Float64Array.from({ length: 2 * dimension }, (_, d) => Math.cos(d * 1.7))
  orthonormalize(axes, dimension)
  for (let round = 0; round < (known ? MORE_ROUNDS : ROUNDS); round++) {
    const next = new Float64Array(2 * dimension)
    for (let row = 0; row < sample.length; row += dimension) {
      let [x, y] = [0, 0]
      for (let d = 0; d < dimension; d++) {
        const value = at(sample, row + d)
        x += value * at(axes, d)
        y += value * at(axes, dimension + d)
      }
      for (let d = 0; d < dimension; d++) {
        const value = at(sample, row + d)
        next[d] = at(next, d) + x * value
        next[dimension + d] = at(next, dimension + d) + y * value
      }
    }
    // Without any spread there is no direction to turn to.
    if (!orthonormalize(next, dimension)) return axes
    const moved = 2 - alike(axes, next, dimension)
    axes = next
    if (moved < STILL) break
  }
  return upright(axes, sample, dimension)
}

/** The same plane, by the directions in it along which the sample differs most and least. */
function upright(axes: Axes, sample: Float64Array, dimension: number): Axes {
  const [first, second] = [axes.subarray(0, dimension), axes.subarray(dimension)]
  let [xx, yy, xy] = [0, 0, 0]
  for (let row = 0; row < sample.length; row += dimension) {
    const vector = sample.subarray(row, row + dimension)
    const [x, y] = [dot(vector, first), dot(vector, second)]
    xx += x * x
    yy += y * y
    xy += x * y
  }
  const angle = Math.atan2(2 * xy, xx - yy) / 2
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const result = new Float64Array(2 * dimension)
  for (let d = 0; d < dimension; d++) {
    const [u, v] = [at(first, d), at(second, d)]
    result[d] = cos * u + sin * v
    result[dimension + d] = cos * v - sin * u
  }
  return result
}

/** Gram–Schmidt; false where the first has no length. */
function orthonormalize(axes: Axes, dimension: number): boolean {
  const [first, second] = [axes.subarray(0, dimension), axes.subarray(dimension)]
  const found = normalize(first)
  const overlap = dot(first, second)
  for (let d = 0; d < dimension; d++) second[d] = at(second, d) - overlap * at(first, d)
  normalize(second)
  return found
}

/** Gives a vector the length one; false where it has none. */
function normalize(vector: Float64Array): boolean {
  const length = Math.sqrt(dot(vector, vector))
  if (length < 1e-12) return false
  for (let d = 0; d < vector.length; d++) vector[d] = at(vector, d) / length
  return true
}

/** How much two planes have in common: 2 where they are the same, 0 where each is orthogonal to the other. */
function alike(a: Axes, b: Axes, dimension: number): number {
  let sum = 0
  for (const u of [a.subarray(0, dimension), a.subarray(dimension)]) {
    for (const v of [b.subarray(0, dimension), b.subarray(dimension)]) sum += dot(u, v) ** 2
  }
  return sum
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let index = 0; index < a.length; index++) sum += at(a, index) * at(b, index)
  return sum
}
