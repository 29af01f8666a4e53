import { createModel, type ModelSettings } from './create.ts'
import { Model } from './model.ts'

/** Options of {@link EASE}. */
export interface EASEOptions {
  /** L2 penalty of the weights, λ, in users: the more, the less a few of them can say. .1 to 1e9. Default 100. */
  readonly penalty?: number
}

/**
 * EASE (Steck 2019): each item predicted from the others, linearly and in closed form. Every row counts as a positive. It
 * holds a number for every two items, and refuses a catalogue whose square does not fit in memory. One epoch is all it
 * takes; `continueFit` computes it anew from all rows ever.
 */
export class EASE extends Model {
  static create(options: EASEOptions = {}, settings: ModelSettings = {}): Promise<EASE> {
    return createModel('ease', EASE, options, settings)
  }
}
