// AttRec, d = 64, in the paper's form: the same windows, projections, mask, hinge, ball and optimiser for every engine.
import { movieLens100KLast } from '../lib/data.mjs'

const options = {
  factors: 64,
  inputs: 5,
  targets: 3,
  longTerm: 0.3,
  loss: 'hinge',
  margin: 0.5,
  negatives: 1,
  sharedNegatives: false,
  learningRate: 0.05,
  initialAccumulator: 0.05,
  radius: 1,
  batchSize: 1024,
}

/** @type {import('../lib/workload.mjs').Workload} */
export default {
  model: 'attrec',
  cases: [
    {
      name: 'ml-100k',
      title: "MovieLens 100K, each user's last row held out",
      data: movieLens100KLast,
      options,
      epochs: 9,
      repetitions: 7,
      engines: { ours: [1, 2], 'pytorch-attrec': [1, 2] },
      answer: { metric: 'ndcg@10', above: 0.09 },
      bars: [
        { of: 'wasm ×1', over: 'pytorch-attrec ×1', atLeast: 2.5 },
        { of: 'wasm ×2', over: 'wasm ×1', atLeast: 1.5 },
        { of: 'wasm ×1', over: 'native ×1', atLeast: 0.7 },
      ],
    },
  ],
}
