// Written by scripts/generate.mjs from the options declared in crates. Not to be edited.
import type { Resource } from '../../engine/handle.ts'
import { ItemSimilarityModel } from '../capabilities.ts'
import { createResource, type ModelSettings } from '../create.ts'

/** Options of {@link ItemKNN}. */
export interface ItemKNNOptions {
  /** Neighbors kept per item. Default 200, range 1 to 1e5. */
  readonly neighbours?: number | undefined
  /**
   * Shrinkage of similarities toward zero, in users. Higher values need more users to support a similarity. Default 50,
   * range 0 to 1e9.
   */
  readonly shrinkage?: number | undefined
}

/**
 * Nearest neighbors of items by the cosine of their users. Deshpande, Karypis, ACM TOIS 22(1), 2004.
 *
 * @example
 * const model = await ItemKNN.create()
 * await model.fit(train)
 * const forAlice = await model.recommend('alice', { k: 5 })
 */
export class ItemKNN extends ItemSimilarityModel {
  override readonly kind = 'item-knn'

  /**
   * Makes a model that is not trained yet.
   *
   * @throws `config/unknown-key`, `config/wrong-type`, `config/out-of-range`, `config/conflict` for invalid options
   */
  static async create(options: ItemKNNOptions = {}, settings: ModelSettings = {}): Promise<ItemKNN> {
    return new ItemKNN(await createResource('item-knn', options, settings))
  }

  /** @internal */
  static of(resource: Resource): ItemKNN {
    return new ItemKNN(resource)
  }
}
