// Written by scripts/generate.mjs from the options declared in crates. Not to be edited.
import type { Resource } from '../../engine/handle.ts'
import { EmbeddingModel } from '../capabilities.ts'
import { createResource, type ModelSettings } from '../create.ts'

/** Options of {@link IALS}. */
export interface IALSOptions {
  /** Embedding dimension. Default 128, range 1 to 4096. */
  readonly factors?: number | undefined
  /**
   * L2 regularization λ of the embeddings, per weight of the pairs of a user or item (see `penaltyExponent`). Without a
   * penalty and a number of epochs, `fit` trains with 0.6, 1 and 1.5 and keeps the best on validation. With a number of
   * epochs alone it takes 0.6. Default: the best of three, range 1e-6 to 1e6.
   */
  readonly penalty?: number | undefined
  /**
   * Exponent ν of the regularization: a user or item with total weight `w` of its pairs has the penalty `λ w^ν`. 1
   * regularizes per pair, 0 all users and items equally. Default 0.25, range 0 to 2.
   */
  readonly penaltyExponent?: number | undefined
  /**
   * Weight of every pair of a user and an item, toward the score 0, compared with the mean weight 1 of a positive
   * toward the score 1. Default 0.03, range 0 to 100.
   */
  readonly unobservedWeight?: number | undefined
  /**
   * Weight of a positive with rating or count `r`: equal for all (`none`), `1 + confidence · r` (`linear`), or `1 +
   * confidence · ln(1 + r)` (`log`), divided by the mean over the training interactions. Default 'none'.
   */
  readonly weighting?: 'none' | 'linear' | 'log' | undefined
  /** Influence of ratings or counts on the weights. Not used with the weighting `none`. Default 1, range 0 to 1e6. */
  readonly confidence?: number | undefined
  /**
   * How training solves the regression of each user and item: by a few steps of `conjugate-gradient` from the embedding
   * so far, or `exact`, which takes longer. New users are always solved exactly. Default 'conjugate-gradient'.
   */
  readonly solver?: 'conjugate-gradient' | 'exact' | undefined
  /**
   * Steps of conjugate gradient for each user and item in an epoch. Not used with the solver `exact`. Default 3, range
   * 1 to 100.
   */
  readonly solverSteps?: number | undefined
  /** Standard deviation of the initial embeddings times √factors. Default 0.1, range 1e-6 to 10. */
  readonly initialDeviation?: number | undefined
  /**
   * Age in days at which an interaction has half the weight: `2^(−age / halfLife)`, where age is the time before the
   * latest training interaction. Needs times. A model with this option is not continued, because it keeps no times.
   * Default: equal weights, range 1e-3 to 1e6.
   */
  readonly halfLife?: number | undefined
}

/**
 * Implicit ALS: embeddings by weighted least squares over all pairs of a user and an item. Hu, Koren, Volinsky, ICDM
 * 2008; Rendle, Krichene, Zhang, Koren, RecSys 2022.
 *
 * @example
 * const model = await IALS.create()
 * await model.fit(train)
 * const forAlice = await model.recommend('alice', { k: 5 })
 */
export class IALS extends EmbeddingModel {
  override readonly kind = 'ials'

  /**
   * Makes a model that is not trained yet.
   *
   * @throws `config/unknown-key`, `config/wrong-type`, `config/out-of-range`, `config/conflict` for invalid options
   */
  static async create(options: IALSOptions = {}, settings: ModelSettings = {}): Promise<IALS> {
    return new IALS(await createResource('ials', options, settings))
  }

  /** @internal */
  static of(resource: Resource): IALS {
    return new IALS(resource)
  }
}
