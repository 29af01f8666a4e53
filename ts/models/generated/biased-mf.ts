// Written by scripts/generate.mjs from the options declared in crates. Not to be edited.
import type { Resource } from '../../engine/handle.ts'
import { EmbeddingModel } from '../capabilities.ts'
import { createResource, type ModelSettings } from '../create.ts'

/** Options of {@link BiasedMF}. */
export interface BiasedMFOptions {
  /** Embedding dimension. Default 64, range 1 to 4096. */
  readonly factors?: number | undefined
  /**
   * Training algorithm: stochastic gradient descent per rating (`sgd`), mini-batches (`adam`, `adagrad`), or
   * alternating least squares (`als`). Default 'sgd'.
   */
  readonly optimizer?: 'sgd' | 'adam' | 'adagrad' | 'als' | undefined
  /**
   * Learning rate of the first epoch for ratings from 1 to 5, and the equivalent for others: per rating, or per
   * mini-batch (0.002 suits `adam`, 0.05 `adagrad`). Not used by `als`. Default 0.007, range 1e-6 to 1.
   */
  readonly learningRate?: number | undefined
  /** Factor of the learning rate from one epoch to the next. 1 keeps it constant. Default 0.99, range 0.1 to 1. */
  readonly learningRateDecay?: number | undefined
  /**
   * L2 regularization of the embeddings, per update, for ratings from 1 to 5. It grows with the range of the ratings.
   * Default 0.09, range 0 to 10.
   */
  readonly penalty?: number | undefined
  /** L2 regularization of the item embeddings, per update. Default: the value of `penalty`, range 0 to 10. */
  readonly itemPenalty?: number | null | undefined
  /** L2 regularization of the biases, per update. Default 0.05, range 0 to 10. */
  readonly biasPenalty?: number | undefined
  /** L2 regularization of the item biases, per update. Default: the value of `biasPenalty`, range 0 to 10. */
  readonly itemBiasPenalty?: number | null | undefined
  /**
   * Damping of the biases: besides their regularization, a bias is shrunk toward zero as if by this many ratings with
   * no deviation. Not used with `dense`. Default 2, range 0 to 100.
   */
  readonly biasDamping?: number | undefined
  /** Standard deviation of the initial embeddings. Default 0.03, range 0 to 10. */
  readonly initialDeviation?: number | undefined
  /**
   * Groups that users and items are each split into. Blocks of ratings that share no group train at the same time, so
   * this is also the highest useful number of threads, and part of the result. Used by `sgd`. Default 8, range 1 to
   * 256.
   */
  readonly blocks?: number | undefined
  /**
   * Whether predictions include the mean of the training ratings as a fixed offset. Without it the biases learn the
   * offset. Default true.
   */
  readonly mean?: boolean | undefined
  /**
   * Whether the set of items that a user rated, whatever the rating, also contributes (SVD++). Needs the optimizer
   * `sgd`; trains on one thread. Default false.
   */
  readonly implicit?: boolean | undefined
  /** L2 regularization of the implicit embeddings, per update. Default 0.01, range 0 to 10. */
  readonly implicitPenalty?: number | undefined
  /** Ratings in a mini-batch. For `adam` and `adagrad`. Default 512, range 1 to 1048576. */
  readonly batchSize?: number | undefined
  /**
   * Whether a mini-batch updates and regularizes all rows, as deep-learning frameworks do, instead of the rows that it
   * touches. For `adam` and `adagrad`. Default false.
   */
  readonly dense?: boolean | undefined
  /**
   * Number of models to train, from consecutive seeds. Predictions are their mean. Time and memory grow in proportion.
   * Default 1, range 1 to 100.
   */
  readonly seeds?: number | undefined
}

/**
 * Biased matrix factorization: a rating as mean, biases and an inner product. Koren, Bell, Volinsky, IEEE Computer
 * 42(8), 2009.
 *
 * @example
 * const model = await BiasedMF.create()
 * await model.fit(train)
 * const [rating] = await model.predict([['alice', 'matrix']])
 */
export class BiasedMF extends EmbeddingModel {
  override readonly kind = 'biased-mf'

  /**
   * Makes a model that is not trained yet.
   *
   * @throws `config/unknown-key`, `config/wrong-type`, `config/out-of-range`, `config/conflict` for invalid options
   */
  static async create(options: BiasedMFOptions = {}, settings: ModelSettings = {}): Promise<BiasedMF> {
    return new BiasedMF(await createResource('biased-mf', options, settings))
  }

  /** @internal */
  static of(resource: Resource): BiasedMF {
    return new BiasedMF(resource)
  }
}
