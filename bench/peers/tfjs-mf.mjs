// Biased MF in TensorFlow.js: vectorised mini-batches, the same formula, step and penalties.
//
// The gradients are written out, because the backend has no kernel for the gradient of `gather`: rows of a batch are added
// by `scatterND`, which sums those of one user or item.
import * as tf from '@tensorflow/tfjs-core'
import { run } from './tfjs.mjs'

const BATCH = 4096

await run((job, train, shape) => {
  const { factors, initialDeviation, learningRate, penalty, biasPenalty } = job.options
  const sides = ['users', 'items'].map((ids, side) => ({
    ids,
    vectors: tf.variable(
      tf.randomNormal([shape[side], factors], 0, initialDeviation, 'float32', job.seed * 2 + side + 1),
    ),
    biases: tf.variable(tf.zeros([shape[side], 1])),
  }))
  const mean = train.ratings.reduce((sum, rating) => sum + rating, 0) / train.ratings.length

  /** The user and item rows of a batch of ratings. */
  function looked(columns, from, to) {
    const rows = sides.map(({ ids, vectors, biases }) => {
      const index = tf.tensor1d(columns[ids].subarray(from, to), 'int32')
      return { ids: index, rows: tf.gather(vectors, index), biases: tf.gather(biases, index) }
    })
    return { sides: rows, ratings: columns.ratings.subarray(from, to) }
  }

  function formula({ sides: [user, item] }) {
    return tf.add(tf.sum(tf.mul(user.rows, item.rows), 1), tf.squeeze(tf.add(user.biases, item.biases), [1]))
  }

  function step(table, ids, gradient) {
    table.assign(tf.add(table, tf.scatterND(tf.expandDims(ids, 1), tf.mul(gradient, learningRate), table.shape)))
  }

  function trainEpoch() {
    shuffle(train)
    for (let from = 0; from < train.ratings.length; from += BATCH) {
      tf.tidy(() => {
        const batch = looked(train, from, Math.min(from + BATCH, train.ratings.length))
        const error = tf.expandDims(tf.sub(tf.sub(tf.tensor1d(batch.ratings), mean), formula(batch)), 1)
        for (const [side, { ids, rows, biases }] of batch.sides.entries()) {
          const other = batch.sides[1 - side].rows
          step(sides[side].vectors, ids, tf.sub(tf.mul(error, other), tf.mul(rows, penalty)))
          step(sides[side].biases, ids, tf.sub(error, tf.mul(biases, biasPenalty)))
        }
      })
    }
  }

  return { trainEpoch, predict: (rows) => tf.add(formula(looked(rows, 0, rows.ratings.length)), mean) }
})

function shuffle({ users, items, ratings }) {
  for (let row = ratings.length - 1; row > 0; row--) {
    const other = Math.floor(Math.random() * (row + 1))
    for (const column of [users, items, ratings]) [column[row], column[other]] = [column[other], column[row]]
  }
}
