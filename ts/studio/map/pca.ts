/** The two directions in which vectors differ most, as a map: `xy` has x and y of each row. */
export function project(vectors: Float32Array, dimension: number, before?: Float32Array): Float32Array {
  const rows = vectors.length / dimension
  const mean = meanOf(vectors, dimension)
  const covariance = covarianceOf(vectors, dimension, mean)
  const first = leading(covariance, dimension, [])
  const second = leading(covariance, dimension, [first])
  const xy = new Float32Array(rows * 2)
  for (let row = 0; row < rows; row++) {
    let x = 0
    let y = 0
    for (let d = 0; d < dimension; d++) {
      const value = at(vectors, row * dimension + d) - at(mean, d)
      x += value * at(first, d)
      y += value * at(second, d)
    }
    xy[row * 2] = x
    xy[row * 2 + 1] = y
  }
  return before?.length === xy.length ? turned(xy, before) : xy
}

const at = (values: ArrayLike<number>, index: number) => values[index] ?? 0

function meanOf(vectors: Float32Array, dimension: number): Float64Array {
  const mean = new Float64Array(dimension)
  const rows = vectors.length / dimension
  for (let index = 0; index < vectors.length; index++) {
    const d = index % dimension
    mean[d] = at(mean, d) + at(vectors, index) / rows
  }
  return mean
}

/** Enough rows for two directions; all of them would only cost time. */
const SAMPLE = 20_000

function covarianceOf(vectors: Float32Array, dimension: number, mean: Float64Array): Float64Array {
  const rows = vectors.length / dimension
  const step = Math.max(1, Math.floor(rows / SAMPLE))
  const covariance = new Float64Array(dimension * dimension)
  const centred = new Float64Array(dimension)
  for (let row = 0; row < rows; row += step) {
    for (let d = 0; d < dimension; d++) centred[d] = at(vectors, row * dimension + d) - at(mean, d)
    for (let a = 0; a < dimension; a++) {
      const value = at(centred, a)
      for (let b = 0; b < dimension; b++) {
        covariance[a * dimension + b] = at(covariance, a * dimension + b) + value * at(centred, b)
      }
    }
  }
  return covariance
}

/** The leading eigenvector by power iteration, orthogonal to those that are known. */
function leading(matrix: Float64Array, dimension: number, known: readonly Float64Array[]): Float64Array {
  let vector = Float64Array.from({ length: dimension }, (_, d) => Math.cos(d * 1.7 + known.length))
  for (let round = 0; round < 60; round++) {
    const next = new Float64Array(dimension)
    for (let a = 0; a < dimension; a++) {
      let sum = 0
      for (let b = 0; b < dimension; b++) sum += at(matrix, a * dimension + b) * at(vector, b)
      next[a] = sum
    }
    for (const other of known) {
      const overlap = dot(next, other)
      for (let d = 0; d < dimension; d++) next[d] = at(next, d) - overlap * at(other, d)
    }
    const length = Math.sqrt(dot(next, next))
    if (length < 1e-12) return vector
    vector = next.map((value) => value / length)
  }
  return vector
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let index = 0; index < a.length; index++) sum += at(a, index) * at(b, index)
  return sum
}

/**
 * Turns and mirrors a map so that it lies as well as possible on the one before: a map that is live must not spin.
 * In two dimensions the best turn has a closed form (orthogonal Procrustes).
 */
export function turned(xy: Float32Array, before: Float32Array): Float32Array {
  const [cos, sin] = products(xy, before, 1)
  const [cosMirrored, sinMirrored] = products(xy, before, -1)
  const mirrored = Math.hypot(cosMirrored, sinMirrored) > Math.hypot(cos, sin)
  const [c, s] = mirrored ? [cosMirrored, sinMirrored] : [cos, sin]
  const length = Math.hypot(c, s)
  if (length === 0) return xy
  const sign = mirrored ? -1 : 1
  const result = new Float32Array(xy.length)
  for (let index = 0; index < xy.length; index += 2) {
    const x = at(xy, index)
    const y = sign * at(xy, index + 1)
    result[index] = (x * c - y * s) / length
    result[index + 1] = (x * s + y * c) / length
  }
  return result
}

/** Cosine and sine of the best turn, not yet of length one. */
function products(xy: Float32Array, before: Float32Array, sign: number): [number, number] {
  let cos = 0
  let sin = 0
  for (let index = 0; index < xy.length; index += 2) {
    const [x, y] = [at(xy, index), sign * at(xy, index + 1)]
    const [u, v] = [at(before, index), at(before, index + 1)]
    cos += x * u + y * v
    sin += x * v - y * u
  }
  return [cos, sin]
}
