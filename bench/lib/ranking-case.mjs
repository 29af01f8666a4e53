import { movieLens100KLast } from './data.mjs'

/**
 * The workload of a ranking model on MovieLens 100K, each user's last row held out, beside its PyTorch peer.
 * @param {string} model @param {object} options @param {number} above  the NDCG@10 that counts as trained
 * @returns {import('./workload.mjs').Workload}
 */
export function besidePyTorch(model, options, above) {
  const peer = `pytorch-${model}`
  const title = "MovieLens 100K, each user's last row held out"
  const engines = { ours: [1, 2], [peer]: [1, 2] }
  const bars = [
    { of: 'wasm ×1', over: `${peer} ×1`, atLeast: 2.5 },
    { of: 'wasm ×2', over: 'wasm ×1', atLeast: 1.5 },
    { of: 'wasm ×1', over: 'native ×1', atLeast: 0.7 },
  ]
  const answer = { metric: 'ndcg@10', above }
  const sizes = { epochs: 9, repetitions: 7 }
  return {
    model,
    cases: [{ name: 'ml-100k', title, data: movieLens100KLast, options, ...sizes, engines, answer, bars }],
  }
}
