import { createModel, type ModelSettings } from './create.ts'
import { Model } from './model.ts'

/** Options of {@link ItemKNN}. */
export interface ItemKNNOptions {
  /** Neighbours that are kept of each item, 1 to 100000. Default 30. */
  readonly neighbours?: number
  /** Pull of similarities towards zero, in users: the more, the less a few of them can say. 0 to 1e9. Default 0. */
  readonly shrinkage?: number
}

/**
 * Nearest neighbours of items by the cosine of who had them, shrunk (Deshpande, Karypis 2004). An item's score is the sum of
 * its similarities to what a person had, among the neighbours of each. Every row counts as a positive. One epoch is all it
 * takes; `continueFit` computes it anew from all rows ever.
 */
export class ItemKNN extends Model {
  static create(options: ItemKNNOptions = {}, settings: ModelSettings = {}): Promise<ItemKNN> {
    return createModel('item-knn', ItemKNN, options, settings)
  }
}
