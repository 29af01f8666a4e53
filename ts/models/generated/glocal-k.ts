// Written by scripts/generate.mjs from the options declared in crates. Not to be edited.
import type { Resource } from '../../engine/handle.ts'
import { UserSimilarityModel } from '../capabilities.ts'
import { createResource, type ModelSettings } from '../create.ts'

/** Options of {@link GLocalK}. */
export interface GLocalKOptions {
  /**
   * A named set of options to start from; other options take precedence over it. `ml-100k`: The authors' settings for
   * MovieLens 100K. `ml-1m`: The authors' settings for MovieLens 1M. `douban`: The authors' settings for Douban.
   */
  readonly preset?: 'ml-100k' | 'ml-1m' | 'douban' | undefined
  /** Sizes of the hidden layers, from the input on. Default [500, 500], range 1 to 4096. */
  readonly hidden?: readonly number[] | undefined
  /**
   * Local kernel of the distance d between the two ends of a weight: `finite` is max(0, 1 - d^2), `gaussian` is
   * exp(-d^2). Default 'finite'.
   */
  readonly kernel?: 'finite' | 'gaussian' | undefined
  /** Dimension of the kernel vectors. Default 5, range 1 to 64. */
  readonly kernelDimensions?: number | undefined
  /** L2 regularization of the weights. Default 20, range 0 to 1e4. */
  readonly weightPenalty?: number | undefined
  /** L2 regularization of the kernel values. Higher values make the layers sparser. Default 0.006, range 0 to 1e4. */
  readonly kernelPenalty?: number | undefined
  /**
   * Epochs that train the autoencoder alone. All later epochs fine-tune it with the global kernel. Default 30, range 0
   * to 1048576.
   */
  readonly pretrainEpochs?: number | undefined
  /**
   * Optimizer iterations in an epoch of pre-training. Each evaluates the loss and gradient over all ratings once or
   * twice. Default 5, range 1 to 1e4.
   */
  readonly pretrainIterations?: number | undefined
  /** Optimizer iterations in an epoch of fine-tuning. Default 5, range 1 to 1e4. */
  readonly finetuneIterations?: number | undefined
  /** Scale of the global kernel. Default 1, range 0 to 1e3. */
  readonly dotScale?: number | undefined
  /**
   * Standard deviation of the initial global kernels, truncated at two standard deviations. Default 0.1, range 0 to 10.
   */
  readonly globalDeviation?: number | undefined
  /** Whether the global kernel starts at the identity plus noise of that deviation. Default false. */
  readonly identity?: boolean | undefined
  /**
   * Base of a prediction, to which the autoencoder's output is added: damped `biases`, the `mean` rating, or `none`, as
   * in the paper. `auto` is `none` from 20 ratings per user and per item on average, and `biases` below; the trained
   * model says which. Default 'auto'.
   */
  readonly center?: 'auto' | 'biases' | 'mean' | 'none' | undefined
  /** Optimizer. Default 'lbfgs'. */
  readonly optimizer?: 'lbfgs' | 'adam' | undefined
  /** Learning rate of `adam`. Default 0.001, range 1e-7 to 1. */
  readonly learningRate?: number | undefined
  /** Steps in the memory of `lbfgs`. Default 10, range 1 to 100. */
  readonly history?: number | undefined
  /** Whether `lbfgs` clears its memory at the start of each epoch. Default true. */
  readonly restart?: boolean | undefined
  /**
   * Number of models to train, from consecutive seeds. Predictions are their mean. Time and memory grow in proportion.
   * Default 1, range 1 to 100.
   */
  readonly seeds?: number | undefined
}

/**
 * GLocal-K: an autoencoder of items with kernelized weights, and a global kernel over the ratings. Han et al., CIKM
 * 2021, arXiv 2108.12184.
 *
 * @example
 * const model = await GLocalK.create()
 * await model.fit(train)
 * const [rating] = await model.predict([['alice', 'matrix']])
 */
export class GLocalK extends UserSimilarityModel {
  override readonly kind = 'glocal-k'

  /**
   * Makes a model that is not trained yet.
   *
   * @throws `config/unknown-key`, `config/wrong-type`, `config/out-of-range`, `config/conflict` for invalid options
   */
  static async create(options: GLocalKOptions = {}, settings: ModelSettings = {}): Promise<GLocalK> {
    return new GLocalK(await createResource('glocal-k', options, settings))
  }

  /** @internal */
  static of(resource: Resource): GLocalK {
    return new GLocalK(resource)
  }
}
