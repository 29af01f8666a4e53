// GLocal-K in TensorFlow.js, dense. The gradients are written out: its package for Node registers none.
//
// It has no L-BFGS, and a step of Adam stands for an iteration: an epoch is as many losses and gradients over all ratings as
// L-BFGS takes for its iterations, one each and one more to begin with. The convolution is a product with nine shifted
// copies of the ratings, because the backend has no kernel for the gradient of `conv2d` with respect to its filter.
import * as tf from '@tensorflow/tfjs-core'
import { run } from './tfjs.mjs'

const LEARNING_RATE = 0.003

await run((job, train, [users, items]) => {
  const { hidden, kernelDimensions, weightPenalty, kernelPenalty, dotScale, pretrainEpochs } = job.options
  const { pretrainIterations, finetuneIterations } = job.options
  const [values, known] = [new Float32Array(items * users), new Float32Array(items * users)]
  for (const [row, rating] of train.ratings.entries()) {
    const place = train.items[row] * users + train.users[row]
    values[place] = rating
    known[place] = 1
  }
  const [ratings, mask] = [values, known].map((cells) => tf.tensor2d(cells, [items, users]))
  const shifted = pretrainEpochs > 0 ? undefined : shifts(ratings)

  let seed = job.seed
  const uniform = (shape, limit) => tf.variable(tf.randomUniform(shape, -limit, limit, 'float32', ++seed))
  const truncated = (shape, deviation) => tf.variable(tf.truncatedNormal(shape, 0, deviation, 'float32', ++seed))
  const sizes = [users, ...hidden, users]
  const layers = sizes.slice(1).map((columns, layer) => {
    const rows = sizes[layer]
    return {
      w: uniform([rows, columns], Math.sqrt(6 / (rows + columns))),
      u: truncated([rows, kernelDimensions], 1e-3),
      v: truncated([columns, kernelDimensions], 1e-3),
      b: uniform([columns], Math.sqrt(3 / columns)),
    }
  })
  const itemKernels = truncated([items, 9], 0.1)
  const optimizer = tf.train.adam(LEARNING_RATE)
  let [epoch, fine] = [0, false]

  /** The local kernels: `max(0, 1 − ‖u − v‖²)`, squares and products separately. */
  function kernels() {
    return layers.map(({ u, v }) => {
      const squares = tf.add(tf.sum(tf.square(u), 1, true), tf.sum(tf.square(v), 1))
      return tf.relu(tf.sub(1, tf.sub(squares, tf.mul(2, tf.matMul(u, v, false, true)))))
    })
  }

  /** The input and the output of each layer. */
  function decoded(weights, input) {
    const outputs = [input]
    for (const [layer, weight] of weights.entries()) {
      const sum = tf.add(tf.matMul(outputs[layer], weight), layers[layer].b)
      outputs.push(layer === weights.length - 1 ? sum : tf.sigmoid(sum))
    }
    return outputs
  }

  /** The gradients with respect to each layer's weights and biases, and to the input. */
  function back(weights, outputs, slope) {
    const slopes = []
    for (let layer = weights.length - 1; layer >= 0; layer--) {
      const input = outputs[layer]
      slopes[layer] = { weight: tf.matMul(input, slope, true, false), b: tf.sum(slope, 0) }
      if (layer === 0) return { slopes, slope }
      slope = tf.mul(tf.matMul(slope, weights[layer], false, true), tf.mul(input, tf.sub(1, input)))
    }
  }

  /** The output, and the backward pass from its gradient. */
  function outputs(weights) {
    const first = decoded(weights, ratings)
    if (!fine) return { out: first.at(-1), back: (slope) => ({ slopes: back(weights, first, slope).slopes }) }
    const means = tf.mean(first.at(-1), 1, true)
    const global = tf.mul(dotScale, tf.matMul(means, itemKernels, true, false))
    const convolved = tf.reshape(tf.matMul(shifted, global, false, true), [items, users])
    const second = decoded(weights, tf.relu(convolved))
    const backFrom = (slope) => {
      const late = back(weights, second, slope)
      const input = tf.mul(tf.matMul(late.slope, weights[0], false, true), tf.step(convolved))
      const taps = tf.mul(dotScale, tf.matMul(tf.reshape(input, [1, items * users]), shifted))
      const ofMeans = tf.mul(tf.matMul(itemKernels, taps, false, true), 1 / users)
      const early = back(weights, first, tf.mul(ofMeans, tf.ones([1, users])))
      const slopes = late.slopes.map(({ weight, b }, layer) => ({
        weight: tf.add(weight, early.slopes[layer].weight),
        b: tf.add(b, early.slopes[layer].b),
      }))
      return { slopes, itemKernels: tf.matMul(means, taps) }
    }
    return { out: second.at(-1), back: backFrom }
  }

  /** One loss, its gradients, and an optimizer step. */
  function step() {
    const near = kernels()
    const { out, back } = outputs(near.map((kernel, layer) => tf.mul(layers[layer].w, kernel)))
    const errors = tf.mul(mask, tf.sub(out, ratings))
    const penalties = near.map((kernel, layer) => {
      const weights = tf.mul(weightPenalty, tf.sum(tf.square(layers[layer].w)))
      return tf.add(weights, tf.mul(kernelPenalty, tf.sum(tf.square(kernel))))
    })
    tf.mul(0.5, tf.addN([tf.sum(tf.square(errors)), ...penalties])).dataSync()
    const { slopes, itemKernels: kernelSlopes } = back(errors)
    const gradients = {}
    for (const [layer, { w, u, v, b }] of layers.entries()) {
      const { weight, b: bias } = slopes[layer]
      const kernel = near[layer]
      const open = tf.mul(tf.add(tf.mul(weight, w), tf.mul(kernelPenalty, kernel)), tf.step(kernel))
      const pull = (own, other, along, transposed) =>
        tf.mul(2, tf.sub(tf.matMul(open, other, transposed, false), tf.mul(tf.expandDims(tf.sum(open, along), 1), own)))
      gradients[w.name] = tf.add(tf.mul(weight, kernel), tf.mul(weightPenalty, w))
      gradients[u.name] = pull(u, v, 1, false)
      gradients[v.name] = pull(v, u, 0, true)
      gradients[b.name] = bias
    }
    if (fine) gradients[itemKernels.name] = kernelSlopes
    optimizer.applyGradients(gradients)
  }

  function trainEpoch() {
    fine = epoch++ >= pretrainEpochs
    const iterations = fine ? finetuneIterations : pretrainIterations
    for (let iteration = 0; iteration <= iterations; iteration++) tf.tidy(step)
    return iterations + 1
  }

  function predict({ users: user, items: item }) {
    const places = tf.add(tf.mul(tf.tensor1d(item, 'int32'), tf.scalar(users, 'int32')), tf.tensor1d(user, 'int32'))
    const weights = kernels().map((kernel, layer) => tf.mul(layers[layer].w, kernel))
    return tf.gather(tf.reshape(outputs(weights).out, [items * users]), places)
  }

  return { trainEpoch, predict }
})

/** The ratings shifted to each of the nine positions of a 3 × 3 filter: `(items · users, 9)`. */
function shifts(ratings) {
  return tf.tidy(() => {
    const [items, users] = ratings.shape
    const padded = tf.pad2d(ratings, [
      [1, 1],
      [1, 1],
    ])
    const places = [0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => [row, column]))
    const flat = places.map((place) => tf.reshape(tf.slice2d(padded, place, [items, users]), [items * users]))
    return tf.stack(flat, 1)
  })
}
