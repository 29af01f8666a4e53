import type { AnyModel, CompareRun, DatasetInfo, Engine, Parts, SeenItems } from '../../index.ts'
import type { Distributions, Example, ListedItem, OwnWeights, Popularity } from '../page/content.ts'
import { randomNumbers } from '../random.ts'
import type { ItemWords } from '../write/layout.ts'
import { ownWeightsOf } from '../write/own-weights.ts'
import { type Memory, memoryOf } from '../write/slots.ts'
import { doublingBins, ratingBins } from './bins.ts'
import { type ItemEmbeddings, itemEmbeddings } from './embeddings.ts'
import { popularityOf } from './popularity.ts'
import { type Similar, similarToPopular } from './similar.ts'
import { itemsOf, usersOf } from './test-rows.ts'
import { type Shown, shownUsers } from './users.ts'

/** Length of the lists and histories that are shown. */
const SHOWN = 10
/** Largest number of users whose lists count for popularity and coverage. */
const MOST_USERS = 10_000

/** What is the same for all models: the users, and what is known of them. */
interface Users {
  readonly shown: readonly (Omit<Example, 'lists'> & { readonly held: ReadonlySet<string> })[]
  /** Indices of the users whose lists count. */
  readonly counted: Uint32Array
  readonly distributions: Distributions
}

/** What a report shows of models, which it reads from each while the model is there. */
export class Recorder {
  /** Titles and genres of the items. */
  readonly items: readonly ItemWords[]
  readonly embeddings: ItemEmbeddings[] = []
  readonly memories: Memory[] = []
  readonly weights: OwnWeights[] = []
  readonly popularity: Popularity[] = []
  readonly similar: (Similar & { readonly model: string })[] = []
  readonly #lists: { readonly model: string; readonly items: readonly (readonly ListedItem[])[] }[] = []
  readonly #titles: ReadonlyMap<string, string>
  #users: Users | undefined

  private constructor(
    private readonly parts: Parts,
    /** The data as it was read. */
    readonly info: DatasetInfo,
    private readonly seed: number,
    items: readonly ItemWords[],
  ) {
    this.items = items
    this.#titles = new Map(items.map(({ id, title }) => [id, title || id]))
  }

  /** `info` describes the whole data; the seed chooses the users of the examples. */
  static async of(parts: Parts, info: DatasetInfo, seed: number): Promise<Recorder> {
    const { train } = parts
    const [ids, titles, genres] = [await train.itemIds(), await train.itemTitles(), await train.itemGenres()]
    const words = ids.map((id, index) => ({ id, title: titles[index] ?? '', genres: genres[index] ?? [] }))
    return new Recorder(parts, info, seed, words)
  }

  /** Reads from a model of a comparison, of the first seed only. An option of `compare`. */
  readonly onModel = async ({ model: name }: CompareRun, model: AnyModel): Promise<void> => {
    if (!this.#lists.some(({ model }) => model === name)) await this.add(name, model)
  }

  /** The engine of the data. */
  get engine(): Engine {
    return this.parts.train.engine
  }

  /** Distributions of the data; undefined before the first model. */
  get distributions(): Distributions | undefined {
    return this.#users?.distributions
  }

  /** The users of the examples with the lists of all models. */
  get examples(): Example[] {
    const users = this.#users?.shown ?? []
    return users.map(({ held: _, ...user }, at) => ({
      ...user,
      lists: this.#lists.map(({ model, items }) => ({ model, items: items[at] ?? [] })),
    }))
  }

  /** Reads what the report holds of a trained model. */
  async add(name: string, model: AnyModel): Promise<void> {
    const seen = await model.seenItems()
    this.#users ??= await this.#usersOf(model, seen)
    const { shown, counted } = this.#users
    this.embeddings.push(...(await itemEmbeddings(name, model)))
    this.memories.push(...(await memoryOf(name, model)))
    this.weights.push(...(await ownWeightsOf(name, model)))
    if (counted.length > 0) this.popularity.push(await popularityOf(name, model, seen, counted))
    const lists = await model.recommend(
      shown.map(({ user }) => user),
      { k: SHOWN },
    )
    const items = lists.map((list, at) => list.map(({ item }) => this.#listed(item, shown[at]?.held)))
    this.#lists.push({ model: name, items })
  }

  /** Reads the items that are similar to popular ones. */
  async addSimilar(name: string, model: AnyModel): Promise<void> {
    const similar = await similarToPopular(model, (item) => this.#titleOf(item))
    this.similar.push(...similar.map((each) => ({ ...each, model: name })))
  }

  async #usersOf(model: AnyModel, { items, ends }: SeenItems): Promise<Users> {
    const [ids, itemIds] = [await model.userIds(), await model.itemIds()]
    const { test } = this.parts
    const tested = test && (await usersOf(test))
    const rowsOf = (user: number) => (ends[user] ?? 0) - (ends[user - 1] ?? 0)
    const trained = ids.map((user, index) => ({ user, index, rows: rowsOf(index) })).filter(({ rows }) => rows > 0)
    const inTest = trained.filter(({ user }) => tested?.has(user))
    // A test part of new users has none that the model was trained on.
    const known = inTest.length > 0 ? inTest : trained
    const shown = shownUsers(known, this.seed)
    const heldOut =
      test &&
      (await itemsOf(
        test,
        shown.map(({ user }) => user),
      ))
    const indices = new Map(known.map(({ user, index }) => [user, index]))
    const exampleOf = ({ user, activity, rows }: Shown) => {
      const index = indices.get(user) ?? 0
      const own = items.subarray(ends[index - 1] ?? 0, ends[index])
      const held = new Set(heldOut?.get(user) ?? [])
      const last = Array.from(own.slice(-SHOWN).reverse(), (item) => this.#listed(itemIds[item] ?? ''))
      return { user, activity, rows, held, history: last, heldOut: [...held].map((item) => this.#listed(item, held)) }
    }
    return {
      shown: shown.map(exampleOf),
      counted: sampled(
        known.map(({ index }) => index),
        this.seed,
      ),
      distributions: {
        ratings: ratingBins(this.info),
        users: doublingBins(ids.map((_, user) => rowsOf(user))),
        items: doublingBins(await model.itemRows()),
      },
    }
  }

  #titleOf(item: string): string {
    return this.#titles.get(item) ?? item
  }

  #listed(item: string, held?: ReadonlySet<string>): ListedItem {
    return { item, title: this.#titleOf(item), heldOut: held?.has(item) ?? false }
  }
}

/** At most so many of the users, by a seed. */
function sampled(users: number[], seed: number): Uint32Array {
  const random = randomNumbers(seed)
  for (let place = 0; place < Math.min(MOST_USERS, users.length); place++) {
    const other = place + Math.floor(random() * (users.length - place))
    const [a = 0, b = 0] = [users[place], users[other]]
    users[place] = b
    users[other] = a
  }
  return Uint32Array.from(users.slice(0, MOST_USERS))
}
