import { badArgument, checkKeys, isRecord, jsonText, keysOf } from '../arguments.ts'
import type { ResamplingFields } from '../data/generated/options.ts'
import type { Engine } from '../engine/engine.ts'
import { TastespaceError } from '../errors.ts'
import { engineOf } from '../platform/platform.ts'
import { isTyped } from '../realm.ts'
import type { PerUserMetrics, UserMetrics } from './metrics.ts'

/** How metrics are resampled. */
export interface ResamplingOptions extends Omit<ResamplingFields, 'level'> {
  /** The engine that computes. Default: the shared engine. */
  readonly engine?: Engine | undefined
}

/** How a confidence interval is computed. */
export interface IntervalOptions extends ResamplingOptions, Pick<ResamplingFields, 'level'> {}

const RESAMPLING_KEYS = keysOf<ResamplingOptions>({ resamples: true, seed: true, engine: true })

export const INTERVAL_KEYS = keysOf<IntervalOptions>({ level: true, resamples: true, seed: true, engine: true })

/** A value with its confidence interval. */
export interface Interval {
  readonly estimate: number
  readonly low: number
  readonly high: number
}

/** The result of a paired test of two models. */
export interface PairedTest {
  /** The value of the first model minus that of the second. */
  readonly difference: number
  /** Probability of a difference at least as large if the models were equally good, 0 to 1, two-sided. */
  readonly p: number
}

/** Per-user metrics of one model, or of several runs of it on the same users, with different seeds for example. */
export type Runs = PerUserMetrics | readonly PerUserMetrics[]

/**
 * Bootstrap confidence intervals over users, by percentiles, of each metric that exists for a single user. For several runs
 * the interval is that of their mean: users are resampled, runs are not.
 *
 * @example
 * const metrics = await model.evaluate(test, { perUser: true })
 * const { 'ndcg@10': interval } = await confidenceIntervals(metrics)
 *
 * @throws `config/out-of-range`, `config/unequal-runs` for runs on different users
 */
export async function confidenceIntervals(
  runs: Runs,
  options: IntervalOptions = {},
): Promise<Record<string, Interval>> {
  const { engine, ...rest } = checkKeys('confidenceIntervals', options, INTERVAL_KEYS)
  const { names, values, rows, count } = joined('confidenceIntervals', runs)
  const client = await engineOf(engine)
  const sent = jsonText('confidenceIntervals', { ...rest, metrics: names, runs: count })
  const found = await client.call('resample', 'intervals', values, new Float64Array(), rows, sent)
  return Object.fromEntries(
    names.map((name, metric) => {
      const [estimate = Number.NaN, low = Number.NaN, high = Number.NaN] = found.subarray(3 * metric, 3 * metric + 3)
      return [name, { estimate, low, high }]
    }),
  )
}

/**
 * Paired permutation tests of two models on the same users, one for each metric. The p values are not corrected for several
 * comparisons.
 *
 * @example
 * const [a, b] = [await cml.evaluate(test, { perUser: true }), await ease.evaluate(test, { perUser: true })]
 * const { 'ndcg@10': { difference, p } } = await pairedTests(a, b)
 *
 * @throws `config/out-of-range`, `config/unequal-runs` for runs on different users or with different metrics
 */
export async function pairedTests(
  a: Runs,
  b: Runs,
  options: ResamplingOptions = {},
): Promise<Record<string, PairedTest>> {
  const { engine, ...rest } = checkKeys('pairedTests', options, RESAMPLING_KEYS)
  const [first, second] = [joined('pairedTests', a), joined('pairedTests', b)]
  if (!sameTexts(first.users, second.users) || !sameTexts(first.names, second.names) || first.count !== second.count) {
    throw new TastespaceError(
      'config/unequal-runs',
      `the models were measured on ${first.users.length} and ${second.users.length} users by ${first.names.length} and ` +
        `${second.names.length} metrics in ${first.count} and ${second.count} runs: a paired test needs the same of both`,
    )
  }
  const { names, rows, count } = first
  const client = await engineOf(engine)
  const sent = jsonText('pairedTests', { ...rest, metrics: names, runs: count })
  const found = await client.call('resample', 'paired-tests', first.values, second.values, rows, sent)
  return Object.fromEntries(
    names.map((name, metric) => {
      const [difference = Number.NaN, p = Number.NaN] = found.subarray(2 * metric, 2 * metric + 2)
      return [name, { difference, p }]
    }),
  )
}

/** Runs as the engine takes them: `values: (runs, metrics, users)`. */
function joined(where: string, runs: Runs) {
  const all = (Array.isArray(runs) ? runs : [runs]).map((run) => measuredIn(where, run))
  const [first] = all
  if (!first) throw badArgument(where, 'runs', runs, 'at least one run')
  const names = Object.keys(first.values)
  const { users, rows } = first
  const values = new Float64Array(all.length * names.length * users.length)
  all.forEach((run, index) => {
    if (!sameTexts(run.users, users)) {
      throw new TastespaceError('config/unequal-runs', 'the runs were measured on different users')
    }
    names.forEach((name, metric) => {
      values.set(run.values[name] ?? [], (index * names.length + metric) * users.length)
    })
  })
  return { names, users, rows, values, count: all.length }
}

/** The metrics of each user in what `evaluate` returned. */
function measuredIn(where: string, run: PerUserMetrics): UserMetrics {
  const perUser = isRecord(run) ? run.perUser : undefined
  const whole =
    isRecord(perUser) &&
    Array.isArray(perUser.users) &&
    isTyped(perUser.rows, 'Uint32Array') &&
    isRecord(perUser.values) &&
    Object.values(perUser.values).every(
      (values) => isTyped(values, 'Float64Array') && values.length === perUser.users.length,
    )
  if (perUser && whole) return perUser
  throw badArgument(where, 'run', run, 'what evaluate returns with { perUser: true }')
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((text, index) => text === b[index]))
}
