import { keysOf } from '../arguments.ts'
import type { Dataset } from '../data/dataset.ts'
import type { EvaluateFields } from '../data/generated/options.ts'
import type { Measured } from '../engine/calls.ts'

/** A metric of one list length, such as `ndcg@10`; with `/100neg`, among 100 random items; with `/1-9rows`, of some items. */
type ListMetric =
  `${'ndcg' | 'hr' | 'recall' | 'precision' | 'map' | 'trec-map' | 'coverage' | 'gini' | 'novelty'}@${string}`

/**
 * Names of metrics. Of predicted ratings: `rmse` and `mae`. Of top lists: `ndcg@10`, `hr@10`, `recall@50`, `precision@10`,
 * `map@10`, `mrr`, `auc`, `coverage@10`, `gini@10`, `novelty@10`, and among random items `hr@10/100neg`, `mrr/100neg`.
 * `map@k` is over `min(|R|, k)` for a user with test items `R`, `trec-map@k` over `|R|`, as trec_eval, ranx and RecTools have
 * it; `ndcg@k` is relative to the list with as many test items as possible first. Ties count as middle ranks.
 */
export type MetricName = 'rmse' | 'mae' | 'mrr' | 'auc' | ListMetric | `${'mrr' | 'auc'}/${number}neg` | (string & {})

/** How held-out rows are evaluated. */
export interface EvaluateOptions extends EvaluateFields {
  /**
   * Interactions given to the model as the history of users that it was not trained on. For sequential models also later
   * interactions of known users, such as the validation part, which are appended to their sequences.
   */
  readonly given?: Dataset | undefined
  /** Rows whose items are not ranked for their users, besides those of training: the validation part, for example. */
  readonly exclude?: Dataset | undefined
  /**
   * Names of the metrics to compute, such as `recall@20` or `hr@10/100neg`; or `recall@50/0rows`, `recall@50/1-9rows` and
   * `recall@50/10+rows` of items with that many rows in training; all of one task. Default: every metric of the task, at `k`.
   */
  readonly metrics?: readonly MetricName[] | undefined
  /** Ends the evaluation: `evaluate` rejects with its reason. */
  readonly signal?: AbortSignal | undefined
}

export const EVALUATE_KEYS = keysOf<EvaluateOptions>({
  k: true,
  negatives: true,
  task: true,
  metrics: true,
  given: true,
  exclude: true,
  seed: true,
  perUser: true,
  signal: true,
})

/** Metrics on held-out rows. */
export interface Metrics {
  /** Number of test rows that count. */
  readonly rows: number
  /**
   * Test rows whose user or item has no training rows. Their ratings are predicted from what is known of the other side and
   * count; rankings leave out users that the model does not know.
   */
  readonly cold: number
  /**
   * Test rows whose user and item are a training row: such a test flatters a rating model, and a ranking model does not rank
   * these items. Absent for models without their history, and on validation.
   */
  readonly repeated?: number
  /**
   * Values by the names of metrics. Of predicted ratings `rmse` and `mae`, in rating points. Of top lists, over all items but
   * the user's training items, `ndcg@k`, `hr@k`, `recall@k`, `precision@k`, `map@k`, `mrr`, `auc`, and of the lists
   * as a whole `coverage@k`, `gini@k`, `novelty@k`. `recall@k/a-brows` is the fraction of test rows with items of `a` to `b`
   * training rows that are among the first `k`, 0 where there are no such rows. A metric that no user contributes to is
   * absent.
   */
  readonly values: Readonly<Record<string, number>>
}

/** Metrics with the values of each user. */
export interface PerUserMetrics extends Metrics {
  readonly perUser: UserMetrics
}

/** Metrics of each user. */
export interface UserMetrics {
  /** Ids of the users. */
  readonly users: readonly string[]
  /** Number of test rows of each user. */
  readonly rows: Uint32Array
  /** The value of each user, by the names of metrics that exist for a single user. */
  readonly values: Readonly<Record<string, Float64Array>>
}

/** Metrics as the engine reports them: counts and values in one object. */
export function metricsOf({
  rows,
  cold,
  repeated,
  ...values
}: {
  readonly rows: number
  readonly cold: number
  readonly repeated?: number
}): Metrics {
  return { rows, cold, ...(repeated !== undefined && { repeated }), values }
}

/** Metrics with those of each user. `ids` are the ids of the users of the test data. */
export function perUserMetricsOf(measured: Measured, ids: readonly string[]): PerUserMetrics {
  const { report, users, rows, metrics, values } = measured
  const names: string[] = JSON.parse(metrics)
  const column = (metric: number) => values.slice(metric * users.length, (metric + 1) * users.length)
  return {
    ...metricsOf(JSON.parse(report)),
    perUser: {
      users: Array.from(users, (user) => ids[user] ?? ''),
      rows,
      values: Object.fromEntries(names.map((name, metric) => [name, column(metric)])),
    },
  }
}

/** Whether a metric is an error of predicted ratings: smaller values are better. */
export function isError(metric: string): boolean {
  return metric === 'rmse' || metric === 'mae'
}

/** Whether larger values of a metric are better. */
export function moreIsBetter(metric: string): boolean {
  return !isError(metric) && !metric.startsWith('gini@')
}
