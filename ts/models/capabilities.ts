// Abilities that only some models have. Each class adds one to the class before. `scripts/generate.mjs` finds the base class of
// each model by trying its abilities.

import { optionsText } from '../arguments.ts'
import type { Id } from '../data/ids.ts'
import { ask } from '../engine/handle.ts'
import type { Embeddings, ScoredItem, ScoredUser, SimilarOptions, Slot, SlotsOptions } from './answers.ts'
import { Model } from './model.ts'
import { named, type SlotByIndex } from './names.ts'
import { embeddings, similarItems, similarUsers } from './queries.ts'

/** A model that compares items with one another. */
export abstract class ItemSimilarityModel extends Model {
  /**
   * The most similar items, most similar first: a list for each of several items, or one list for one item.
   *
   * @example
   * const neighbours = await model.similarItems('matrix', { k: 5 })
   *
   * @throws `model/unknown-item`, `model/not-fitted`, `config/…`
   */
  similarItems(items: readonly Id[], options?: SimilarOptions): Promise<ScoredItem[][]>
  similarItems(item: Id, options?: SimilarOptions): Promise<ScoredItem[]>
  async similarItems(items: Id | readonly Id[], options: SimilarOptions = {}): Promise<ScoredItem[] | ScoredItem[][]> {
    return similarItems(this, items, options)
  }
}

/** A model that compares users with one another too. */
export abstract class UserSimilarityModel extends ItemSimilarityModel {
  /**
   * The most similar users, most similar first: a list for each of several users, or one list for one user.
   *
   * @example
   * const neighbours = await model.similarUsers('alice', { k: 5 })
   *
   * @throws `model/unknown-user`, `model/not-fitted`, `model/unsupported`, `config/…`
   */
  similarUsers(users: readonly Id[], options?: SimilarOptions): Promise<ScoredUser[][]>
  similarUsers(user: Id, options?: SimilarOptions): Promise<ScoredUser[]>
  async similarUsers(users: Id | readonly Id[], options: SimilarOptions = {}): Promise<ScoredUser[] | ScoredUser[][]> {
    return similarUsers(this, users, options)
  }
}

/** A model with embeddings of items. */
export abstract class ItemEmbeddingModel extends UserSimilarityModel {
  /**
   * The embeddings of the items, as a copy.
   *
   * @example
   * const { ids, vectors, dimension } = await model.itemVectors()
   * const first = vectors.subarray(0, dimension)
   *
   * @throws `model/not-fitted`, `model/unsupported`
   */
  itemVectors(): Promise<Embeddings> {
    return embeddings(this, 'items')
  }
}

/** A model with embeddings of users and items in one space. */
export abstract class EmbeddingModel extends ItemEmbeddingModel {
  /**
   * The embeddings of the users, in the space of the items, as a copy.
   *
   * @throws `model/not-fitted`, `model/unsupported`
   */
  userVectors(): Promise<Embeddings> {
    return embeddings(this, 'users')
  }
}

/** A model with a memory of slots. */
export abstract class MemoryModel extends ItemEmbeddingModel {
  /**
   * The slots of the memory, those with the most attention first, with the items, genres and features whose training pairs
   * attend to them.
   *
   * @example
   * for (const { slot, share, words } of await model.slots()) console.log(slot, share, words)
   *
   * @throws `model/not-fitted`, `model/unsupported` for a model that was saved without its history
   */
  async slots(options: SlotsOptions = {}): Promise<Slot[]> {
    const asked = ask(this, 'slots', optionsText('slots', options))
    const [[text, names], userIds] = await Promise.all([named(this, asked), this.userIds()])
    const slots: SlotByIndex[] = JSON.parse(text)
    return slots.map((slot) => names.slot(slot, userIds))
  }
}
