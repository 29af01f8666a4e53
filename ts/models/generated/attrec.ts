// Written by scripts/generate.mjs from the options declared in crates. Not to be edited.
import type { Resource } from '../../engine/handle.ts'
import { ItemEmbeddingModel } from '../capabilities.ts'
import { createResource, type ModelSettings } from '../create.ts'

/** Options of {@link AttRec}. */
export interface AttRecOptions {
  /**
   * A named set of options to start from; other options take precedence over it. `paper`: The paper's settings: 100
   * factors, one negative per target, hinge loss with margin 0.5, AdaGrad.
   */
  readonly preset?: 'paper' | undefined
  /** Embedding dimension. Default 64, range 1 to 4096. */
  readonly factors?: number | undefined
  /** Length of the sequence that attention reads: the user's last items. Default 5, range 1 to 64. */
  readonly inputs?: number | undefined
  /** Next items that each training window predicts. Default 3, range 1 to 64. */
  readonly targets?: number | undefined
  /**
   * Order of a user's interactions: by `time`, or by their position in the file (`rows`), where the file is in order of
   * time. Default 'time'.
   */
  readonly order?: 'time' | 'rows' | undefined
  /** Mixing weight ω of the long-term term. 0 disables the long term, 1 the short term. Default 0.3, range 0 to 1. */
  readonly longTerm?: number | undefined
  /** Whether ω is the same for `all` users or learned for each `user`, starting at `longTerm`. Default 'all'. */
  readonly longTermPer?: 'all' | 'user' | undefined
  /** How the sequence is reduced to one vector: by `self` attention, or as the `mean` of its items. Default 'self'. */
  readonly attention?: 'self' | 'mean' | undefined
  /** Whether queries and keys include the position in the sequence. Default true. */
  readonly timeSignal?: boolean | undefined
  /** How vectors are compared: by squared `distance`, or by inner `product`. Default 'distance'. */
  readonly score?: 'distance' | 'product' | undefined
  /** Negative items sampled per target. Default 3, range 1 to 1024. */
  readonly negatives?: number | undefined
  /** Whether a target is compared with the negatives of all targets of its window. Default true. */
  readonly sharedNegatives?: boolean | undefined
  /** L2 regularization of every row that a mini-batch touches. Default 0, range 0 to 10. */
  readonly penalty?: number | undefined
  /** Dropout probability of the coordinates of queries and keys. Default 0, range 0 to 0.95. */
  readonly dropout?: number | undefined
  /** Radius of the ball that embeddings are clipped to. 0 disables clipping. Default 1, range 0 to 1e3. */
  readonly radius?: number | undefined
  /**
   * Loss: `hinge` penalizes negatives within a margin of the positive, `softmax` is the cross-entropy of the positive
   * among its negatives. Default 'softmax'.
   */
  readonly loss?: 'hinge' | 'softmax' | undefined
  /**
   * Hinge margin: how much larger the distance to a negative must be than the distance to the positive. Default 0.5,
   * range 0 to 100.
   */
  readonly margin?: number | undefined
  /** Softmax temperature, in units of distance. Default 0.2, range 1e-3 to 100. */
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
 * AttRec: the next item, from self-attention over the last items and the user's long-term taste. Zhang, Tay, Yao, Sun,
 * arXiv 1808.06414, 2018.
 *
 * @example
 * const model = await AttRec.create()
 * await model.fit(train)
 * const forAlice = await model.recommend('alice', { k: 5 })
 */
export class AttRec extends ItemEmbeddingModel {
  override readonly kind = 'attrec'

  /**
   * Makes a model that is not trained yet.
   *
   * @throws `config/unknown-key`, `config/wrong-type`, `config/out-of-range`, `config/conflict` for invalid options
   */
  static async create(options: AttRecOptions = {}, settings: ModelSettings = {}): Promise<AttRec> {
    return new AttRec(await createResource('attrec', options, settings))
  }

  /** @internal */
  static of(resource: Resource): AttRec {
    return new AttRec(resource)
  }
}
