import { expect, test } from 'vitest'
import { project } from '../../ts/studio/map/pca.ts'

const ROWS = 400
const DIMENSION = 8

/** Rows that differ by 5 along one direction, by 4 along another, and by little along the rest. */
function rows(shift = 0): Float32Array {
  const vectors = new Float32Array(ROWS * DIMENSION)
  for (let row = 0; row < ROWS; row++) {
    const [a, b] = [5 * Math.cos(row * 1.3 + shift), 4 * Math.cos(row * 2.9 + 1)]
    for (let d = 0; d < DIMENSION; d++) {
      const along = d < 4 ? a / 2 : b / 2
      vectors[row * DIMENSION + d] = along + 0.01 * Math.cos(row * 7.1 + d * 3.3) + 100
    }
  }
  return vectors
}

const squares = (xy: Float32Array, axis: number) =>
  Array.from({ length: ROWS }, (_, row) => (xy[row * 2 + axis] ?? 0) ** 2).reduce((sum, each) => sum + each, 0) / ROWS

test('a map has the two directions in which the rows differ most', () => {
  const { xy } = project(rows(), DIMENSION)
  // The mean square of a cosine is a half.
  expect(squares(xy, 0)).toBeCloseTo(25 / 2, 0)
  expect(squares(xy, 1)).toBeCloseTo(16 / 2, 0)
})

test('the next map lies on the one before', () => {
  const first = project(rows(), DIMENSION)
  const next = project(rows(0.01), DIMENSION, first)
  const farthest = Math.max(...next.xy.map((value, index) => Math.abs(value - (first.xy[index] ?? 0))))
  expect(farthest).toBeLessThan(0.1)
})

test('rows that are all equal lie on one point', () => {
  const { xy } = project(new Float32Array(5 * DIMENSION).fill(3), DIMENSION)
  expect([...xy]).toEqual(Array(10).fill(0))
})
