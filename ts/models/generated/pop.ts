// Written by scripts/generate.mjs from the options declared in crates. Not to be edited.
import type { Resource } from '../../engine/handle.ts'
import { createResource, type ModelSettings } from '../create.ts'
import { Model } from '../model.ts'

/** {@link Popularity} has no options. */
export type PopularityOptions = Readonly<Record<string, never>>

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
