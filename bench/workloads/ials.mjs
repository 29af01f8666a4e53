// iALS, d = 64, beside implicit's ALS with its exact solver and with its conjugate gradient: dense, sparse, and larger data.
import { citeULike, generated, movieLens100KLast } from '../lib/data.mjs'

const options = { factors: 64, penalty: 0.6, penaltyExponent: 0.25, unobservedWeight: 0.03 }
const engines = { ours: [1, 2], implicit: [1, 2], 'implicit-cg': [1, 2] }
const bars = [
  { of: 'wasm ×1', over: 'implicit ×1', atLeast: 1 },
  { of: 'wasm ×1', over: 'implicit-cg ×1', atLeast: 1 },
  { of: 'wasm ×2', over: 'wasm ×1', atLeast: 1.5 },
]
const common = { options, engines, bars, epochs: 10, repetitions: 7 }

/** @type {import('../lib/workload.mjs').Workload} */
export default {
  model: 'ials',
  cases: [
    {
      ...common,
      name: 'ml-100k',
      title: "MovieLens 100K, each user's last row held out",
      data: movieLens100KLast,
      answer: { metric: 'ndcg@10', above: 0.055 },
    },
    {
      ...common,
      name: 'citeulike-t',
      title: 'citeulike-t, a tenth held out at random',
      data: citeULike,
      answer: { metric: 'ndcg@10', above: 0.05 },
    },
    {
      ...common,
      name: 'generated-1m',
      title: '1,000,000 generated interactions, 20,000 users × 5,000 items',
      data: generated({ users: 20_000, items: 5_000, ratings: 1_000_000 }),
      answer: { metric: 'ndcg@10', above: 0.03 },
      epochs: 4,
      repetitions: 5,
    },
  ],
}
