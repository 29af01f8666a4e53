// Written by scripts/generate.mjs from the options declared in crates/models. Not to be edited.
import type { Resource } from '../../engine/handle.ts'
import { EmbeddingModel } from '../capabilities.ts'
import { createResource, type ModelSettings } from '../create.ts'

/** Options of {@link BiasedMF}. */
export interface BiasedMFOptions {
  /** Length of a user's and an item's vector. Default 64, range 1 to 4096. */
  readonly factors?: number | undefined
  /**
   * How the parameters are found: by single ratings, by mini-batches (adam, adagrad), or by alternating ridge
   * regressions. Default 'sgd'.
   */
  readonly optimizer?: 'sgd' | 'adam' | 'adagrad' | 'als' | undefined
  /**
   * Step of the first epoch: per rating, or per batch (.002 suits adam, .05 adagrad). Not for als. Default 0.007, range
   * 1e-6 to 1.
   */
  readonly learningRate?: number | undefined
  /** Factor of the step from one epoch to the next; 1 keeps it. Default 0.99, range 0.1 to 1. */
  readonly learningRateDecay?: number | undefined
  /** L2 penalty of the vectors, per update. Default 0.09, range 0 to 10. */
  readonly penalty?: number | undefined
  /** L2 penalty of the items' vectors, per update. Default: the value of `penalty`, range 0 to 10. */
  readonly itemPenalty?: number | null | undefined
  /** L2 penalty of the biases, per update. Default 0.05, range 0 to 10. */
  readonly biasPenalty?: number | undefined
  /** L2 penalty of the items' biases, per update. Default: the value of `biasPenalty`, range 0 to 10. */
  readonly itemBiasPenalty?: number | null | undefined
  /** Standard deviation of the vectors' initial values. Default 0.03, range 0 to 10. */
  readonly initialDeviation?: number | undefined
  /** Whether predictions start from the mean rating; biases have to learn it if not. Default true. */
  readonly mean?: boolean | undefined
  /**
   * Whether what a user rated at all counts too, whatever the ratings (SVD++). Needs the optimizer sgd, and one thread
   * trains it. Default false.
   */
  readonly implicit?: boolean | undefined
  /** L2 penalty of the implicit vectors, per update. Default 0.01, range 0 to 10. */
  readonly implicitPenalty?: number | undefined
  /** Ratings of a mini-batch, for adam and adagrad. Default 512, range 1 to 1048576. */
  readonly batchSize?: number | undefined
  /**
   * Whether a mini-batch steps and shrinks all rows, as deep-learning frameworks do, or those that it touches. For adam
   * and adagrad. Default false.
   */
  readonly dense?: boolean | undefined
  /**
   * Models to train, from the seed and those after it; their mean predicts. Time and memory are as many times as much.
   * Default 1, range 1 to 100.
   */
  readonly seeds?: number | undefined
}

/**
 * Biased matrix factorisation: a rating as mean, biases and an inner product. Koren, Bell, Volinsky, IEEE Computer
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
