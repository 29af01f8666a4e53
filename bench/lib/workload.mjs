// What is benched for a model. A model of the registry without a file here is benched with its shipped options, our
// engines alone, on generated data.
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
 * @property {number} epochs       that are timed, after one of warm-up
 * @property {number} repetitions  of every engine, interleaved
 * @property {Record<string, number[]>} engines  the numbers of threads of each; `ours` stands for all of ours
 * @property {Answer} answer      what an engine has to reach before its time counts
 * @property {{ of: string, over: string, atLeast: number }[]} bars  ratios of speed that are aimed for
 * @property {number} [seconds]    that a run may take
 *
 * @typedef {{ metric: string, below?: number, above?: number }} Answer
 * @typedef {{ kind: string, task: 'rating' | 'ranking' }} Kind  as `describe` tells it
 */

/** @param {Kind} kind @returns {Promise<Workload>} */
export async function workloadOf({ kind: model, task }) {
  const file = new URL(`../workloads/${model}.mjs`, import.meta.url)
  if (existsSync(file)) return (await import(file)).default
  return { model, cases: [{ ...small, answer: SMALL[task], name: 'generated', epochs: 10, repetitions: 5 }] }
}

/** Seconds long: whether all engines that are there run and agree. @param {Kind} kind @returns {Promise<Workload>} */
export async function smokeOf(kind) {
  const [first] = (await workloadOf(kind)).cases
  const { ours, ...peers } = first.engines
  // A peer's threads may spin while they wait for each other, for minutes where the cores are not all free.
  const engines = { ours, ...Object.fromEntries(Object.keys(peers).map((peer) => [peer, [1]])) }
  // A second native build takes longer than all the rest.
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

/** What the small data asks of each task: more than the mean of all ratings (1.1), or than an order by chance, can do. */
const SMALL = {
  rating: { metric: 'rmse', below: 1.0 },
  ranking: { metric: 'ndcg@10', above: 0.03 },
}
