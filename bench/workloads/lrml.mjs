// LRML, d = 64, 20 slots, in the paper's form: the same pairs, relations shared with the negative, hinge, ball and optimiser for
// every engine.
import { movieLens100KLast } from '../lib/data.mjs'

const options = {
  factors: 64,
  slots: 20,
  relation: 'shared',
  distance: 'euclidean',
  loss: 'hinge',
  margin: 0.2,
  negatives: 1,
  initialKeyLength: 1,
  initialMemoryLength: 1,
  relationRadius: 0,
  learningRate: 0.05,
  initialAccumulator: 0.05,
  radius: 1,
  batchSize: 1024,
}

/** @type {import('../lib/workload.mjs').Workload} */
export default {
  model: 'lrml',
  cases: [
    {
      name: 'ml-100k',
      title: "MovieLens 100K, each user's last row held out",
      data: movieLens100KLast,
      options,
      epochs: 9,
      repetitions: 7,
      engines: { ours: [1, 2], 'pytorch-lrml': [1, 2] },
      answer: { metric: 'ndcg@10', above: 0.04 },
      bars: [
        { of: 'wasm ×1', over: 'pytorch-lrml ×1', atLeast: 2.5 },
        { of: 'wasm ×2', over: 'wasm ×1', atLeast: 1.5 },
        { of: 'wasm ×1', over: 'native ×1', atLeast: 0.7 },
      ],
    },
  ],
}
