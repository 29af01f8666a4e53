// Written by scripts/generate.mjs from the options declared in crates/models. Not to be edited.
import type { Resource } from '../../engine/handle.ts'
import { UserSimilarityModel } from '../capabilities.ts'
import { createResource, type ModelSettings } from '../create.ts'

/** Options of {@link GLocalK}. */
export interface GLocalKOptions {
  /**
   * A named set of options to start from; options beside it take precedence. `ml-1m`: The authors' settings for
   * MovieLens 1M. `douban`: The authors' settings for Douban.
   */
  readonly preset?: 'ml-1m' | 'douban' | undefined
  /** Sizes of the hidden layers, from the ratings on. Default [500, 500], range 1 to 4096. */
  readonly hidden?: readonly number[] | undefined
  /** How a weight falls with the distance of its ends: max(0, 1 - d^2), or exp(-d^2). Default 'finite'. */
  readonly kernel?: 'finite' | 'gaussian' | undefined
  /** Dimensions of the points whose distance it is. Default 5, range 1 to 64. */
  readonly kernelDimensions?: number | undefined
  /** L2 penalty of the weights. Default 20, range 0 to 1e4. */
  readonly weightPenalty?: number | undefined
  /** L2 penalty of the kernels' values, which thins them out. Default 0.006, range 0 to 1e4. */
  readonly kernelPenalty?: number | undefined
  /**
   * Epochs of the autoencoder alone; all after these are fine-tuning with the global kernel. Default 30, range 0 to
   * 1048576.
   */
  readonly pretrainEpochs?: number | undefined
  /**
   * Iterations of an epoch of the former; each takes one or two losses and gradients over all ratings. Default 5, range
   * 1 to 1e4.
   */
  readonly pretrainIterations?: number | undefined
  /** Iterations of an epoch of the latter. Default 5, range 1 to 1e4. */
  readonly finetuneIterations?: number | undefined
  /** Factor of the global kernel. Default 1, range 0 to 1e3. */
  readonly dotScale?: number | undefined
  /** Standard deviation of the items' global kernels at the start, cut off at two of it. Default 0.1, range 0 to 10. */
  readonly globalDeviation?: number | undefined
  /** Whether the global kernel starts at the one that changes nothing, give or take the deviation. Default false. */
  readonly identity?: boolean | undefined
  /** Whether it learns what damped biases leave of the ratings, instead of the ratings. Default false. */
  readonly center?: boolean | undefined
  /** How the parameters are found. Default 'lbfgs'. */
  readonly optimizer?: 'lbfgs' | 'adam' | undefined
  /** Step of adam. Default 0.001, range 1e-7 to 1. */
  readonly learningRate?: number | undefined
  /** Steps that lbfgs remembers. Default 10, range 1 to 100. */
  readonly history?: number | undefined
  /** Whether lbfgs forgets them from one epoch to the next. Default true. */
  readonly restart?: boolean | undefined
  /**
   * Models to train, from the seed and those after it; their mean predicts. Time and memory are as many times as much.
   * Default 1, range 1 to 100.
   */
  readonly seeds?: number | undefined
}

/**
 * GLocal-K: an autoencoder of items with kernelised weights, and a global kernel over the ratings. Han et al., CIKM
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
