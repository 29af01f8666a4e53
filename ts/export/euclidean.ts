import type { RankingVectors } from '../index.ts'

/** Vectors whose nearest items, by Euclidean distance, are the best ones: the score is `base − scale · distance²`. */
export interface Euclidean {
  readonly dimension: number
  readonly users: Float32Array
  readonly items: Float32Array
  /** Of each user. */
  readonly bases: Float32Array
  /** Of each user. */
  readonly scales: Float32Array
}

/**
 * For databases that know distances only. Inner products become distances by one more coordinate (Bachrach et al. 2014):
 * √(M − ‖v‖²) for an item, with M the largest ‖v‖², and 0 for a user; then ‖u − v‖² = ‖u‖² + M − 2 u·v. Users are brought to
 * ‖u‖² = M, where the rounding of the sum is smallest.
 */
export function euclidean({ metric, dimension, users, items, bases }: RankingVectors): Euclidean {
  const count = users.length / dimension
  if (metric === 'distance') {
    return { dimension, users, items, bases: new Float32Array(count), scales: new Float32Array(count).fill(1) }
  }
  const squares = squaresOf(items, dimension)
  const most = squares.reduce((most, square) => Math.max(most, square), 0)
  const ofUsers = squaresOf(users, dimension)
  // What brings a user back to their length.
  const lengths = ofUsers.map((square) => (square * most > 0 ? Math.sqrt(square / most) : 1))
  return {
    dimension: euclideanDimension({ metric, dimension }),
    users: widened(
      users.map((value, at) => value / (lengths[Math.floor(at / dimension)] ?? 1)),
      dimension,
      () => 0,
    ),
    items: widened(items, dimension, (item) => Math.sqrt(Math.max(most - (squares[item] ?? 0), 0))),
    bases: Float32Array.from(lengths, (length, user) => {
      return (bases[user] ?? 0) + ((ofUsers[user] ?? 0) / length + length * most) / 2
    }),
    scales: Float32Array.from(lengths, (length) => length / 2),
  }
}

/** Length of the vectors that `euclidean` returns. */
export function euclideanDimension({ metric, dimension }: Pick<RankingVectors, 'metric' | 'dimension'>): number {
  return metric === 'distance' ? dimension : dimension + 1
}

/** ‖v‖² of each vector. */
function squaresOf(vectors: Float32Array, dimension: number): Float64Array {
  const squares = new Float64Array(vectors.length / dimension)
  for (const [place, value] of vectors.entries()) {
    const row = Math.floor(place / dimension)
    squares[row] = (squares[row] ?? 0) + value * value
  }
  return squares
}

/** Vectors with one more coordinate. */
function widened(vectors: Float32Array, dimension: number, last: (row: number) => number): Float32Array {
  const rows = vectors.length / dimension
  const wide = new Float32Array(rows * (dimension + 1))
  for (let row = 0; row < rows; row++) {
    wide.set(vectors.subarray(row * dimension, (row + 1) * dimension), row * (dimension + 1))
    wide[row * (dimension + 1) + dimension] = last(row)
  }
  return wide
}
