import { createModel, type ModelSettings } from './create.ts'
import { Model } from './model.ts'

/** Options of {@link BPR}. Penalties are L2, per update. */
export interface BPROptions {
  /** Length of a user's and an item's vector, 1 to 4096. Default 64. */
  readonly factors?: number
  /** Step of the first epoch, per pair, 1e-6 to 1. Default .1. */
  readonly learningRate?: number
  /** Factor of the step from one epoch to the next, .1 to 1; 1 keeps it. Default .96. */
  readonly learningRateDecay?: number
  /** Penalty of the vectors, 0 to 10. Default .005. */
  readonly penalty?: number
  /** Penalty of the items' biases, 0 to 10. Default .01. */
  readonly biasPenalty?: number
  /** Standard deviation of the vectors' initial values, 0 to 10. Default .1. */
  readonly initialDeviation?: number
}

/**
 * Matrix factorisation for ranking, BPR-MF (Rendle et al. 2009): what a user had is to score higher than what they did not
 * have, `Σ −ln σ(x_ui − x_uj)` over pairs with uniform negatives. Every row counts as a positive.
 */
export class BPR extends Model {
  static create(options: BPROptions = {}, settings: ModelSettings = {}): Promise<BPR> {
    return createModel('bpr', BPR, options, settings)
  }
}
