// The benchmark of a model. A model without a file in ../workloads is benched with its default options, on generated data,
// without peers.
import { existsSync } from 'node:fs'
import { generated } from './data.mjs'

/**
 * @typedef {object} Workload
 * @property {string} model
 * @property {Case[]} cases
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {string} title
 * @property {import('./data.mjs').Source} data
 * @property {object} options      of the model; peers read those that they have
 * @property {number} epochs       timed, after one epoch of warm-up
 * @property {number} repetitions  of every engine, interleaved
 * @property {Record<string, number[]>} engines  numbers of threads by engine; `ours` means all of ours
 * @property {Answer} answer      the quality an engine must reach for its time to count
 * @property {{ of: string, over: string, atLeast: number }[]} bars  targets: ratios of speed
 * @property {number} [seconds]    the longest time of a run
 *
 * @typedef {{ metric: string, below?: number, above?: number }} Answer
 * @typedef {{ kind: string, task: 'rating' | 'ranking' }} Kind  as in `describe`
 */

/** @param {Kind} kind @returns {Promise<Workload>} */
export async function workloadOf({ kind: model, task }) {
  const file = new URL(`../workloads/${model}.mjs`, import.meta.url)
  if (existsSync(file)) return (await import(file)).default
  return { model, cases: [{ ...small, answer: SMALL[task], name: 'generated', epochs: 10, repetitions: 5 }] }
}

/** A check of seconds: all installed engines run and agree. @param {Kind} kind @returns {Promise<Workload>} */
export async function smokeOf(kind) {
  const [first] = (await workloadOf(kind)).cases
  const { ours, ...peers } = first.engines
  // A peer's threads may spin for minutes while they wait for each other on busy cores.
  const engines = { ours, ...Object.fromEntries(Object.keys(peers).map((peer) => [peer, [1]])) }
  // A second native build takes longer than everything else.
  const own = { engines, options: first.options, answer: SMALL[kind.task], without: ['native-cpu'] }
  return { model: kind.kind, cases: [{ ...small, ...own }] }
}

const small = {
  name: 'smoke',
  title: '20,000 generated ratings, 500 users × 300 items',
  data: generated({ users: 500, items: 300, ratings: 20_000 }),
  options: {},
  epochs: 9,
  repetitions: 2,
  engines: { ours: [1, 2] },
  bars: [],
  seconds: 20,
}

/** Required quality on the small data: better than the mean rating (RMSE 1.1) and than a random order. */
const SMALL = {
  rating: { metric: 'rmse', below: 1.0 },
  ranking: { metric: 'ndcg@10', above: 0.03 },
}
