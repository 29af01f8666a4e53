import type { FittedModelInfo } from 'tastespace'
import { TastespaceError } from '../errors.ts'
import { Catalogue } from './catalogue.ts'
import { type Boosts, boostsOf, type Passing, passing } from './filter.ts'
import type { ServableModel } from './model.ts'
import type { ItemRow } from './options.ts'
import { Recent } from './recent.ts'
import type { Boost, Filter } from './schemas.ts'
import { type Similarity, similarityOf } from './similarity.ts'

/** Filters and boosts that are remembered with their items. */
const REMEMBERED = 64

/** A model that answers requests, with what is computed once for it. */
export class Served {
  readonly loaded = new Date()
  readonly #filters = new Recent<Passing>(REMEMBERED)
  readonly #boosts = new Recent<Boosts>(REMEMBERED)
  #similarity: Promise<Similarity> | undefined
  #users = 0
  #unused: (() => void) | undefined

  private constructor(
    readonly model: ServableModel,
    readonly info: FittedModelInfo,
    readonly catalogue: Catalogue,
  ) {}

  /** @throws `model/not-fitted`, `config/…` for an invalid table of items */
  static async of(model: ServableModel, items: Iterable<ItemRow>): Promise<Served> {
    const info = await model.info()
    if (!info.fitted) {
      throw new TastespaceError('model/not-fitted', `the ${model.kind} model is not trained yet`, { kind: model.kind })
    }
    return new Served(model, info, await Catalogue.of(model, items))
  }

  /** The items that pass a filter. */
  passing(filter: Filter): Passing {
    return this.#filters.get(JSON.stringify(filter), () => passing(this.catalogue, filter))
  }

  boosts(boost: Boost): Boosts {
    return this.#boosts.get(JSON.stringify(boost), () => boostsOf(this.catalogue, boost))
  }

  /** How similar items are, for diverse lists. */
  similarity(): Promise<Similarity> {
    this.#similarity ??= similarityOf(this.model, this.catalogue)
    // An error is not kept.
    this.#similarity.catch(() => {
      this.#similarity = undefined
    })
    return this.#similarity
  }

  /** Keeps the model in use until the function that it returns is called. */
  use(): () => void {
    this.#users++
    return () => {
      this.#users--
      if (this.#users === 0) this.#unused?.()
    }
  }

  /** Resolves when no request uses the model any more. */
  unused(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#users === 0) resolve()
      else this.#unused = resolve
    })
  }
}
