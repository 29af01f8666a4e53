import { createModel, type ModelSettings } from './create.ts'
import { Model } from './model.ts'

/** Options of {@link BiasedMF}. All penalties are L2, per update (per rating, or weight decay with `dense`), 0 to 10. */
export interface BiasedMFOptions {
  /** Length of a user's and an item's vector, 1 to 4096. Default 64. */
  readonly factors?: number
  /**
   * How the parameters are found: by single ratings, by mini-batches (`adam`, `adagrad`), or by alternating ridge
   * regressions. Default 'sgd'.
   */
  readonly optimizer?: 'sgd' | 'adam' | 'adagrad' | 'als'
  /** Step of the first epoch, per rating or per batch, 1e-6 to 1; .002 suits adam, .05 adagrad. Default .007. */
  readonly learningRate?: number
  /** Factor of the step from one epoch to the next, .1 to 1; 1 keeps it. Default .99. */
  readonly learningRateDecay?: number
  /** Penalty of the vectors. Default .09. */
  readonly penalty?: number
  /** Penalty of the items' vectors; null: that of `penalty`. Default null. */
  readonly itemPenalty?: number | null
  /** Penalty of the biases. Default .05. */
  readonly biasPenalty?: number
  /** Penalty of the items' biases; null: that of `biasPenalty`. Default null. */
  readonly itemBiasPenalty?: number | null
  /** Standard deviation of the vectors' initial values, 0 to 10. Default .03. */
  readonly initialDeviation?: number
  /** Whether predictions start from the mean rating; the biases have to learn it if not. Default true. */
  readonly mean?: boolean
  /** Whether what a user rated at all counts too (SVD++). Needs `sgd`; one thread trains it. Default false. */
  readonly implicit?: boolean
  /** Penalty of the implicit vectors. Default .01. */
  readonly implicitPenalty?: number
  /** Ratings of a mini-batch, for adam and adagrad, 1 to 1048576. Default 512. */
  readonly batchSize?: number
  /** Whether a mini-batch steps and shrinks all rows, or those that it touches. For adam and adagrad. Default false. */
  readonly dense?: boolean
  /**
   * Models to train, from the seed of `fit` and those after it, 1 to 100: their mean predicts, and errs less than any of them.
   * Time, memory and file are as many times as large. Default 1.
   */
  readonly seeds?: number
}

/**
 * Biased matrix factorisation (Koren, Bell, Volinsky 2009): a rating as mean, biases and an inner product,
 * `r̂ = μ + b_u + b_i + p_u·q_i`. With `implicit: true` it is SVD++ (Koren 2008), slower and better. Needs ratings.
 */
export class BiasedMF extends Model {
  static create(options: BiasedMFOptions = {}, settings: ModelSettings = {}): Promise<BiasedMF> {
    return createModel('biased-mf', BiasedMF, options, settings)
  }
}
