// Written by scripts/generate.mjs from the options declared in crates. Not to be edited.
import type { Resource } from '../../engine/handle.ts'
import { MemoryModel } from '../capabilities.ts'
import { createResource, type ModelSettings } from '../create.ts'

/** Options of {@link LRML}. */
export interface LRMLOptions {
  /**
   * A named set of options to start from; other options take precedence over it. `paper`: The paper's settings: 100
   * factors, 20 slots, shared relations, one negative, hinge loss with margin 0.2, Adam.
   */
  readonly preset?: 'paper' | undefined
  /** Embedding dimension. Default 64, range 1 to 4096. */
  readonly factors?: number | undefined
  /** Memory slots. Default 20, range 1 to 1024. */
  readonly slots?: number | undefined
  /**
   * Relation used for a negative: `own`, attended for the negative pair, or `shared`, that of the positive pair.
   * Default 'own'.
   */
  readonly relation?: 'shared' | 'own' | undefined
  /**
   * Distance function: `euclidean`, `squared` (Euclidean), or `absolute` (the sum of absolute differences). Default
   * 'squared'.
   */
  readonly distance?: 'euclidean' | 'squared' | 'absolute' | undefined
  /** Negative pairs sampled per positive pair. Default 20, range 1 to 1024. */
  readonly negatives?: number | undefined
  /** Side of the positive pair that a negative replaces. Default 'item'. */
  readonly corrupt?: 'item' | 'user' | 'both' | undefined
  /**
   * Expected norm of the initial memory keys. Small keys start with nearly uniform attention. Default 16, range 1e-3 to
   * 1e3.
   */
  readonly initialKeyLength?: number | undefined
  /** Expected norm of the initial memory values. At 0 all relations start at zero. Default 0.05, range 0 to 1e3. */
  readonly initialMemoryLength?: number | undefined
  /** L2 regularization of every row that a mini-batch touches. Default 0, range 0 to 10. */
  readonly penalty?: number | undefined
  /**
   * Radius of the ball that user and item embeddings are clipped to. 0 disables clipping. Default 1, range 0 to 1e3.
   */
  readonly radius?: number | undefined
  /** Radius of the ball that relations are clipped to. 0 disables clipping. Default 0.1, range 0 to 1e3. */
  readonly relationRadius?: number | undefined
  /**
   * Largest norm of a mini-batch's gradient, divided by the number of pairs. 0 disables clipping. Default 0, range 0 to
   * 1e6.
   */
  readonly gradientClip?: number | undefined
  /**
   * Loss: `hinge` penalizes negatives within a margin of the positive, `softmax` is the cross-entropy of the positive
   * among its negatives. Default 'softmax'.
   */
  readonly loss?: 'hinge' | 'softmax' | undefined
  /**
   * Hinge margin: how much larger the distance to a negative must be than the distance to the positive. Default 0.2,
   * range 0 to 100.
   */
  readonly margin?: number | undefined
  /** Softmax temperature, in units of distance. Default 0.4, range 1e-3 to 100. */
  readonly temperature?: number | undefined
  /** Distribution of negative samples: `uniform`, or by `popularity`. Default 'uniform'. */
  readonly sampling?: 'uniform' | 'popularity' | undefined
  /**
   * Exponent of the number of interactions in the sampling probability. For `popularity`. Default 0.75, range 0 to 2.
   */
  readonly popularityExponent?: number | undefined
  /**
   * Age in days at which an interaction counts half in the sampling probability: `2^(−age / halfLife)`, where age is
   * the time before the latest training interaction. For `popularity`. Needs times. A model with this option is not
   * continued, because it keeps no times. Default: equal weights, range 1e-3 to 1e6.
   */
  readonly halfLife?: number | undefined
  /** Optimizer: `adagrad`, `adam` (with learning rates of 0.001 to 0.01), or `sgd`. Default 'adagrad'. */
  readonly optimizer?: 'adagrad' | 'adam' | 'sgd' | undefined
  /** Learning rate, per mini-batch. Default 0.05, range 1e-6 to 10. */
  readonly learningRate?: number | undefined
  /**
   * Initial value of AdaGrad's sums of squared gradients. Higher values shorten the first steps. Default 0.05, range 0
   * to 1e6.
   */
  readonly initialAccumulator?: number | undefined
  /**
   * Expected norm of the initial embeddings. Their standard deviation is this value divided by the square root of
   * `factors`. Default 1, range 1e-3 to 1e3.
   */
  readonly initialLength?: number | undefined
  /** Training examples in a mini-batch. Default 1024, range 1 to 1048576. */
  readonly batchSize?: number | undefined
}

/**
 * Latent relational metric learning: a relation from user to item, by attention over memory slots. Tay, Luu, Hui, WWW
 * 2018, arXiv 1707.05176.
 *
 * @example
 * const model = await LRML.create()
 * await model.fit(train)
 * const forAlice = await model.recommend('alice', { k: 5 })
 */
export class LRML extends MemoryModel {
  override readonly kind = 'lrml'

  /**
   * Makes a model that is not trained yet.
   *
   * @throws `config/unknown-key`, `config/wrong-type`, `config/out-of-range`, `config/conflict` for invalid options
   */
  static async create(options: LRMLOptions = {}, settings: ModelSettings = {}): Promise<LRML> {
    return new LRML(await createResource('lrml', options, settings))
  }

  /** @internal */
  static of(resource: Resource): LRML {
    return new LRML(resource)
  }
}
