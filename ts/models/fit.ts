import type { Dataset } from '../data/dataset.ts'
import { TastespaceError } from '../errors.ts'
import type { Metrics } from '../evaluation/metrics.ts'

/** How a model is trained. */
export interface FitOptions {
  /** Epochs to train, at least 1. Default: as many as the kind tries at most, fewer where validation stops improving. */
  readonly epochs?: number
  /** Rows to validate on after every epoch: the best epoch is kept. */
  readonly validation?: Dataset
  /** Rows of people who are in `validation` and not in training: they are placed by these, and then judged like others. */
  readonly validationGiven?: Dataset
  /** Epochs without a better validation that end training, at least 1. Default: the kind's. */
  readonly patience?: number
  /**
   * The metric that chooses the best epoch on validation rows, any that `evaluate` knows for the kind's task: `recall@50`,
   * `hr@10/100neg`, `mae`. Default `rmse` for rating models, `ndcg@10` for ranking models.
   */
  readonly metric?: string
  /** Trains once more on these rows, for as many epochs as validation chose. */
  readonly refitOn?: Dataset
  /** Everything random follows from it, 0 to 2^53 - 1. Default 0. */
  readonly seed?: number
  /** Stops training. What was best so far is kept; without a whole epoch `fit` rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** Called after every epoch, and waited for. */
  readonly onEpoch?: (report: EpochReport) => void | Promise<void>
}

/** What an epoch came to. */
export interface EpochReport {
  /** `refit` is the second training, on all rows; `continue` goes on from an earlier one. */
  readonly phase: 'fit' | 'refit' | 'continue'
  /** From 1. */
  readonly epoch: number
  /** Epochs there may be at most. */
  readonly epochs: number
  /** Training loss, as the kind defines it. */
  readonly loss: number
  /** Of ranking models those that follow from ranks, and the one that chooses; `evaluate` tells the others. */
  readonly validation: Metrics | undefined
  /** The metric that chooses the best epoch. */
  readonly metric: string
  /** The best epoch so far: on validation, or else the last. */
  readonly bestEpoch: number
  /** Training rows visited, each as often as it was. */
  readonly rows: number
  readonly seconds: number
}

/** What training came to. */
export interface FitReport {
  /** Epochs of the model that was kept. */
  readonly epochs: number
  /** How it did on validation; absent without validation. */
  readonly validation?: Metrics
  /** Whether it was trained again on all rows. */
  readonly refit: boolean
  /** Why it stopped: all epochs were done, validation no longer improved, or the signal was raised. */
  readonly stopped: 'epochs' | 'patience' | 'aborted'
  readonly seconds: number
  readonly history: readonly EpochReport[]
}

const NAMES: ReadonlySet<string> = new Set<keyof FitOptions>([
  'epochs',
  'validation',
  'validationGiven',
  'patience',
  'metric',
  'refitOn',
  'seed',
  'signal',
  'onEpoch',
])

/** Refuses unknown options and counts that are none. The seed is checked by the engine. */
export function checkFitOptions(options: FitOptions): void {
  for (const key of Object.keys(options)) {
    if (NAMES.has(key)) continue
    const accepted = [...NAMES]
    throw new TastespaceError(
      'config/unknown-key',
      `fit has no option '${key}': its options are ${accepted.join(', ')}`,
      {
        kind: 'fit',
        key,
        accepted,
      },
    )
  }
  for (const key of ['epochs', 'patience'] as const) {
    const value = options[key]
    if (value === undefined || (Number.isInteger(value) && value >= 1)) continue
    throw new TastespaceError(
      'config/out-of-range',
      `fit option '${key}' is ${value}: expected a whole number from 1`,
      {
        kind: 'fit',
        key,
        value,
      },
    )
  }
}
