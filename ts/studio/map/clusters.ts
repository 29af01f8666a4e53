/** Groups of similar vectors by k-means from spread-out starts: the same vectors give the same groups. */
export function clusters(vectors: Float32Array, dimension: number, k: number): Uint8Array {
  const rows = vectors.length / dimension
  const groups = new Uint8Array(rows)
  const centres = starts(vectors, dimension, Math.min(k, rows))
  for (let round = 0; round < 12; round++) {
    const sums = new Float64Array(centres.length)
    const counts = new Uint32Array(centres.length / dimension)
    for (let row = 0; row < rows; row++) {
      const group = nearest(vectors, row, centres, dimension)
      groups[row] = group
      counts[group] = (counts[group] ?? 0) + 1
      for (let d = 0; d < dimension; d++) {
        sums[group * dimension + d] = (sums[group * dimension + d] ?? 0) + (vectors[row * dimension + d] ?? 0)
      }
    }
    for (let index = 0; index < centres.length; index++) {
      const count = counts[Math.floor(index / dimension)] ?? 0
      if (count > 0) centres[index] = (sums[index] ?? 0) / count
    }
  }
  return groups
}

/** Each start is the row farthest from those before it. */
function starts(vectors: Float32Array, dimension: number, k: number): Float64Array {
  const rows = vectors.length / dimension
  const centres = new Float64Array(k * dimension)
  const distances = new Float64Array(rows).fill(Number.POSITIVE_INFINITY)
  let chosen = 0
  for (let centre = 0; centre < k; centre++) {
    for (let d = 0; d < dimension; d++) centres[centre * dimension + d] = vectors[chosen * dimension + d] ?? 0
    let farthest = -1
    for (let row = 0; row < rows; row++) {
      const distance = Math.min(distances[row] ?? 0, squared(vectors, row, centres, centre, dimension))
      distances[row] = distance
      if (distance > farthest) {
        farthest = distance
        chosen = row
      }
    }
  }
  return centres
}

function nearest(vectors: Float32Array, row: number, centres: Float64Array, dimension: number): number {
  let best = 0
  let smallest = Number.POSITIVE_INFINITY
  for (let centre = 0; centre < centres.length / dimension; centre++) {
    const distance = squared(vectors, row, centres, centre, dimension)
    if (distance < smallest) {
      smallest = distance
      best = centre
    }
  }
  return best
}

function squared(vectors: Float32Array, row: number, centres: Float64Array, centre: number, dimension: number): number {
  let sum = 0
  for (let d = 0; d < dimension; d++) {
    const difference = (vectors[row * dimension + d] ?? 0) - (centres[centre * dimension + d] ?? 0)
    sum += difference * difference
  }
  return sum
}
