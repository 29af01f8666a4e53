import { badArgument, checkCallback, checkKeys, checkSignal, keysOf } from '../arguments.ts'
import { Dataset } from '../data/dataset.ts'
import type { FitFields } from '../data/generated/options.ts'
import { checkSameEngine, type EngineObject } from '../engine/handle.ts'
import { TastespaceError } from '../errors.ts'
import type { MetricName, Metrics } from '../evaluation/metrics.ts'

/** How a model is trained. */
export interface FitOptions extends FitFields {
  /**
   * Number of epochs, at least 1. Default: the kind's largest number, fewer where validation stops improving. Models that are
   * computed in one step have 1 and, without `validation` or `metric`, no validation part.
   */
  readonly epochs?: number | undefined
  /** Rows to validate on after every epoch. The best epoch is kept. */
  readonly validation?: Dataset | undefined
  /** Interactions given to the model as the history of users of `validation` who are not in training. */
  readonly validationGiven?: Dataset | undefined
  /**
   * Number of epochs without improvement on validation that end training, at least 1. Default: the kind's, which a few
   * kinds apply only after a number of training rows: `describe` has both.
   */
  readonly patience?: number | undefined
  /**
   * The metric that chooses the best epoch on validation rows, any that `evaluate` computes for the kind's task:
   * `recall@50`, `hr@10/100neg`, `mae`. Default `rmse` for rating models, `ndcg@10` for ranking models.
   */
  readonly metric?: MetricName | undefined
  /** Trains once more on these rows, for the number of epochs that validation chose. */
  readonly refitOn?: Dataset | undefined
  /**
   * Stops training. The best epoch so far is kept; before the first epoch is done, `fit` rejects with the reason, and a model
   * that was trained before stays as it was.
   */
  readonly signal?: AbortSignal | undefined
  /** Called after every epoch, and awaited. */
  readonly onEpoch?: ((report: EpochReport) => void | Promise<void>) | undefined
}

/** Options of `continueFit`: either `epochs` or `validation` is required. */
export type ContinueOptions = Omit<FitOptions, 'refitOn'>

/** A sample of the users with validation rows, drawn by the seed. */
export interface ValidationSample {
  /** Users in the sample. */
  readonly users: number
  /** Users with validation rows. */
  readonly of: number
}

/** The result of an epoch. */
export interface EpochReport {
  /** `refit` is the second training, on all rows; `continue` continues an earlier training. */
  readonly phase: 'fit' | 'refit' | 'continue'
  /** While validation chooses an option: the value of this training. */
  readonly choice?: Readonly<Record<string, number>>
  /** Number of the epoch, from 1. */
  readonly epoch: number
  /** Largest number of epochs. */
  readonly epochs: number
  /** Training loss, as the kind defines it. */
  readonly loss: number
  /** Ranking models have the metrics that follow from ranks and the one that chooses; `evaluate` computes the others. */
  readonly validation?: Metrics
  /** The users validated on, where these are not all. */
  readonly validationUsers?: ValidationSample
  /** Of the first epoch: metrics on validation of the model before it, where that may be chosen. It is epoch 0. */
  readonly start?: Metrics
  /** The metric that chooses the best epoch. */
  readonly metric: string
  /** The best epoch so far on validation, 0 for the model before the first; without validation the last. */
  readonly bestEpoch: number
  /** Training rows processed; a row counts each time. */
  readonly rows: number
  /** Whether its phase ends with it: all epochs are done, or validation stopped improving. */
  readonly last: boolean
  readonly seconds: number
}

/** The result of training. */
export interface FitReport {
  /** Number of epochs of the model that was kept; 0 if none was better than its start, such as damped biases. */
  readonly epochs: number
  /** The option that validation chose, and its value. */
  readonly chosen?: Readonly<Record<string, number>>
  /** Its metrics on validation; absent without validation. */
  readonly validation?: Metrics
  /** The users validated on, where these are not all. */
  readonly validationUsers?: ValidationSample
  /** Whether it was trained again on all rows. */
  readonly refit: boolean
  /** Why training ended: all epochs were done, validation stopped improving, or the signal was aborted. */
  readonly stopped: 'epochs' | 'patience' | 'aborted'
  readonly seconds: number
  /** Every epoch. Where an option was chosen, those of its value. */
  readonly history: readonly EpochReport[]
}

const CONTINUE_KEYS = keysOf<ContinueOptions>({
  epochs: true,
  validation: true,
  validationGiven: true,
  patience: true,
  metric: true,
  validationUsers: true,
  seed: true,
  signal: true,
  onEpoch: true,
})

export const FIT_KEYS: readonly string[] = [...CONTINUE_KEYS, 'refitOn' satisfies keyof FitOptions]

/** Refuses data that is none, unknown options and invalid counts. The engine checks seed and metric. */
export function checkFit(
  where: 'fit' | 'continueFit',
  model: EngineObject,
  train: Dataset,
  options: FitOptions | ContinueOptions,
): void {
  checkKeys(where, options, where === 'fit' ? FIT_KEYS : CONTINUE_KEYS)
  checkCounts(where, options)
  const { validation, validationGiven, refitOn }: FitOptions = options
  for (const [name, data] of Object.entries({ train, validation, validationGiven, refitOn })) {
    checkData(where, name, model, data, name === 'train')
  }
  checkSignal(where, options.signal)
  checkCallback(where, 'onEpoch', options.onEpoch)
}

/** Refuses numbers of epochs that are none. */
export function checkCounts(where: string, { epochs, patience }: Pick<FitOptions, 'epochs' | 'patience'>): void {
  for (const [key, value] of Object.entries({ epochs, patience })) {
    if (value === undefined || (Number.isInteger(value) && value >= 1)) continue
    const message = `${where} option '${key}' is ${String(value)}: expected an integer from 1`
    throw new TastespaceError('config/out-of-range', message, { kind: where, key, value })
  }
}

/** Refuses what is no data set, or one that lives in another engine than the model. */
export function checkData(where: string, name: string, model: EngineObject, data: unknown, required = false): void {
  if (data === undefined && !required) return
  if (!(data instanceof Dataset)) throw badArgument(where, name, data, 'a Dataset')
  checkSameEngine(model, data)
}
