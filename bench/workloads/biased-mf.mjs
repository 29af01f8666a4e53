// Biased matrix factorisation by per-rating SGD, d = 32: the same formula, step, penalties and start for every engine that
// has them. Cornac knows one penalty for vectors and biases, hence one for all.
import { generated, movieLens100K } from '../lib/data.mjs'

const options = {
  factors: 32,
  learningRate: 0.01,
  learningRateDecay: 1,
  penalty: 0.08,
  biasPenalty: 0.08,
  biasDamping: 0,
  initialDeviation: 0.03,
}
const bars = [
  { of: 'wasm ×1', over: 'cornac ×1', atLeast: 0.5 },
  { of: 'wasm ×1', over: 'libmf ×2', atLeast: 1 },
  { of: 'wasm ×2', over: 'cornac ×1', atLeast: 1 },
  { of: 'wasm ×1', over: 'native ×1', atLeast: 0.7 },
]

/** @type {import('../lib/workload.mjs').Workload} */
export default {
  model: 'biased-mf',
  cases: [
    {
      name: 'ml-100k',
      title: 'MovieLens 100K (u1): small tables, in the cache',
      data: movieLens100K,
      options,
      epochs: 39,
      repetitions: 9,
      seconds: 60,
      engines: {
        ours: [1, 2],
        cornac: [1, 2],
        libmf: [1, 2],
        surprise: [1],
        pytorch: [1, 2],
        tfjs: [1],
      },
      // Our own is .9191, the damped biases' .9550. LIBMF has no biases.
      answer: { metric: 'rmse', below: 0.93 },
      bars,
    },
    {
      name: 'generated-5m',
      title: '5 M generated ratings, 100,000 users × 20,000 items: tables larger than the cache',
      data: generated({ users: 100_000, items: 20_000, ratings: 5_000_000 }),
      // Larger steps, so that five epochs are past what biases alone can do.
      options: { ...options, learningRate: 0.03, penalty: 0.05, biasPenalty: 0.05 },
      epochs: 4,
      repetitions: 5,
      seconds: 120,
      // Surprise and TensorFlow.js would take minutes a repetition.
      engines: { ours: [1, 2], cornac: [1, 2], 'cornac-shuffled': [1, 2], libmf: [1, 2], pytorch: [1, 2] },
      // Our own is .905, the damped biases' .956.
      answer: { metric: 'rmse', below: 0.92 },
      bars: [...bars, { of: 'wasm ×2', over: 'wasm ×1', atLeast: 1.5 }],
    },
  ],
}
