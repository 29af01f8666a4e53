// Collaborative metric learning, d = 64, 20 negatives a pair: the same triplets, weights, penalty, ball and optimiser for every
// engine that has them.
import { movieLens100K } from '../lib/data.mjs'

const options = {
  factors: 64,
  negatives: 20,
  margin: 1.9,
  radius: 1,
  covarianceWeight: 10,
  learningRate: 0.1,
  initialAccumulator: 0.1,
  batchSize: 4096,
}

/** @type {import('../lib/workload.mjs').Workload} */
export default {
  model: 'cml',
  cases: [
    {
      name: 'ml-100k',
      title: 'MovieLens 100K (u1), ratings as implicit feedback',
      data: movieLens100K,
      options,
      epochs: 19,
      repetitions: 7,
      engines: { ours: [1, 2], 'pytorch-cml': [1, 2], lightfm: [1, 2] },
      answer: { metric: 'ndcg@10', above: 0.1 },
      bars: [
        { of: 'wasm ×1', over: 'pytorch-cml ×1', atLeast: 15 },
        { of: 'wasm ×1', over: 'lightfm ×1', atLeast: 1.5 },
        { of: 'wasm ×2', over: 'wasm ×1', atLeast: 1.7 },
        { of: 'wasm ×1', over: 'native ×1', atLeast: 0.7 },
      ],
    },
  ],
}
