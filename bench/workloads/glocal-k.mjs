// GLocal-K with its authors' settings for MovieLens 100K, both phases by themselves: an epoch is five iterations of L-BFGS on
// all ratings at once, for every engine.
import { movieLens100K } from '../lib/data.mjs'

const options = {
  center: 'none',
  hidden: [500, 500],
  kernelDimensions: 5,
  weightPenalty: 20,
  kernelPenalty: 0.006,
  pretrainIterations: 5,
  finetuneIterations: 5,
  dotScale: 1,
}

/** A phase of training by itself; `least` is the speed beside PyTorch that is aimed for. */
const phase = (name, title, pretrainEpochs, least) => ({
  data: movieLens100K,
  repetitions: 3,
  engines: { ours: [1, 2], 'pytorch-glocal-k': [1, 2], 'pytorch-glocal-k-own': [1, 2] },
  name,
  title: `MovieLens 100K (u1), ${title}`,
  options: { ...options, pretrainEpochs },
  epochs: 9,
  // PyTorch's own L-BFGS reaches less in as many iterations.
  answer: { metric: 'rmse', below: 1.2 },
  bars: [
    { of: 'wasm ×1', over: 'pytorch-glocal-k ×1', atLeast: least },
    { of: 'wasm ×2', over: 'pytorch-glocal-k ×2', atLeast: 1.5 },
    { of: 'wasm ×1', over: 'native ×1', atLeast: 0.7 },
  ],
})

/** @type {import('../lib/workload.mjs').Workload} */
export default {
  model: 'glocal-k',
  cases: [
    phase('ml-100k-pretrain', 'the autoencoder alone', 100, 1.2),
    phase('ml-100k-finetune', 'with the global kernel', 0, 1.3),
    {
      data: movieLens100K,
      repetitions: 3,
      // TensorFlow.js takes a quarter of a minute where ours takes a second.
      engines: { ours: [1], 'tfjs-glocal-k': [1] },
      without: ['wasm-st', 'native', 'native-cpu'],
      name: 'ml-100k-tensorflow',
      title: 'MovieLens 100K (u1), the autoencoder alone, beside TensorFlow.js',
      options: { ...options, pretrainEpochs: 100 },
      epochs: 1,
      // Few steps learn little; they have to lower the error.
      answer: { metric: 'rmse', below: 2 },
      bars: [{ of: 'wasm ×1', over: 'tfjs-glocal-k ×1', atLeast: 3 }],
    },
  ],
}
