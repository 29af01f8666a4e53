import type { Dataset } from '../data/dataset.ts'
import type { Measured } from '../engine/engine.ts'
import type { RemoteEngine } from '../engine/remote.ts'
import { TastespaceError } from '../errors.ts'
import { sharedEngine } from '../platform/platform.ts'

/** How held-out rows are judged. */
export interface EvaluateOptions {
  /**
   * Rows of people whom the model does not know: they are placed by these, and then judged like others. To a sequential
   * kind also what those whom it knows had since training, such as the validation part: it goes by what came last.
   */
  readonly given?: Dataset
  /** Rows whose items are not ranked for their users, beside those of training: the validation part, say. */
  readonly exclude?: Dataset
  /** Lengths of the lists that ranking metrics look at, each at least 1. Default [10, 50, 100]. */
  readonly k?: readonly number[]
  /**
   * Ranks each test item besides among so many random items that its user did not have, as some papers do: `hr@10/100neg`,
   * `ndcg@10/100neg`, `mrr/100neg`, `auc/100neg`. Not consistent with ranking among all items. Default 0: does not.
   */
  readonly negatives?: number
  /**
   * Names of the metrics to compute, such as `recall@20` or `hr@10/100neg`, or `recall@50/0rows`, `recall@50/1-9rows` and
   * `recall@50/10+rows` of items with so many rows in training. Default: every one of the task, at `k`.
   */
  readonly metrics?: readonly string[]
  /** What the random items follow from, 0 to 2^53 - 1. Default 0. */
  readonly seed?: number
  /** Whether to tell the metrics of each user too. Default false. */
  readonly perUser?: boolean
}

/**
 * Metrics on held-out rows, by name. Rating models: `rmse` and `mae`, in rating points. Ranking models, over all items that
 * the user did not have in training: `ndcg@k`, `hr@k`, `recall@k`, `precision@k`, `map@k`, `mrr`, `auc`, and of the lists as
 * a whole `coverage@k`, `gini@k`, `novelty@k`; among random items `hr@k/100neg`, `ndcg@k/100neg`, `mrr/100neg`, `auc/100neg`;
 * and `recall@k/a-brows`: the part of all test rows whose items had `a` to `b` rows in training that is in the first `k` of
 * their users, 0 where there is no such row.
 */
export interface Metrics {
  /** Rows counted. */
  readonly rows: number
  /**
   * Rows whose user or item has no training rows. Ratings of them are predicted by what is known of the other and count;
   * ranking leaves out users that the model does not know.
   */
  readonly cold: number
  readonly [metric: string]: number
}

/** Metrics, with what they are averages of. */
export interface PerUserMetrics {
  readonly metrics: Metrics
  /** The users who were judged. */
  readonly users: readonly string[]
  /** Test rows of each of `users`. */
  readonly rows: Uint32Array
  /** Of each metric that a user alone has: its value for each of `users`. */
  readonly values: Readonly<Record<string, Float64Array>>
}

/** How figures are drawn anew to see how sure they are. */
export interface ResamplingOptions {
  /** Resamples, or permutations, 100 to 2^24: more of them move the result less. Default 2000. */
  readonly resamples?: number
  /** What the draws follow from, 0 to 2^53 - 1. Default 0. */
  readonly seed?: number
  /** The engine that computes. Default: the one that everything shares. */
  readonly engine?: RemoteEngine
}

/** How an interval is drawn. */
export interface IntervalOptions extends ResamplingOptions {
  /** Part of the resampled figures that the interval holds, .01 to .9999. Default .95. */
  readonly level?: number
}

/** A figure and how sure it is. */
export interface Interval {
  readonly estimate: number
  readonly low: number
  readonly high: number
}

/** What sets two models apart. */
export interface Paired {
  /** The first model's figure less the second's. */
  readonly difference: number
  /** How often chance alone would set them as far apart, 0 to 1: two-sided. */
  readonly p: number
}

/** What `evaluate` measured of one model, or of several runs of it on the same users: of its seeds, say. */
export type Runs = PerUserMetrics | readonly PerUserMetrics[]

/**
 * Bootstrap intervals over users, by percentiles, of each metric that users have. Of several runs it is the mean that the
 * interval is about: who the users are is drawn, what the seeds are is not.
 */
export async function confidenceIntervals(
  runs: Runs,
  { engine, ...options }: IntervalOptions = {},
): Promise<Record<string, Interval>> {
  const { names, values, rows, count } = joined(runs)
  const chosen = engine ?? (await sharedEngine())
  const sent = JSON.stringify({ ...options, metrics: names, runs: count })
  const found = await chosen.call('intervals', values, rows, sent)
  return Object.fromEntries(
    names.map((name, metric) => {
      const [estimate = Number.NaN, low = Number.NaN, high = Number.NaN] = found.subarray(3 * metric, 3 * metric + 3)
      return [name, { estimate, low, high }]
    }),
  )
}

/**
 * Tests each metric for a difference between two models on the same users, by a paired permutation test: were they alike,
 * swapping their values of any user would change nothing. It corrects for nothing: who tests many pairs has to.
 */
export async function pairedTests(
  a: Runs,
  b: Runs,
  { engine, ...options }: ResamplingOptions = {},
): Promise<Record<string, Paired>> {
  const [first, second] = [joined(a), joined(b)]
  if (!sameTexts(first.users, second.users) || !sameTexts(first.names, second.names) || first.count !== second.count) {
    throw new TastespaceError(
      'config/unequal-runs',
      `the two were measured on ${first.users.length} and ${second.users.length} users by ${first.names.length} and ` +
        `${second.names.length} metrics in ${first.count} and ${second.count} runs: a paired test needs the same of both`,
    )
  }
  const { names, rows, count } = first
  const chosen = engine ?? (await sharedEngine())
  const sent = JSON.stringify({ ...options, metrics: names, runs: count })
  const found = await chosen.call('pairedTests', first.values, second.values, rows, sent)
  return Object.fromEntries(
    names.map((name, metric) => {
      const [difference = Number.NaN, p = Number.NaN] = found.subarray(2 * metric, 2 * metric + 2)
      return [name, { difference, p }]
    }),
  )
}

/** Runs as the engine takes them: `values: (runs, metrics, users)`. */
function joined(runs: Runs) {
  const all = 'users' in runs ? [runs] : runs
  const [first] = all
  if (!first) throw new TastespaceError('config/missing', 'there are no runs to draw from', { key: 'runs' })
  const names = Object.keys(first.values)
  const { users, rows } = first
  const values = new Float64Array(all.length * names.length * users.length)
  all.forEach((run, index) => {
    if (!sameTexts(run.users, users)) {
      throw new TastespaceError('config/unequal-runs', 'runs are about the same users: these were measured on others')
    }
    names.forEach((name, metric) => {
      values.set(run.values[name] ?? [], (index * names.length + metric) * users.length)
    })
  })
  return { names, users, rows, values, count: all.length }
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((text, place) => text === b[place]))
}

/** What the engine measured, by outside ids. `ids` are those of the users of the test rows. */
export function perUser({ report, users, rows, metrics, values }: Measured, ids: readonly string[]): PerUserMetrics {
  const names: string[] = JSON.parse(metrics)
  const column = (metric: number) => values.slice(metric * users.length, (metric + 1) * users.length)
  return {
    metrics: JSON.parse(report),
    users: Array.from(users, (user) => ids[user] ?? ''),
    rows,
    values: Object.fromEntries(names.map((name, metric) => [name, column(metric)])),
  }
}
