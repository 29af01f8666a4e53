import { createModel, type ModelSettings } from '../create-model.ts'
import { Model } from '../model.ts'

/** Options of {@link BiasedMF}. */
export interface BiasedMFOptions {
  /** Length of a user's and an item's vector, 1 to 4096. Default 64. */
  readonly factors?: number
  /** Step of the first epoch, per rating, 1e-6 to 1. Default .007. */
  readonly learningRate?: number
  /** Factor of the step from one epoch to the next, .1 to 1; 1 keeps it. Default .99. */
  readonly learningRateDecay?: number
  /** L2 penalty of the vectors, per update, 0 to 10. Default .09. */
  readonly penalty?: number
  /** L2 penalty of the biases, per update, 0 to 10. Default .05. */
  readonly biasPenalty?: number
  /** Standard deviation of the vectors' initial values, 0 to 10. Default .03. */
  readonly initialDeviation?: number
}

/**
 * Biased matrix factorisation (Koren, Bell, Volinsky 2009): a rating as mean, biases and an inner product,
 * `r̂ = μ + b_u + b_i + p_u·q_i`, fitted by stochastic gradient descent. Needs ratings.
 */
export class BiasedMF extends Model {
  static create(options: BiasedMFOptions = {}, settings: ModelSettings = {}): Promise<BiasedMF> {
    return createModel('biased-mf', BiasedMF, options, settings)
  }
}
