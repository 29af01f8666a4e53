// Written by scripts/generate.mjs from the options declared in crates. Not to be edited.
import type { Resource } from '../../engine/handle.ts'
import { ItemSimilarityModel } from '../capabilities.ts'
import { createResource, type ModelSettings } from '../create.ts'

/** Options of {@link EASE}. */
export interface EASEOptions {
  /**
   * L2 regularization λ of the item weights, in users. Higher values need more users to support a weight. Default 250,
   * range 0.1 to 1e9.
   */
  readonly penalty?: number | undefined
}

/**
 * EASE: a linear model that predicts each item from the others, in closed form. Steck, WWW 2019.
 *
 * @example
 * const model = await EASE.create()
 * await model.fit(train)
 * const forAlice = await model.recommend('alice', { k: 5 })
 */
export class EASE extends ItemSimilarityModel {
  override readonly kind = 'ease'

  /**
   * Makes a model that is not trained yet.
   *
   * @throws `config/unknown-key`, `config/wrong-type`, `config/out-of-range`, `config/conflict` for invalid options
   */
  static async create(options: EASEOptions = {}, settings: ModelSettings = {}): Promise<EASE> {
    return new EASE(await createResource('ease', options, settings))
  }

  /** @internal */
  static of(resource: Resource): EASE {
    return new EASE(resource)
  }
}
