import { createModel, type ModelSettings } from './create.ts'
import { Model } from './model.ts'

/** Options of {@link GLocalK}. The defaults are those of its authors for MovieLens 100K. */
export interface GLocalKOptions {
  /** Start from the authors' settings for other data; what is given beside it stands over them. */
  readonly preset?: 'ml-1m' | 'douban'
  /** Sizes of the hidden layers, from the ratings on, 1 to 4096 each. Default [500, 500]. */
  readonly hidden?: readonly number[]
  /** How a weight falls with the distance of its ends: `max(0, 1 - d²)`, or `exp(-d²)`. Default 'finite'. */
  readonly kernel?: 'finite' | 'gaussian'
  /** Dimensions of the points whose distance it is, 1 to 64. Default 5. */
  readonly kernelDimensions?: number
  /** L2 penalty of the weights, 0 to 10,000: more for more ratings an item (70 for MovieLens 1M). Default 20. */
  readonly weightPenalty?: number
  /** L2 penalty of the kernels' values, which thins them out, 0 to 10,000. Default .006. */
  readonly kernelPenalty?: number
  /**
   * Epochs of the autoencoder alone, 0 to 1048576; all epochs after these are fine-tuning with the global kernel.
   * Default 30.
   */
  readonly pretrainEpochs?: number
  /**
   * Iterations of an epoch of the autoencoder alone, 1 to 10,000; each takes one or two losses and gradients over all
   * ratings. Default 5.
   */
  readonly pretrainIterations?: number
  /** Iterations of an epoch of fine-tuning, 1 to 10,000. Default 5. */
  readonly finetuneIterations?: number
  /** Factor of the global kernel, 0 to 1000 (.5 for MovieLens 1M, 2 for Douban). Default 1. */
  readonly dotScale?: number
  /** Standard deviation of the items' global kernels at the start, 0 to 10. Default .1. */
  readonly globalDeviation?: number
  /** Whether the global kernel starts at the one that changes nothing, give or take the deviation. Default false. */
  readonly identity?: boolean
  /** Whether it learns what damped biases leave of the ratings, instead of the ratings. Default false. */
  readonly center?: boolean
  /** How the parameters are found. Default 'lbfgs'. */
  readonly optimizer?: 'lbfgs' | 'adam'
  /** Step of adam, 1e-7 to 1. Default .001. */
  readonly learningRate?: number
  /** Steps that lbfgs remembers, 1 to 100. Default 10. */
  readonly history?: number
  /** Whether lbfgs forgets them from one epoch to the next. Default true. */
  readonly restart?: boolean
  /**
   * Models to train, from the seed of `fit` and those after it, 1 to 100: their mean predicts, and errs less than any of them.
   * Time, memory and file are as many times as large. Default 1.
   */
  readonly seeds?: number
}

/**
 * GLocal-K (Han et al., CIKM 2021): an autoencoder of items whose weights fade with a learnt distance, then fine-tuned on
 * ratings that a global kernel has smoothed. The most exact of the rating models, and the slowest. Needs ratings.
 *
 * All ratings count at once. `epochs` counts both phases: the first `pretrainEpochs` train the autoencoder alone, so give it
 * more than these; validation then chooses among the others too. `continueFit` goes on in either phase to the same bits,
 * unless lbfgs remembers (`restart: false`) or adam has moments.
 *
 * The global kernel mixes neighbours by number, so results depend on the order of users and items: that of ascending ids.
 */
export class GLocalK extends Model {
  static create(options: GLocalKOptions = {}, settings: ModelSettings = {}): Promise<GLocalK> {
    return createModel('glocal-k', GLocalK, options, settings)
  }
}
