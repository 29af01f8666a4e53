// Written by scripts/generate.mjs from the options declared in crates. Not to be edited.
import type { Resource } from '../../engine/handle.ts'
import { EmbeddingModel } from '../capabilities.ts'
import { createResource, type ModelSettings } from '../create.ts'

/** Options of {@link CML}. */
export interface CMLOptions {
  /** Embedding dimension. Default 64, range 1 to 4096. */
  readonly factors?: number | undefined
  /**
   * Hinge margin: how much larger the squared distance to a negative must be than the squared distance to the positive.
   * Default 1, range 0 to 100.
   */
  readonly margin?: number | undefined
  /** Radius of the ball that contains all embeddings. Default 1, range 1e-3 to 1e3. */
  readonly radius?: number | undefined
  /** Negative items sampled per positive pair. Higher values give a finer rank estimate. Default 20, range 1 to 1e3. */
  readonly negatives?: number | undefined
  /**
   * Distribution of negative items: `uniform`, by `popularity`, or `two-stage`, which prefers popular items that
   * resemble the positive. Default 'uniform'.
   */
  readonly sampling?: 'uniform' | 'popularity' | 'two-stage' | undefined
  /**
   * Exponent of an item's number of interactions in its sampling probability. For `popularity` and `two-stage`. Default
   * 0.75, range 0 to 2.
   */
  readonly popularityExponent?: number | undefined
  /**
   * Age in days at which an interaction counts half in the sampling probability of its item: `2^(−age / halfLife)`,
   * where age is the time before the latest training interaction. For `popularity` and `two-stage`. Needs times. A
   * model with this option is not continued, because it keeps no times. Default: equal weights, range 1e-3 to 1e6.
   */
  readonly halfLife?: number | undefined
  /**
   * Which of the sampled negatives is used: the nearest (`hardest`), the nearest that is farther than the positive
   * (`semi-hard`), or a `random` one. The rank weight `sequential` and the sampling `two-stage` require `hardest`.
   * Default 'hardest'.
   */
  readonly mining?: 'hardest' | 'semi-hard' | 'random' | undefined
  /**
   * Weight of a pair by the estimated rank of its positive: from the fraction of impostors, from the number of samples
   * up to the first impostor, or no weight. Default 'parallel'.
   */
  readonly rankWeight?: 'parallel' | 'sequential' | 'none' | undefined
  /**
   * Weight of the penalty that decorrelates the embedding dimensions. It is divided by the squared number of embeddings
   * in the mini-batch. Default 10, range 0 to 1e12.
   */
  readonly covarianceWeight?: number | undefined
  /**
   * Weight of the squared distance between an item's embedding and the embedding predicted from its features, where the
   * data has features. 0 disables it. Default 10, range 0 to 1e6.
   */
  readonly featureWeight?: number | undefined
  /** Hidden units of the perceptron that predicts embeddings from features. Default 64, range 1 to 4096. */
  readonly featureUnits?: number | undefined
  /** Dropout probability of the perceptron's hidden units. Default 0.2, range 0 to 0.95. */
  readonly featureDropout?: number | undefined
  /** Learning rate of the perceptron, per mini-batch. Default 0.01, range 1e-6 to 10. */
  readonly featureLearningRate?: number | undefined
  /**
   * Norm of the embeddings of items that have features but no interactions, relative to the mean norm of items with
   * interactions. Default 0.85, range 0 to 10.
   */
  readonly placedLength?: number | undefined
  /** Optimizer: `adagrad`, `adam` (with learning rates of 0.001 to 0.01), or `sgd`. Default 'adagrad'. */
  readonly optimizer?: 'adagrad' | 'adam' | 'sgd' | undefined
  /** Learning rate, per mini-batch. Default 0.1, range 1e-6 to 10. */
  readonly learningRate?: number | undefined
  /**
   * Initial value of AdaGrad's sums of squared gradients. Higher values shorten the first steps. Default 0.1, range 0
   * to 1e6.
   */
  readonly initialAccumulator?: number | undefined
  /**
   * Expected norm of the initial embeddings. Their standard deviation is this value divided by the square root of
   * `factors`. Default 1, range 1e-3 to 1e3.
   */
  readonly initialLength?: number | undefined
  /** Training examples in a mini-batch. Default 4096, range 1 to 1048576. */
  readonly batchSize?: number | undefined
}

/**
 * Collaborative metric learning: users and items in one space, where a small distance means a strong preference. Hsieh,
 * Yang, Cui, Lin, Belongie, Estrin, WWW 2017.
 *
 * @example
 * const model = await CML.create()
 * await model.fit(train)
 * const forAlice = await model.recommend('alice', { k: 5 })
 */
export class CML extends EmbeddingModel {
  override readonly kind = 'cml'

  /**
   * Makes a model that is not trained yet.
   *
   * @throws `config/unknown-key`, `config/wrong-type`, `config/out-of-range`, `config/conflict` for invalid options
   */
  static async create(options: CMLOptions = {}, settings: ModelSettings = {}): Promise<CML> {
    return new CML(await createResource('cml', options, settings))
  }

  /** @internal */
  static of(resource: Resource): CML {
    return new CML(resource)
  }
}
