// Options and results of a comparison of models.
import type { SplitOptions } from '../data/dataset.ts'
import type { SplitText } from '../data/split.ts'
import type { ErrorData } from '../errors.ts'
import type { Task } from '../models/describe.ts'
import type { EpochReport, FitOptions } from '../models/fit.ts'
import type { AnyModel } from '../models/generated/kinds.ts'
import type { Kind } from '../models/generated/names.ts'
import type { EvaluateOptions, Metrics } from './metrics.ts'
import type { Interval, PairedTest } from './resampling.ts'

/** A kind of model to compare, with its options. */
export interface Contestant {
  readonly kind: Kind
  /** Its name in the results. Default: its kind. */
  readonly name?: string | undefined
  /** Default: those of the kind. */
  readonly options?: object | undefined
}

/** How models are compared. */
export interface CompareOptions
  extends Pick<FitOptions, 'epochs' | 'patience' | 'metric' | 'validationUsers' | 'signal'> {
  /** Kinds, by name or with options. Default: every kind that has the task; rating models only where the data has ratings. */
  readonly models?: readonly (Kind | Contestant)[] | undefined
  /**
   * The only task to compare on. Default: both. Every model ranks items, rating models by the lower confidence bound of
   * their predictions; they also predict ratings.
   */
  readonly task?: Task | undefined
  /**
   * How data that is not split yet is split. Default: the last row of each user where there are times, otherwise a tenth of
   * the rows. The same rule holds out a validation part unless it says otherwise.
   */
  readonly split?: SplitOptions | SplitText | undefined
  /** Seeds that each model is trained with, on the same split. Results are means over them. Default [0]. */
  readonly seeds?: readonly number[] | undefined
  /**
   * Whether models are trained again on training and validation rows, for the epochs that validation chose. Default true.
   * Models that train in one step have no epochs to choose: they are trained once, on both.
   */
  readonly refit?: boolean | undefined
  /** List lengths of ranking metrics. Default [10, 50, 100]. */
  readonly k?: EvaluateOptions['k']
  /** Negative items sampled per test item, for metrics such as `hr@10/100neg`. Default 0: none. */
  readonly negatives?: number | undefined
  /** Confidence level of the intervals, .01 to .9999. Default .95. */
  readonly level?: number | undefined
  /** Resamples of an interval, 100 to 2^24. Default 2000. */
  readonly resamples?: number | undefined
  /** Permutations of a test, 100 to 2^24. Default 10000. */
  readonly permutations?: number | undefined
  /** Called before a model is trained with one of its seeds, and awaited. */
  readonly onStart?: ((run: CompareRun, model: AnyModel) => void | Promise<void>) | undefined
  /** Called after every epoch, and awaited. */
  readonly onEpoch?: ((run: CompareRun, report: EpochReport) => void | Promise<void>) | undefined
  /** Called with each model after its evaluation, and awaited; then the model is disposed of. */
  readonly onModel?: ((run: CompareRun, model: AnyModel, metrics: Metrics) => void | Promise<void>) | undefined
}

/** One training of a comparison. */
export interface CompareRun {
  /** Name of the model. */
  readonly model: string
  readonly kind: string
  readonly seed: number
  /** Number of this training, from 1. */
  readonly run: number
  /** Number of all trainings. */
  readonly runs: number
}

/** The test of a model against the best one of its table by a metric. */
export interface Significance extends PairedTest {
  /** `p` with Holm's correction for testing every other model against the best by this metric. */
  readonly corrected: number
}

/** The model to use for a task, and the reason. */
export interface Choice {
  /** Its name. */
  readonly model: string
  /** The model with the best mean by the metric of the table. */
  readonly best: string
  /**
   * The models that tie with the best: the confidence interval of the paired difference, over users, contains 0, and the mean is at
   * most 5 % worse, of an error 1 %. The model to use is the one of them, or the best, that trains fastest.
   */
  readonly ties: readonly string[]
  /** The reason as a sentence. */
  readonly reason: string
}

/** The result of a model in a comparison. */
export interface ModelResult {
  /** Its name. */
  readonly model: string
  readonly kind: string
  /** The task that it is trained for. */
  readonly trainedFor: Task
  /** Why there are no results: the error, or `cancelled`. */
  readonly error?: ErrorData
  readonly options: Readonly<Record<string, unknown>>
  /** For a sequential model that was not trained on the validation rows: they are part of its input at test time. */
  readonly input?: 'train+validation'
  /** Seeds of the results below. */
  readonly seeds: readonly number[]
  /** Means over the seeds, by the names of metrics. */
  readonly metrics: Readonly<Record<string, number>>
  /** Bootstrap intervals over users, of the metrics that exist for a single user. */
  readonly intervals: Readonly<Record<string, Interval>>
  /** Against the best model by each metric; absent for the best. */
  readonly significance: Readonly<Record<string, Significance>>
  /** Metrics of the chosen epoch on validation rows, for the first seed; absent for models that train in one step. */
  readonly validation?: Metrics
  /** Number of epochs, for each seed. */
  readonly epochs: readonly number[]
  /** Training time for one seed, choice of epochs and second training included: the mean. */
  readonly seconds: number
  /** Peak memory of training and evaluation beside the data, in bytes. */
  readonly memoryBytes: number
  /** Every epoch of the first seed's training. */
  readonly history: readonly EpochReport[]
}

/** Models on one task, the best first. */
export interface ComparisonTable {
  readonly task: Task
  /** The metric that orders the models. It chose the epochs of models that are trained for the task. */
  readonly metric: string
  /** For each metric, whether larger is better. */
  readonly moreIsBetter: Readonly<Record<string, boolean>>
  /** Name of the best model by each metric. */
  readonly best: Readonly<Record<string, string>>
  /** Number of test rows that count. */
  readonly rows: number
  /** Number of users with test rows. */
  readonly users: number
  /** Number of test rows whose user or item has no training rows. */
  readonly cold: number
  readonly models: readonly ModelResult[]
  /** The model to use; absent where none was measured. */
  readonly choice?: Choice
}

/** Results of several models on one split. */
export interface Comparison {
  /** Number of rows in each part. */
  readonly rows: { readonly train: number; readonly validation: number; readonly test: number }
  readonly refit: boolean
  readonly seeds: readonly number[]
  readonly level: number
  readonly resamples: number
  readonly permutations: number
  readonly tables: readonly ComparisonTable[]
  /** Whether the signal ended it early. */
  readonly aborted: boolean
}
