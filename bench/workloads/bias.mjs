// Damped biases: closed form, so an epoch is the whole of training and another one does the same again.
import { movieLens100K } from '../lib/data.mjs'

/** @type {import('../lib/workload.mjs').Workload} */
export default {
  model: 'bias',
  cases: [
    {
      name: 'ml-100k',
      title: 'MovieLens 100K (u1)',
      data: movieLens100K,
      options: {},
      epochs: 20,
      repetitions: 7,
      engines: { ours: [1] },
      answer: { metric: 'rmse', below: 0.9551 },
      bars: [{ of: 'wasm ×1', over: 'native ×1', atLeast: 0.7 }],
    },
  ],
}
