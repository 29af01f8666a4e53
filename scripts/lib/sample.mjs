// Random samples that follow from a seed.
import { createHash } from 'node:crypto'

/** `count` of the values in random order. A value has a rank by the seed and its `name`, whatever else there is. */
export function sampled(values, count, seed, name = String) {
  const rank = (value) =>
    createHash('sha256')
      .update(`${seed} ${name(value)}`)
      .digest('hex')
  return values.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1)).slice(0, count)
}
