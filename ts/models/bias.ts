import { createModel, type ModelSettings } from './create.ts'
import { Model } from './model.ts'

/** Options of {@link Bias}. */
export interface BiasOptions {
  /** Ratings' worth of pull towards zero, 0 to 1e9. Default 5. */
  readonly damping?: number
}

/**
 * The damped bias-only predictor (Koren 2010): `r̂ = μ + b_i + b_u`. Needs ratings. The baseline that a rating model has
 * to beat; one epoch is all it takes.
 */
export class Bias extends Model {
  static create(options: BiasOptions = {}, settings: ModelSettings = {}): Promise<Bias> {
    return createModel('bias', Bias, options, settings)
  }
}
