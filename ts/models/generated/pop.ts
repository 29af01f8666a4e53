// Written by scripts/generate.mjs from the options declared in crates. Not to be edited.
import type { Resource } from '../../engine/handle.ts'
import { createResource, type ModelSettings } from '../create.ts'
import { Model } from '../model.ts'

/** Options of {@link Popularity}. */
export interface PopularityOptions {
  /**
   * Age in days at which an interaction has half the weight: `2^(−age / halfLife)`, where age is the time before the
   * latest training interaction. Needs times. A model with this option is not continued, because it keeps no times.
   * Default: equal weights, range 1e-3 to 1e6.
   */
  readonly halfLife?: number | undefined
}

/**
 * Popularity: the most popular items, the same for every user. folklore.
 *
 * @example
 * const model = await Popularity.create()
 * await model.fit(train)
 * const forAlice = await model.recommend('alice', { k: 5 })
 */
export class Popularity extends Model {
  override readonly kind = 'pop'

  /**
   * Makes a model that is not trained yet.
   *
   * @throws `config/unknown-key`, `config/wrong-type`, `config/out-of-range`, `config/conflict` for invalid options
   */
  static async create(options: PopularityOptions = {}, settings: ModelSettings = {}): Promise<Popularity> {
    return new Popularity(await createResource('pop', options, settings))
  }

  /** @internal */
  static of(resource: Resource): Popularity {
    return new Popularity(resource)
  }
}
