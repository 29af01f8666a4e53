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

const at = (xy: Float32Array, index: number) => xy[index] ?? 0

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
